//! Filters (RFC 4515) that find one person's account. Whatever comes from outside is escaped; nothing a name holds can widen a search.

use ldap3::ldap_escape;

use crate::domain::signin_actor::Aliases;

/// The most names that are searched for at once.
const MOST_NAMES: usize = 24;
/// The longest name that is searched for, in bytes.
const LONGEST_NAME: usize = 256;

/// Where a sort of directory keeps names.
#[derive(Debug, Clone, Copy)]
pub struct Naming {
    /// What every person's entry fits.
    pub people: &'static str,
    /// Attributes that hold account names.
    pub names: &'static [&'static str],
    /// Attributes that hold addresses.
    pub addresses: &'static [&'static str],
}

/// OpenLDAP's people.
pub const OPENLDAP: Naming = Naming { people: "(objectClass=person)", names: &["uid"], addresses: &["mail"] };
/// Active Directory's people: computers are users there, too, but of another category.
pub const ACTIVE_DIRECTORY: Naming = Naming {
    people: "(objectCategory=person)(objectClass=user)",
    names: &["sAMAccountName"],
    addresses: &["userPrincipalName", "mail"],
};

/// The filter that fits this person's accounts; `None` where the person has no name that could be searched for.
#[must_use]
pub fn accounts(naming: Naming, whose: &Aliases) -> Option<String> {
    let keys = whose.keys();
    let fits = |key: &&str| !key.is_empty() && key.len() <= LONGEST_NAME && !key.contains(':');
    let parts: Vec<String> = keys
        .iter()
        .map(|key| key.as_str())
        .filter(fits)
        .take(MOST_NAMES)
        .flat_map(|key| {
            let attributes = if key.contains('@') { naming.addresses } else { naming.names };
            attributes.iter().map(move |attribute| equals(attribute, key))
        })
        .collect();
    (!parts.is_empty()).then(|| format!("(&{}(|{}))", naming.people, parts.concat()))
}

/// `(attribute=value)`, the value escaped.
#[must_use]
pub fn equals(attribute: &str, value: &str) -> String {
    format!("({attribute}={})", ldap_escape(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signin_actor::Account;

    fn names(names: &[&str]) -> Aliases {
        Aliases::default().with(names.iter().map(|n| Account { provider: None, name: (*n).to_owned() }))
    }

    #[test]
    fn names_and_addresses_are_searched_for_where_they_stand() {
        assert_eq!(
            accounts(OPENLDAP, &names(&["ada", "Ada@Example.test"])).unwrap(),
            "(&(objectClass=person)(|(uid=ada)(mail=ada@example.test)))"
        );
        assert_eq!(
            accounts(ACTIVE_DIRECTORY, &names(&["EXAMPLE\\ada"])).unwrap(),
            "(&(objectCategory=person)(objectClass=user)(|(sAMAccountName=ada)))"
        );
        assert_eq!(accounts(OPENLDAP, &Aliases::default()), None);
    }

    #[test]
    fn no_name_widens_a_search() {
        for evil in ["*", "a*)(uid=*", "a)(|(objectClass=*", "a\0b", "(", "a)(userPassword=x"] {
            let Some(filter) = accounts(OPENLDAP, &names(&[evil])) else { continue };
            let inner = filter.strip_prefix("(&(objectClass=person)(|(uid=").unwrap().strip_suffix(")))").unwrap();
            assert!(!inner.contains(['*', '(', ')', '\0']), "{filter}");
        }
        let many: Vec<String> = (0..100).map(|n| format!("name{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(accounts(OPENLDAP, &names(&many)).unwrap().matches("(uid=").count(), MOST_NAMES);
    }
}
