//! Reads `unlock.yaml`: who may have whose lock taken off, at which directory. All mistakes at once.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::domain::problem::Problem;
use crate::domain::unlock::Hand;
use crate::helpdesk::unlock::Policy;

/// What the file is called in messages.
pub const FILE: &str = "policy/unlock.yaml";

/// The longest text that is read, in bytes.
const LONGEST: usize = 1 << 16;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    version: Spanned<u32>,
    unlock: BTreeMap<String, Spanned<Vec<Hand>>>,
}

/// Reads the table. An empty text is no table: nobody unlocks anything.
///
/// # Errors
/// Every mistake, by line. A text that does not have the right shape gives one.
pub fn parse(yaml: &str) -> Result<Policy, Vec<Problem>> {
    if yaml.is_empty() {
        return Ok(Policy::default());
    }
    if yaml.len() > LONGEST {
        return Err(vec![Problem::new(FILE, None, format!("the file is longer than {LONGEST} bytes"))]);
    }
    let raw: RawTable = serde_saphyr::from_str(yaml).map_err(|error| {
        let line = error.location().and_then(|l| u32::try_from(l.line()).ok());
        let text = error.without_snippet().to_string();
        vec![Problem::new(FILE, line, text.lines().next().unwrap_or_default())]
    })?;
    let mut found = Vec::new();
    let mut add = |line: u64, text: String| {
        found.push(Problem::new(FILE, u32::try_from(line).ok().filter(|&l| l > 0), text));
    };
    if raw.version.value != 1 {
        add(raw.version.referenced.line(), format!("version {} is not known; this reads 1", raw.version.value));
    }
    let mut at = BTreeMap::new();
    for (directory, hands) in raw.unlock {
        let line = hands.referenced.line();
        if directory.trim().is_empty() {
            add(line, "a directory has no name; write the one of its `[directories.…]` section".to_owned());
        }
        let set: BTreeSet<Hand> = hands.value.iter().copied().collect();
        if set.len() < hands.value.len() {
            add(line, format!("`{directory}` names somebody twice"));
        }
        at.insert(directory, set);
    }
    if found.is_empty() {
        Ok(Policy { at })
    } else {
        found.sort();
        Err(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../catalog/policy/unlock.yaml");

    #[test]
    fn the_shipped_table_is_in_order_and_without_one_nobody_may() {
        let policy = parse(SHIPPED).unwrap();
        assert!(policy.lets("ldap", Hand::Own) && policy.lets("ldap", Hand::Helpdesk));
        assert!(!policy.lets("elsewhere", Hand::Own) && !policy.lets("ad", Hand::Security));
        let nobody = parse("").unwrap();
        assert!(Hand::ALL.iter().all(|hand| !nobody.lets("ldap", *hand)));
        assert_eq!(parse("version: 1\nunlock: {}\n").unwrap(), nobody);
    }

    #[test]
    fn every_mistake_is_told_with_its_line() {
        let problems = parse("version: 2\nunlock:\n  ldap: [self, self]\n").unwrap_err();
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(said.len() == 2 && said.iter().any(|s| s.contains("version 2")), "{said:#?}");
        assert!(said.iter().any(|s| s.contains("twice")), "{said:#?}");
        for shape in ["version: 1", "version: 1\nunlock:\n  ldap: [everybody]\n", "version: 1\nunlock: {}\nmore: 1\n"] {
            assert_eq!(parse(shape).unwrap_err().len(), 1, "{shape}");
        }
    }
}
