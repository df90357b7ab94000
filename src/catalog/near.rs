//! Names that are nearly what somebody wrote: one slip of a key away, or alike enough to be meant. Everything that asks back "did you
//! mean …?" asks here.

use std::collections::BTreeMap;

/// How like a name has to be before it is offered, of 1 (Jaro-Winkler: letters in common, a common beginning counts more).
const LIKE: f64 = 0.84;

/// From here on it is the name itself, and no other stands beside it.
const SAME: f64 = 0.999;

/// How many names are offered.
const MOST: usize = 3;

/// The known name that is a slip or two away: two letters added, left out, changed or swapped, or a fifth of a long name.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let best = known.into_iter().map(|k| (strsim::damerau_levenshtein(k, written), k)).min();
    best.filter(|(distance, _)| *distance <= 2.max(written.len() / 5)).map(|(_, meant)| meant)
}

/// At most three known names that may be meant, the likest first. Each comes with a spelling it is known by, and may come with several.
pub fn alike<'a, S: AsRef<str>>(written: &str, known: impl IntoIterator<Item = (S, &'a str)>) -> Vec<&'a str> {
    let mut best: BTreeMap<&str, f64> = BTreeMap::new();
    for (spelling, name) in known {
        let like = strsim::jaro_winkler(spelling.as_ref(), written);
        if like >= LIKE {
            let so_far = best.entry(name).or_insert(like);
            *so_far = so_far.max(like);
        }
    }
    let mut near: Vec<(f64, &str)> = best.into_iter().map(|(name, like)| (like, name)).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let most = if near.first().is_some_and(|(like, _)| *like >= SAME) { 1 } else { MOST };
    near.into_iter().take(most).map(|(_, name)| name).collect()
}

/// The question that goes with a mistake: "did you mean `a`, `b` or `c`?". Nothing where nobody is near.
#[must_use]
pub fn did_you_mean<S: AsRef<str>>(names: &[S]) -> Option<String> {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    let (last, before) = quoted.split_last()?;
    let listed = if before.is_empty() { last.clone() } else { format!("{} or {last}", before.join(", ")) };
    Some(format!("did you mean {listed}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_seen_and_another_word_is_not() {
        let known = ["privilege", "tier", "owner"];
        assert_eq!(nearest("privelege", known), Some("privilege"));
        assert_eq!(nearest("teir", known), Some("tier"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("anything", []), None);
    }

    #[test]
    fn those_alike_come_in_order_each_once() {
        let known = ["security", "security-leads", "secretaries", "finance", "security"].map(|k| (k, k));
        assert_eq!(alike("securty", known), ["security", "security-leads"]);
        assert_eq!(alike("security", known), ["security"], "the name itself needs no other beside it");
        assert!(alike("zzqx", known).is_empty());
        let spelled = [("ana kovac".to_owned(), "ana.kovac"), ("ana.kovac".to_owned(), "ana.kovac")];
        assert_eq!(alike("ana kovac", spelled), ["ana.kovac"], "known by name and by id, offered once");
    }

    #[test]
    fn the_question_reads_as_one() {
        assert_eq!(did_you_mean::<&str>(&[]), None);
        assert_eq!(did_you_mean(&["a"]).unwrap(), "did you mean `a`?");
        assert_eq!(did_you_mean(&["a", "b", "c"]).unwrap(), "did you mean `a`, `b` or `c`?");
    }
}
