//! Whose sign-ins a question is about, told from the sentence alone. Whether a name is somebody's here must make no difference to that, or
//! anybody could try out names: so this looks at the place of a word and at what is said of it, never into the directory.
//!
//! A word nobody knows is a person where something is said of it that is said of people: that it is locked out, cannot sign in, has an
//! account. "Zscaler keeps asking me" says of it what things do, "it locked me out" says whom it happened to: both are about whoever asks.

use crate::catalog::model::Catalog;
use crate::domain::person::Person;
use crate::helpdesk::lockout::whose_words::{
    AFTER_NAME, AUXILIARIES, BELONGS, BETWEEN, DETERMINERS, DONE_BY_BOTH, DONE_BY_PEOPLE, DONE_TO_PEOPLE, FIRST, INTO,
    NOBODY, OBJECT, OF_SOMEBODY, PEOPLE, THINGS, THIRD, Word, among, is_handle, words_of,
};
use crate::understanding::normalise::fold;

/// The most characters of a name that are given back.
const LONGEST_NAME: usize = 80;
/// The most words of a name or of what stands before a noun.
const LONGEST_PHRASE: usize = 4;

/// Whom a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Whoever asks.
    Own,
    /// It does not say.
    Unsaid,
    /// Somebody else, called so.
    Other(String),
}

/// What a sentence's subject is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    /// Whoever asks, or something of theirs.
    Own,
    /// A thing.
    Thing,
    /// Somebody: a pronoun, "my boss", or a word nobody knows. From here to before there.
    Somebody { from: usize, to: usize },
}

struct Sentence<'t> {
    all: Vec<Word>,
    is_thing: &'t dyn Fn(&str) -> bool,
}

impl Sentence<'_> {
    fn word(&self, n: usize) -> &str {
        self.all.get(n).map_or("", |w| w.plain.as_str())
    }

    fn own(&self, n: usize) -> bool {
        among(FIRST, self.word(n))
    }

    fn aux(&self, n: usize) -> bool {
        among(AUXILIARIES, self.word(n))
    }

    fn ends(&self, n: usize) -> bool {
        self.all.get(n).is_none_or(|w| w.ends)
    }

    fn of(&self, n: usize) -> bool {
        self.all.get(n).is_some_and(|w| w.of)
    }

    fn capital(&self, n: usize) -> bool {
        self.all.get(n).is_some_and(|w| w.capital)
    }

    /// A word that is no word of these sentences: a name, as far as grammar can tell.
    fn unknown(&self, n: usize) -> bool {
        let word = self.word(n);
        let number = word.chars().all(|c| c.is_ascii_digit());
        !word.is_empty()
            && !number
            && ![FIRST, THIRD, THINGS, AUXILIARIES, DETERMINERS].iter().any(|list| among(list, word))
            && !(self.is_thing)(word)
    }

    /// The name that begins here.
    fn name(&self, n: usize) -> Whose {
        let mut said = Vec::new();
        for (k, w) in self.all.iter().enumerate().skip(n).take(LONGEST_PHRASE) {
            if k > n && (among(AFTER_NAME, &w.plain) || self.own(k)) {
                break;
            }
            said.push(w.said.as_str());
            if w.of || w.ends {
                break;
            }
        }
        Whose::Other(said.join(" ").chars().take(LONGEST_NAME).collect())
    }

    /// The subject that begins here, and the first word behind it.
    fn subject(&self, n: usize) -> Option<(Subject, usize)> {
        let word = self.word(n);
        if word.is_empty() {
            return None;
        }
        let determined = among(" my our the a an this that one any some another every each no ", word);
        if determined {
            // "My new colleague Ana", "the intern": people by what they are. What stands in between is no verb.
            let mut at = n + 1;
            while at <= n + LONGEST_PHRASE && !self.word(at).is_empty() && !self.aux(at) {
                let mine = self.own(n) && self.word(at) == "user";
                if among(PEOPLE, self.word(at)) && !mine && !self.names_a_thing(at + 1) {
                    let mut to = at + 1;
                    while to < at + LONGEST_PHRASE
                        && self.unknown(to)
                        && !among(AFTER_NAME, self.word(to))
                        && !self.ends(to - 1)
                        && !self.of(to - 1)
                    {
                        to += 1;
                    }
                    return Some((Subject::Somebody { from: n, to }, to));
                }
                if self.ends(at) || among(AFTER_NAME, self.word(at)) {
                    break;
                }
                at += 1;
            }
            let mut to = n + 1;
            while to <= n + LONGEST_PHRASE
                && !self.word(to).is_empty()
                && !self.aux(to)
                && !among(" locked blocked asking asks keeps ", self.word(to))
            {
                to += 1;
            }
            let whose = if self.own(n) { Subject::Own } else { Subject::Thing };
            return Some((whose, to));
        }
        if self.own(n) {
            return Some((Subject::Own, n + 1));
        }
        if among(THIRD, word) {
            let mut to = n + 1;
            if self.word(to) == "else" {
                to += 1;
            }
            return Some((Subject::Somebody { from: n, to }, to));
        }
        // "It says user locked": the word stands for an account where no name follows.
        let account = word == "user" && (self.aux(n + 1) || among(AFTER_NAME, self.word(n + 1)));
        // "Temporarily locked" is said of what stood before.
        if account || !self.unknown(n) || among(AFTER_NAME, word) || among(BETWEEN, word) {
            return Some((Subject::Thing, n + 1));
        }
        let mut to = n + 1;
        while to < n + LONGEST_PHRASE
            && self.unknown(to)
            && !among(AFTER_NAME, self.word(to))
            && !self.ends(to - 1)
            && !self.of(to - 1)
        {
            to += 1;
        }
        // "Write access", "the Zscaler client": the noun at the end says what it is.
        if !self.of(to - 1) && !self.ends(to - 1) && self.names_a_thing(to) {
            return Some((Subject::Thing, to + 1));
        }
        Some((Subject::Somebody { from: n, to }, to))
    }

    /// True where a noun stands here that makes a thing of the words before it.
    fn names_a_thing(&self, n: usize) -> bool {
        let word = self.word(n);
        // "Write access was refused" is of access, "can X access the wiki" is not.
        if word == "access"
            && !self.ends(n)
            && n + 1 < self.all.len()
            && !self.aux(n + 1)
            && !among(AFTER_NAME, self.word(n + 1))
        {
            return false;
        }
        let thing = among(THINGS, word) && !among(AFTER_NAME, word) && !among(BETWEEN, word)
            || among(
                " account accounts access request requests role roles permission permissions group approval lockout password mfa 2fa session ",
                word,
            );
        thing
            && !among(
                " it its who why how when where to in on out up down off of for by with without from at as if and or but so not just already \
                really ever even also only please because since while after before until till during than too very much many again still now \
                then always suddenly constantly today yesterday tomorrow monday tuesday wednesday thursday friday saturday sunday new old \
                first last next same whole more is was has had been being be sign new you your reset change ",
                word,
            )
    }

    /// Whether what is said from here on is said of people. `modal` where "can" or "able to" stood before.
    fn is_of_people(&self, n: usize) -> bool {
        let mut at = n;
        while among(BETWEEN, self.word(at))
            && !(self.word(at) == "get" && among(" in into ", self.word(at + 1)))
            && at < n + 6
        {
            at += 1;
        }
        if among(" have has had ", self.word(at.saturating_sub(1))) && among(" a any ", self.word(at)) {
            at += 1;
        }
        let word = self.word(at);
        let mine =
            (at + 1..at + 4).take_while(|k| *k == at + 1 || !self.ends(k - 1)).any(|k| among(OBJECT, self.word(k)));
        if among(DONE_TO_PEOPLE, word) {
            // "Locked me out", "refused my password": done by it, to whoever asks.
            return !mine || among(" from of to on ", self.word(at + 1));
        }
        if among(DONE_BY_PEOPLE, word) {
            if among(DONE_BY_BOTH, word) {
                let gets_in = (at + 1..at + 7).any(|k| among(INTO, self.word(k)));
                let to_something = among(" access open use reach ", word) && !self.word(at + 1).is_empty()
                    || matches!((word, self.word(at + 1)), ("connect", "to"));
                return (gets_in || to_something) && !among(OBJECT, self.word(at + 1));
            }
            return !among(OBJECT, self.word(at + 1))
                && !among(" people users everyone everybody you ", self.word(at + 1));
        }
        word == "out" && n > 0
    }

    fn somebody(&self) -> Option<Whose> {
        let count = self.all.len();
        // A mail address or an account name, unless it is where somebody signs in to.
        for (n, w) in self.all.iter().enumerate() {
            let before = n.checked_sub(1).map_or("", |k| self.word(k));
            let goes_to =
                among(" to into at on via using through ", before) && !(n > 1 && self.word(n - 2) == "happened");
            if is_handle(&w.said) && (!goes_to || w.said.contains('@')) && !(self.is_thing)(&w.plain) {
                return Some(self.name(n));
            }
        }
        // "Zaphod's account", "my boss's password".
        for n in 0..count {
            if !self.of(n) {
                continue;
            }
            let noun = self.word(n + 1);
            let belongs = among(BELONGS, noun) && (noun != "locked" || among(BELONGS, self.word(n + 2)));
            let person = among(PEOPLE, self.word(n))
                || among(" somebody someone anybody anyone everybody everyone else ", self.word(n));
            if belongs && (self.unknown(n) || person) {
                let mut start = n;
                while start > 0
                    && n - start < 3
                    && self.unknown(start - 1)
                    && self.capital(start - 1)
                    && self.capital(n)
                    && !self.ends(start - 1)
                {
                    start -= 1;
                }
                return Some(self.name(start));
            }
            // "Zaphod's locked out": is, not of.
            if (self.unknown(n) || among(" he she ", self.word(n))) && self.is_of_people(n + 1) && !belongs {
                return Some(self.name(n));
            }
        }
        // "His account".
        for n in 0..count {
            let her = self.word(n) == "her" && !self.word(n + 1).is_empty();
            if (among(" his their ", self.word(n)) || her) && among(BELONGS, self.word(n + 1)) {
                return Some(self.name(n));
            }
        }
        for n in 0..count {
            // "Why was X locked", "is X locked", "when can X get in": the subject stands behind the verb that asks.
            let before = n.checked_sub(1).map_or("", |k| self.word(k));
            let asks = n == 0
                || self.ends(n - 1)
                || among(
                    " why how when long if whether come since and or but because what who until often many times where ",
                    before,
                );
            if self.aux(n)
                && asks
                && let Some((Subject::Somebody { from, .. }, after)) = self.subject(self.skip_not(n + 1))
                && self.is_of_people(after)
            {
                return Some(self.name(from));
            }
            // "X can't sign in", "why X was locked", "that X is locked out", "X keeps getting locked out".
            let begins = n == 0
                || self.ends(n - 1)
                || among(
                    " why how when if whether that because and but since so think says said hear heard know hi hello hey please know see saw believe \
                    me know guess notice noticed understand explain where is while then wonder wondering ",
                    before,
                );
            if begins
                && !self.aux(n)
                && let Some((Subject::Somebody { from, .. }, after)) = self.subject(n)
                && !among(" who what why how when ", self.word(n))
            {
                let said_of = if self.aux(after) { after + 1 } else { after };
                let verb = self.aux(after)
                    || among(
                        " got gets get keeps kept keep lost locked forgot failed fails tried tries keeps ",
                        self.word(after),
                    );
                if verb && self.is_of_people(said_of) {
                    return Some(self.name(from));
                }
            }
        }
        for n in 1..count {
            let before = self.word(n - 1);
            let named = self.unknown(n) && !among(AFTER_NAME, self.word(n));
            let pronoun = among(" him her them someone somebody everybody everyone anybody anyone ", self.word(n));
            let person = matches!(self.subject(n), Some((Subject::Somebody { .. }, _))) && !named && !pronoun;
            // "Locked out of X", "ahead of X" name no owner.
            let of = before == "of" && n > 1 && (among(OF_SOMEBODY, self.word(n - 2)) || self.word(n - 2) == "behalf");
            let all = among(" for about ", before) && among(" everybody everyone anybody anyone ", self.word(n));
            let about = (among(" for about called named ", before) || of)
                && !all
                && (named && (self.capital(n) || of || self.about_a_login(n - 1))
                    || (pronoun || person) && !among(" because ", before));
            if about && !self.names_a_thing(n + 1) {
                return Some(self.name(n));
            }
            // "Ana Kovač lockout", "lockout Ana Kovač": two words nobody knows, beside what people have.
            let two = self.unknown(n - 1)
                && self.unknown(n)
                && !self.ends(n - 1)
                && !among(AFTER_NAME, self.word(n))
                && !among(PEOPLE, self.word(n));
            let beside = among(" lockout lockouts login logins ", self.word(n + 1)) && !self.ends(n)
                || n > 1 && among(" lockout lockouts ", self.word(n - 2));
            if two && beside {
                return Some(self.name(n - 1));
            }
            let happened = before == "to" && n > 1 && among(" happened happening ", self.word(n - 2));
            let with = before == "with"
                && n > 1
                && among(" wrong up happening on ", self.word(n - 2))
                && (self.capital(n) || pronoun || person);
            if (happened || with) && (named || pronoun || person) && !self.names_a_thing(n + 1) {
                return Some(self.name(n));
            }
            // "User zaphod", "account Zaphod".
            let called =
                among(" user username userid ", before) || among(" account accounts login ", before) && self.capital(n);
            let named = named && !among(" temporarily permanently currently suddenly is ", self.word(n));
            if called && named && !self.ends(n - 1) {
                return Some(self.name(n));
            }
            // "Unlock X", "who locked X out", "reset X": something is done to them. What is unlocked with an article is a thing.
            let done =
                among(" unlock unblock reactivate reenable unsuspend unlocked locked locks lock lockout ", before)
                    && !self.ends(n - 1);
            let ends = self.all.len() == n + 1
                || self.capital(n)
                || self.ends(n)
                || among(" please now out again account and asap ", self.word(n + 1));
            let verb = among(" unlock unblock reactivate reenable unsuspend ", before)
                || (n.saturating_sub(4)..n - 1).any(|k| among(" who what which ", self.word(k)));
            if done && verb && ((named && ends) || (pronoun && before != "lockout")) && !self.names_a_thing(n + 1) {
                return Some(self.name(n));
            }
            if done && verb && person && !self.names_a_thing(n + 1) {
                return Some(self.name(n));
            }
            // "Sign in as X".
            let signs_in = n > 1
                && among(
                    " in on into login logon account authenticate authenticated signin access signed logged locked ",
                    self.word(n - 2),
                );
            if before == "as" && signs_in && (self.unknown(n) || pronoun || person) && !among(NOBODY, self.word(n)) {
                return Some(self.name(n));
            }
        }
        None
    }

    /// Whether somebody who is not named did something at what is the speaker's: "did someone try to get into my account", "who signed in as
    /// me". That is about the speaker.
    fn is_at_mine(&self) -> bool {
        let nobody = " someone somebody anyone anybody who they hacker hackers attacker attackers stranger strangers else people ";
        let Some(from) = (0..self.all.len()).find(|n| among(nobody, self.word(*n))) else { return false };
        let end = (from..self.all.len()).find(|n| self.ends(*n)).unwrap_or(self.all.len());
        let done = (from..=end).any(|n| {
            among(
                " try tried tries trying attempt attempted attempts attempting sign signed log logged login use used uses using hack hacked break broke \
                get got gets guess guessed steal stole enter entered typed lock locked locks access accessed in at into was been ",
                self.word(n),
            )
        });
        let mine = (from..=end).any(|n| {
            let before = n.checked_sub(1).map_or("", |k| self.word(k));
            let of_mine = among(" my our ", self.word(n)) && among(BELONGS, self.word(n + 1)) && !self.of(n + 1);
            let me =
                among(" me myself us ", self.word(n)) && !among(" tell told show give let help ask asked ", before);
            of_mine || me
        });
        let another = (from..=end).any(|n| self.of(n) || is_handle(self.all.get(n).map_or("", |w| w.said.as_str())));
        done && mine && !another
    }

    fn skip_not(&self, n: usize) -> usize {
        if among(" not still ", self.word(n)) { n + 1 } else { n }
    }

    /// True where the words before this place speak of signing in or of what belongs to it: "reset the password for zaphod".
    fn about_a_login(&self, n: usize) -> bool {
        n > 0 && among(OF_SOMEBODY, self.word(n - 1))
    }

    /// Whether whoever asks is who it is about: "I can't", "my account", "locked me out". "Tell me", "I want to know" say nothing of that.
    fn is_own(&self) -> bool {
        (0..self.all.len()).any(|n| {
            let before = n.checked_sub(1).map_or("", |k| self.word(k));
            let told = among(" me us ", self.word(n)) && among(" tell show give send let help explain inform remind ask for ", before);
            let asks = among(" i we id ", self.word(n))
                && among(
                    " want need would wonder think hear heard see saw guess know ask like wondered could should work just need believe ",
                    self.word(n + 1),
                );
            self.own(n) && !told && !asks
        })
    }
}

/// Whom the words are about. `is_thing` tells of a folded word that names a system or what can be asked for there.
#[must_use]
pub fn whose(text: &str, is_thing: &dyn Fn(&str) -> bool) -> Whose {
    let sentence = Sentence { all: words_of(text), is_thing };
    if sentence.is_at_mine() {
        return Whose::Own;
    }
    match sentence.somebody() {
        Some(other) => other,
        None if sentence.is_own() => Whose::Own,
        None => Whose::Unsaid,
    }
}

/// The same with the systems of a catalog.
#[must_use]
pub fn of(text: &str, catalog: &Catalog) -> Whose {
    let parts = |title: String, word: &str| fold(&title).split(|c: char| !c.is_alphanumeric()).any(|w| w == word);
    whose(text, &|word| catalog.systems.keys().any(|id| parts(catalog.system_title(id), word)))
}

/// The same, where the record names things too: applications that somebody signs in to.
#[must_use]
pub fn of_beside(text: &str, catalog: &Catalog, is_thing: &dyn Fn(&str) -> bool) -> Whose {
    let parts = |title: String, word: &str| fold(&title).split(|c: char| !c.is_alphanumeric()).any(|w| w == word);
    whose(text, &|word| is_thing(word) || catalog.systems.keys().any(|id| parts(catalog.system_title(id), word)))
}

/// True for a name, false for "she", "somebody" and "my boss".
#[must_use]
pub fn is_a_name(said: &str) -> bool {
    let first = fold(said);
    let first = first.split_whitespace().next().unwrap_or_default();
    !among(THIRD, first) && !among(FIRST, first) && !among(DETERMINERS, first) && !among(PEOPLE, first)
}

/// True where a name as it was said could be that of somebody who is called so: every word of it is one of theirs.
#[must_use]
pub fn could_call(said: &str, called: &[&str]) -> bool {
    let words = |text: &str| -> Vec<String> {
        fold(text).split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
    };
    let theirs: Vec<String> = called.iter().flat_map(|c| words(c)).collect();
    let said = words(said);
    !said.is_empty() && said.iter().all(|w| theirs.contains(w))
}

/// The same for somebody who asks: what names themselves in full, by id or by address is their own.
#[must_use]
pub fn asked_by(person: &Person, text: &str, catalog: &Catalog) -> Whose {
    match of(text, catalog) {
        Whose::Other(name) if calls(&name, person) => Whose::Own,
        whose => whose,
    }
}

/// Whether somebody is called so: by the full name, the id or the mail address.
fn calls(name: &str, person: &Person) -> bool {
    let name = fold(name.trim());
    [person.name.as_str(), person.id.as_str(), person.email.as_str()].iter().any(|called| fold(called) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &str) -> Whose {
        whose(words, &|w| w == "sales" || w == "salesforce")
    }

    #[test]
    fn every_third_person_is_somebody_else_whatever_the_name() {
        for name in [
            "karl.nobody",
            "lukas.weber",
            "Zaphod Beeblebrox",
            "zaphod",
            "Karl",
            "x.y@z.example",
            "kn1234",
            "svc_backup",
        ] {
            for ask in [
                "why was {} locked out?",
                "is {} locked out?",
                "why can't {} sign in?",
                "has {} been locked out?",
                "when can {} get in again?",
                "how long is {} locked?",
                "is {} still locked?",
                "can you tell me why {} was locked out?",
                "tell me why {} is locked out",
                "why is {}'s account locked?",
                "{} is locked out, why?",
                "why did {} get locked out?",
                "why was {} denied?",
            ] {
                let asked = ask.replace("{}", name);
                assert!(matches!(of(&asked), Whose::Other(_)), "{asked}");
            }
        }
        assert_eq!(of("why was Zaphod Beeblebrox locked out?"), Whose::Other("Zaphod Beeblebrox".into()));
        assert_eq!(of("why was karl.nobody locked out?"), Whose::Other("karl.nobody".into()));
        for words in ["why is she locked out?", "why was his account locked", "what happened to Zaphod, why locked?"] {
            assert!(matches!(of(words), Whose::Other(_)), "{words}");
        }
    }

    #[test]
    fn a_name_is_theirs_where_each_word_of_it_is() {
        let called = ["ana.kovac", "Ana Kovač", "ana.kovac@quillmere.example"];
        for said in ["Ana", "ana kovac", "Kovač", "ana.kovac@quillmere.example"] {
            assert!(could_call(said, &called), "{said}");
        }
        for said in ["Elif", "Ana Pavić", "", "she"] {
            assert!(!could_call(said, &called), "{said}");
        }
        assert!(is_a_name("elif") && !is_a_name("she") && !is_a_name("my boss"));
    }

    #[test]
    fn what_is_about_oneself_stays_so() {
        for words in [
            "why was I locked out?",
            "Why can’t I sign in to Salesforce?",
            "why is my account locked?",
            "I'm locked out",
            "It says my password is wrong but it isn't",
            "MFA keeps failing",
            "why does it ask me again?",
            "why does Salesforce keep asking me?",
            "when can I get in again?",
            "how long am I locked?",
            "is my account still locked?",
            "my account was locked yesterday because of the audit",
            "why can't I sign in since Monday?",
            "why was I denied?",
            "why was my request denied?",
            "why was the sales request denied?",
            "what happened to my account?",
            "I can't sign in",
            "Why does Okta ask me again?",
            "why can't I sign in to acme.okta.com",
            "why was I locked out on Friday at 9:14?",
        ] {
            assert!(!matches!(of(words), Whose::Other(_)), "{words}: {:?}", of(words));
        }
    }
}
