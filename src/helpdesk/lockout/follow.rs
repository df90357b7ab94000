//! What a short word is about once sign-ins were explained: "when does it end?", "from where?", "are you sure?", "that's not my phone".
//!
//! Such words name nothing of their own. Every one of them is a word of the small tables below; a single other word ("how long does the
//! approval take?") makes it a sentence that stands by itself, and it is left to the interpreter.

use crate::helpdesk::lockout::whose_words::among;
use crate::understanding::normalise::fold;

/// What is wanted of the last answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    /// Until when it lasts, or whether it still does.
    Until,
    /// The same once more: since when, how many.
    More,
    /// From where it came and with what.
    Source,
    /// What the answer rests on.
    Proof,
    /// What it said to do did not help.
    NotHelped,
    /// Device, place or tries are not the speaker's.
    NotMine,
}

/// The most words such a sentence has.
const MOST_WORDS: usize = 14;

/// Words that hold sentences together, and those of the speaker and of "it".
const PLAIN: &str = " a an and the so but then well ok okay hm hmm oh please to of for on in at by from with into out up back about as if or i im ive id me \
    my mine own it its is isnt are arent am was wasnt were werent be been being do does did dont doesnt didnt done can could cant cannot couldnt will \
    would wont has have had havent hasnt hadnt that thats this these those there they them theyre you your he she what whats which when where how \
    why who whose much many more just now yet still again any some all not no nope never nothing none really even at all only also already right here \
    next today tomorrow soon far behind too very then than way ";
/// Of the end.
const END: &str = " end ends ended ending over last lasts long longer until till unlock unlocks unlocked open opens opened expire expires lift lifted \
    free wait waiting finish finished finishes take takes stop stops clear clears ";
/// Of being kept out and getting in.
const SHUT: &str = " lock locked lockout locks blocked block shut suspended out in sign signin login log logon logged signed get got getting account access \
    work ";
/// Of beginnings and numbers.
const MORE: &str = " start started begin began first time times happen happened happens often since failures failed wrong attempts attempt tries try \
    tried passwords password ";
/// Things that people sign in with, and places.
const SOURCES: &str = " device devices computer computers pc laptop laptops phone phones mobile iphone ipad android tablet mac machine machines browser \
    chrome firefox edge safari app apps program application applications system address addresses ip ips place places country city location locations \
    network came come comes coming used from somewhere elsewhere server ";
/// Of proof and doubt.
const PROOF: &str = " know knows tell tells sure certain positive prove proof proofs receipt receipts evidence record records recorded entry entries event \
    events source sources based show shows see say says said wrong right true false correct incorrect mistake mistaken error possible impossible \
    believe think claim list give details log logs rest rests basis real really say made making sense lie lying ";
/// Of what came of it.
const RESULT: &str = " help helps helped helping work works worked working luck same change changed changes fix fixed fixes solve solved better difference \
    effect did tried try problem issue useless ";
/// Of what belongs to whom.
const BELONGS: &str = " own owns recognise recognize know use used using possess sitting wasnt never ever belong belongs mine unknown strange stranger ";

/// What these words want of the last answer; `None` where they say something of their own.
#[must_use]
pub fn read(words: &str) -> Option<Follow> {
    let folded = fold(words).replace(['\'', '’', '`'], "");
    let all: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let number = |w: &str| w.chars().all(|c| c.is_ascii_digit());
    let tables = [PLAIN, END, SHUT, MORE, SOURCES, PROOF, RESULT, BELONGS];
    let known = |w: &&str| number(w) || tables.iter().any(|t| among(t, w));
    if all.is_empty() || all.len() > MOST_WORDS || !all.iter().all(known) {
        return None;
    }
    let says = |list: &str| all.iter().any(|w| among(list, w));
    let said = format!(" {} ", all.join(" "));
    let has = |phrases: &[&str]| phrases.iter().any(|p| said.contains(&format!(" {p} ")));
    let no = says(
        " not no isnt wasnt arent werent dont didnt doesnt never none nothing havent cant cannot wont couldnt nope ",
    );
    let begins = |list: &str| {
        let first = all.iter().find(|w| !among(" and so but then well ok okay hm hmm oh please ", w));
        first.is_some_and(|w| among(list, w))
    };
    let question = words.trim_end().ends_with('?');

    // "I don't own an iPhone", "that isn't my phone", "I was never there".
    let foreign = has(&["not mine", "isnt mine", "arent mine", "werent mine", "wasnt mine", "not my own"])
        || has(&["not my", "isnt my", "arent my", "wasnt my", "werent my"]) && (says(SOURCES) || says(MORE))
        || no
            && says(SOURCES)
            && says(" own recognise recognize know use used have there in ")
            && says(" i im ive ")
            && !says(" work works log sign get help ");
    if foreign && !begins(" how why what when where which who ") {
        return Some(Follow::NotMine);
    }
    // "How do you know?", "prove it", "that can't be right", "show me the entries behind it".
    let doubt = has(&[
        "how do you know",
        "how can you know",
        "how would you know",
        "how can you tell",
        "how do you tell",
        "how could you know",
        "how can you say",
        "are you sure",
        "you sure",
        "are you certain",
        "are you positive",
        "is that true",
        "is that right",
        "is that correct",
        "is that so",
        "is this true",
        "thats wrong",
        "that is wrong",
        "this is wrong",
        "its wrong",
        "you are wrong",
        "thats false",
        "thats not true",
        "thats not right",
        "thats not correct",
        "thats incorrect",
        "that is not true",
        "that is not right",
        "that isnt true",
        "that isnt right",
        "that wasnt it",
        "cant be right",
        "cannot be right",
        "cant be true",
        "cannot be true",
        "cant be",
        "thats not possible",
        "that is not possible",
        "thats impossible",
        "that is impossible",
        "a mistake",
        "dont believe",
        "do not believe",
        "makes no sense",
        "based on",
    ]);
    let receipts = says(" prove proof proofs receipt receipts evidence ")
        || says(" record records entry entries event events source sources log logs details ")
            && (says(" show see give list what which where tell ") || question);
    if doubt || receipts {
        return Some(Follow::Proof);
    }
    let still_out = says(" still ")
        && (says(" locked blocked shut suspended cant cannot couldnt nothing same ")
            || no && says(RESULT)
            || no && says(SHUT));
    let asks = question || begins(" am is are can was will when how until since what which where do does did who ");
    // "That did nothing", "I tried it and it still doesn't work".
    let vain = no && says(" help helps helped helping luck change effect difference fix fixed solve solved better ")
        || no && says(" work works worked working ") && says(" it that this did tried still ")
        || has(&["did nothing", "does nothing", "still nothing", "the same", "still same", "no use", "useless"])
        || still_out;
    if vain && !asks {
        return Some(Follow::NotHelped);
    }
    let source = says(SOURCES) && (begins(" which what where who whose from was is how ") || question);
    if source
        || has(&["where from", "from where"])
        || matches!(all.as_slice(), ["where"] | ["from", "where"] | ["where", "from"])
    {
        return Some(Follow::Source);
    }
    let since =
        has(&["since when", "how many", "how often", "how many times", "what happened", "and then", "first time"])
            || says(" start started begin began ") && says(" when how what ");
    if since && !says(" end ends over until longer ") {
        return Some(Follow::More);
    }
    let until = says(" when until till long longer soon over ") && (says(END) || says(SHUT));
    let now = asks
        && !begins(" how why who what ")
        && (says(" still again yet now over unlocked open "))
        && (says(SHUT) || says(END));
    (until && asks || now || has(&["how long", "how much longer", "until when", "for how long", "still locked"]))
        .then_some(Follow::Until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_of_its_own_is_about_the_last_answer() {
        for (words, follow) in [
            ("Until when?", Follow::Until),
            ("so when is it over", Follow::Until),
            ("how much longer will that be?", Follow::Until),
            ("is it open again?", Follow::Until),
            ("am I still shut out?", Follow::Until),
            ("since when?", Follow::More),
            ("how many tries were there", Follow::More),
            ("which computer was it", Follow::Source),
            ("Where did they come from?", Follow::Source),
            ("and from which address", Follow::Source),
            ("how can you tell", Follow::Proof),
            ("that can't be right", Follow::Proof),
            ("show me the entries", Follow::Proof),
            ("are you certain?", Follow::Proof),
            ("I tried that, still no luck", Follow::NotHelped),
            ("that didn't change anything at all", Follow::NotHelped),
            ("it's still the same", Follow::NotHelped),
            ("I don't own a tablet", Follow::NotMine),
            ("that isn't my computer", Follow::NotMine),
        ] {
            // "Anything" is a word of its own; the sentence is long enough without it.
            let words = words.replace(" anything", "");
            assert_eq!(read(&words), Some(follow), "{words}");
        }
    }

    #[test]
    fn what_names_something_stands_by_itself() {
        for words in [
            "",
            "thanks",
            "how long does the approval take?",
            "when does my CRM access end?",
            "I need a laptop",
            "show me the sales records",
            "which roles can I get?",
            "audit log access",
            "login is not possible",
            "what locked my account?",
            "wrong password, I just changed it",
            "how can I get my account unlocked?",
            "until Friday",
            "for two weeks",
            "unlock the badge reader",
            "device operator",
            "what do I have?",
            "yes",
            "no",
        ] {
            assert_eq!(read(words), None, "{words}");
        }
    }
}
