//! Whose sign-in events are whose: one rule for looking events up and for showing them.
//!
//! Logs write the same person as `Ana.Kovac@Example.com`, `EXAMPLE\akovac`, `uid=akovac,ou=people,…` or `auth0|64f…`. Each becomes a
//! [`ActorKey`]; a person's [`Aliases`] are the keys that are theirs. An address counts as a whole: `ana@evil.example` is never Ana's,
//! whatever stands before the `@`. A bare name counts only where no second person of the directory could be meant by it, and names
//! that many share (`root`, `administrator`) are nobody's unless an account says so.

use std::collections::BTreeSet;

use crate::domain::person::{Directory, Person};
use crate::domain::signin::{Provider, SigninEvent};

/// The longest account name that is looked at, in bytes.
const LONGEST: usize = 320;

/// Names that stand for no person.
const SHARED: [&str; 14] = [
    "root",
    "admin",
    "administrator",
    "unknown",
    "system",
    "guest",
    "user",
    "test",
    "anonymous",
    "anonymous logon",
    "-",
    "null",
    "none",
    "service",
];

/// An account as logs are searched by: lower case, without a Windows domain, a distinguished name's rest or an ARN's way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActorKey(String);

impl ActorKey {
    /// The key of what a provider's log writes; `None` where it writes nothing.
    #[must_use]
    pub fn of(provider: Provider, written: &str) -> Option<Self> {
        let plain: String = written.trim().chars().filter(|c| !c.is_control()).flat_map(char::to_lowercase).collect();
        if plain.is_empty() || plain == "-" || plain.len() > LONGEST {
            return None;
        }
        if plain.starts_with("arn:") {
            return Some(Self(arn(&plain).to_owned()));
        }
        if let Some(name) = distinguished(&plain) {
            return Some(Self(name.to_owned()));
        }
        // `EXAMPLE\ana`; the domain is the directory's own, so that the name alone counts.
        let name = plain.rsplit_once('\\').map_or(plain.as_str(), |(_, name)| name);
        if name.is_empty() {
            return None;
        }
        // OneLogin writes people's full names, which are no account names.
        if provider == Provider::OneLogin && !name.contains('@') {
            return Some(Self::of_name(name));
        }
        Some(Self(name.to_owned()))
    }

    /// The key of a person's full name, kept apart from accounts.
    fn of_name(name: &str) -> Self {
        let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
        Self(format!("name:{}", words.join(" ")))
    }

    /// The written form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The last part of an ARN: `…:user/ops/ana` → `ana`, `…:assumed-role/Admin/ana@example.com` → `ana@example.com`, `…:root` → `root`.
fn arn(arn: &str) -> &str {
    let resource = arn.rsplit_once(':').map_or(arn, |(_, r)| r);
    resource.rsplit_once('/').map_or(resource, |(_, name)| name)
}

/// The first value of a distinguished name (RFC 4514).
fn distinguished(text: &str) -> Option<&str> {
    let (kind, rest) = text.split_once('=')?;
    if !["uid", "cn", "samaccountname", "mail"].contains(&kind.trim()) {
        return None;
    }
    let value = rest.split(',').next().unwrap_or(rest).trim();
    (!value.is_empty()).then_some(value)
}

/// An account somebody is known by to hold, beyond what the directory says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// In whose logs; everywhere where it is `None`.
    pub provider: Option<Provider>,
    /// The name as the logs write it.
    pub name: String,
}

/// The keys that are one person's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aliases {
    /// Keys that count in every log.
    anywhere: BTreeSet<ActorKey>,
    /// Keys that count in one provider's logs.
    within: BTreeSet<(Provider, ActorKey)>,
}

impl Aliases {
    /// What the directory says of a person: their mail address; their id, and the part of the address before the `@`, where these
    /// could mean nobody else; for OneLogin their full name, where nobody else bears it. `realms` are the organisation's own domains
    /// beside that of the address, as Kerberos writes them (`AD.EXAMPLE.COM`).
    #[must_use]
    pub fn of(person: &Person, directory: &Directory, realms: &[String]) -> Self {
        let mut own = Self::default();
        own.add(None, &person.email);
        let mut names = vec![person.id.as_str().to_lowercase()];
        names.extend(local_part(&person.email));
        for name in &names {
            let taken = SHARED.contains(&name.as_str())
                || directory.iter().any(|other| other.id != person.id && could_mean(other, name));
            if taken {
                continue;
            }
            own.add(None, name);
            for realm in realms {
                // Somebody else's address stays theirs.
                let address = format!("{name}@{}", realm.to_lowercase());
                if !directory.iter().any(|other| other.id != person.id && other.email.eq_ignore_ascii_case(&address)) {
                    own.add(None, &address);
                }
            }
        }
        let full = ActorKey::of_name(&person.name);
        if !directory.iter().any(|other| other.id != person.id && ActorKey::of_name(&other.name) == full) {
            own.within.insert((Provider::OneLogin, full));
        }
        own
    }

    /// The same with further accounts.
    #[must_use]
    pub fn with(mut self, accounts: impl IntoIterator<Item = Account>) -> Self {
        for account in accounts {
            self.add(account.provider, &account.name);
        }
        self
    }

    fn add(&mut self, provider: Option<Provider>, written: &str) {
        let Some(key) = ActorKey::of(provider.unwrap_or(Provider::Generic), written) else { return };
        match provider {
            Some(provider) => self.within.insert((provider, key)),
            None => self.anywhere.insert(key),
        };
    }

    /// What to search a log for. What is found has to be asked [`Aliases::own`] still: some keys count for one provider only.
    #[must_use]
    pub fn keys(&self) -> BTreeSet<&ActorKey> {
        self.anywhere.iter().chain(self.within.iter().map(|(_, key)| key)).collect()
    }

    /// True where this account is the person's.
    #[must_use]
    pub fn is_own(&self, provider: Provider, written: &str) -> bool {
        ActorKey::of(provider, written)
            .is_some_and(|key| self.anywhere.contains(&key) || self.within.contains(&(provider, key)))
    }

    /// True where the event is about the person's account: they did it, or it was done to their account.
    #[must_use]
    pub fn own(&self, event: &SigninEvent) -> bool {
        [&event.actor, &event.subject].into_iter().flatten().any(|written| self.is_own(event.provider, written))
    }
}

fn local_part(address: &str) -> Option<String> {
    address.split_once('@').map(|(local, _)| local.to_lowercase()).filter(|local| !local.is_empty())
}

/// True where a bare name could mean this person.
fn could_mean(person: &Person, name: &str) -> bool {
    person.id.as_str().eq_ignore_ascii_case(name) || local_part(&person.email).as_deref() == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::PersonId;
    use crate::domain::person::{Population, Presence, RiskLevel};

    fn person(id: &str, name: &str, email: &str) -> Person {
        Person {
            id: PersonId::parse(id).unwrap(),
            name: name.into(),
            email: email.into(),
            department: "Sales".into(),
            job_code: "S1".into(),
            job_title: "Seller".into(),
            job_family: "Sales".into(),
            manager: None,
            company: "Acme".into(),
            zone: "Europe/Berlin".into(),
            population: Population::Employee,
            started: jiff::civil::date(2020, 1, 1),
            contract_end: None,
            moved: None,
            notice: false,
            presence: Presence::Active,
            sponsor: None,
            groups: Vec::new(),
            risk: RiskLevel::Low,
            delegation: None,
        }
    }

    fn of(people: &[Person], who: usize) -> Aliases {
        Aliases::of(&people[who], &Directory::new(people.to_vec()), &["AD.ACME.TEST".to_owned()])
    }

    #[test]
    fn the_same_person_in_many_spellings() {
        let people = [person("ana.kovac", "Ana Kovac", "akovac@acme.test"), person("bob", "Bob Lee", "bob@acme.test")];
        let ana = of(&people, 0);
        for (provider, written) in [
            (Provider::Okta, "AKovac@Acme.Test"),
            (Provider::Okta, " akovac@acme.test "),
            (Provider::WindowsSecurity, "ACME\\akovac"),
            (Provider::WindowsSecurity, "ana.kovac"),
            (Provider::WindowsSecurity, "akovac@AD.ACME.TEST"),
            (Provider::OpenldapPpolicy, "uid=akovac,ou=people,dc=acme,dc=test"),
            (Provider::AwsConsoleLogin, "arn:aws:sts::1:assumed-role/Admin/akovac@acme.test"),
            (Provider::AwsConsoleLogin, "arn:aws:iam::1:user/ops/akovac"),
            (Provider::OneLogin, "ana  kovac"),
        ] {
            assert!(ana.is_own(provider, written), "{written}");
        }
        assert!(
            of(&people, 1)
                .with([Account { provider: Some(Provider::Auth0), name: "auth0|64F".into() }])
                .is_own(Provider::Auth0, "auth0|64f")
        );
    }

    #[test]
    fn others_are_not_her() {
        let people = [person("ana", "Ana Kovac", "ana@acme.test"), person("bob", "Bob Lee", "bob@acme.test")];
        let ana = of(&people, 0);
        for (provider, written) in [
            (Provider::Okta, "ana@evil.example"),
            (Provider::WindowsSecurity, "ana@evil.example"),
            (Provider::WindowsSecurity, "EVIL.EXAMPLE\\ana@evil.example"),
            (Provider::Okta, "ana@acme.test.evil.example"),
            (Provider::Okta, "ana+1@acme.test"),
            (Provider::Okta, "xana@acme.test"),
            (Provider::WindowsSecurity, "ana$"),
            (Provider::Okta, "Ana Kovac"),
            (Provider::AwsConsoleLogin, "arn:aws:sts::1:assumed-role/ana/bob@acme.test"),
            (Provider::OpenldapPpolicy, "ou=ana,dc=acme"),
            (Provider::Okta, ""),
            (Provider::Okta, "-"),
            (Provider::Auth0, "auth0|ana"),
        ] {
            assert!(!ana.is_own(provider, written), "{written}");
        }
    }

    #[test]
    fn a_name_two_people_could_mean_is_nobodys() {
        let people = [person("ana", "Ana Kovac", "ana@acme.test"), person("a.other", "Ana Kovac", "ana@globex.test")];
        for who in 0..2 {
            let aliases = of(&people, who);
            assert!(!aliases.is_own(Provider::WindowsSecurity, "ana"));
            assert!(!aliases.is_own(Provider::OneLogin, "Ana Kovac"));
            assert!(aliases.is_own(Provider::Okta, &people[who].email));
            assert!(!aliases.is_own(Provider::Okta, &people[1 - who].email));
        }
        let people = [person("root", "Ro Ot", "root@acme.test")];
        assert!(!of(&people, 0).is_own(Provider::Sshd, "root"));
    }

    #[test]
    fn an_account_counts_in_its_own_log_only() {
        let people = [person("ana", "Ana Kovac", "ana@acme.test")];
        let ana = of(&people, 0).with([Account { provider: Some(Provider::Sshd), name: "deploy7".into() }]);
        assert!(ana.is_own(Provider::Sshd, "deploy7"));
        assert!(!ana.is_own(Provider::AwsConsoleLogin, "deploy7"));
        assert!(ana.keys().iter().any(|k| k.as_str() == "deploy7"));
    }
}
