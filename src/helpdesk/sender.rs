//! Who wrote a ticket: the person behind the address it came from, or why there is none.

use std::sync::Arc;

use crate::domain::person::{Directory, Person};

/// Whom a ticket is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// Somebody who works here.
    Known(Arc<Person>),
    /// Somebody who has left.
    Left,
    /// An address of ours that is no person's.
    Shared,
    /// Nobody the directory knows.
    Unknown,
    /// It does not say.
    Unsaid,
}

impl Sender {
    /// The rule that looked no further.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Known(_) => "sender.known",
            Self::Left => "sender.left",
            Self::Shared => "sender.shared",
            Self::Unknown => "sender.unknown",
            Self::Unsaid => "sender.unsaid",
        }
    }

    /// Why no record was looked at.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::Known(_) => "the directory knows who wrote it",
            Self::Left => "the directory says that whoever wrote it has left; no record was looked at",
            Self::Shared => {
                "the address is one of ours but no person's, as a shared mailbox has it; whose sign-ins are meant is not known"
            }
            Self::Unknown => "the directory knows nobody of this address; no record was looked at",
            Self::Unsaid => "the ticket does not say who wrote it; no record was looked at",
        }
    }
}

/// The address in a mail's sender: `"Ana Kovač" <ana@x.example>` is `ana@x.example` (RFC 5322 §3.4). What stands before it proves nothing.
fn address(from: &str) -> &str {
    let from = from.trim();
    let inside = from.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')).map_or(from, |(_, inside)| inside);
    let inside = inside.trim();
    inside
        .get(..7)
        .filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
        .map_or(inside, |_| inside.get(7..).unwrap_or(inside))
}

/// Whom a ticket is from, as far as the directory tells. A sender can be forged: what follows from it goes to the directory's address alone.
#[must_use]
pub fn of(from: Option<&str>, directory: &Directory) -> Sender {
    let Some(from) = from.map(address).filter(|f| !f.is_empty()) else { return Sender::Unsaid };
    let known = directory.iter().find(|p| p.id.as_str() == from || p.email.eq_ignore_ascii_case(from));
    match known {
        Some(person) if person.is_employed() => Sender::Known(Arc::clone(person)),
        Some(_) => Sender::Left,
        None => {
            let domain = |mail: &str| mail.rsplit_once('@').map(|(_, d)| d.to_lowercase());
            let ours =
                domain(from).is_some_and(|d| directory.iter().any(|p| domain(&p.email).is_some_and(|of| of == d)));
            if ours { Sender::Shared } else { Sender::Unknown }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::model::Catalog;
    use crate::catalog::source::Source;

    #[test]
    fn senders_are_told_apart_and_names_before_the_address_prove_nothing() {
        let catalog = Catalog::load(&Source::Example, jiff::civil::date(2026, 11, 20)).unwrap();
        let of = |from: &str| of(Some(from), &catalog.directory);
        let ana = |sender: Sender| matches!(&sender, Sender::Known(p) if p.id.as_str() == "ana.kovac");
        for from in [
            "ana.kovac",
            "Ana.Kovac@quillmere.example",
            "\"Ana Kovač\" <ana.kovac@quillmere.example>",
            "Ana Kovač <Ana.Kovac@quillmere.example>",
            " <mailto:ana.kovac@quillmere.example> ",
        ] {
            assert!(ana(of(from)), "{from}: {:?}", of(from));
        }
        assert_eq!(of("Ana Kovač <ana.kovac@quillmere.example.evil.test>"), Sender::Unknown);
        assert_eq!(of("\"ana.kovac@quillmere.example\" <x@evil.test>"), Sender::Unknown);
        assert_eq!(of("Front desk <frontdesk@quillmere.example>"), Sender::Shared);
        assert_eq!(super::of(None, &catalog.directory), Sender::Unsaid);
        assert_eq!(of("  "), Sender::Unsaid);
        let left = catalog.directory.iter().find(|p| !p.is_employed()).unwrap();
        assert_eq!(of(&left.email), Sender::Left);
        let rules: std::collections::BTreeSet<&str> =
            [Sender::Left, Sender::Shared, Sender::Unknown, Sender::Unsaid].iter().map(Sender::rule).collect();
        assert_eq!(rules.len(), 4);
    }
}
