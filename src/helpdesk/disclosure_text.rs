//! Reads `disclosure.yaml`: who is told how much of other people's sign-ins. First its shape, then its sense; all mistakes at once.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::domain::problem::Problem;
use crate::helpdesk::disclosure::{Level, Part, Policy};

/// What the file is called in messages.
pub const FILE: &str = "policy/disclosure.yaml";

/// The longest text that is read, in bytes.
const LONGEST: usize = 1 << 16;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    version: Spanned<u32>,
    tell: Spanned<BTreeMap<Part, Spanned<Level>>>,
    #[serde(default = "yes")]
    employees_only: bool,
    page: Spanned<Vec<Part>>,
}

fn yes() -> bool {
    true
}

/// Reads the table. An empty text is no table: nobody is told anything of others.
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
    let mut tell = BTreeMap::new();
    for (part, level) in &raw.tell.value {
        if !part.is_group() && level.value > Level::Staff {
            // A manager needs to know that somebody cannot work, not where they were last night.
            let text = format!(
                "`{}` can be told `nothing` or `staff`; `{}` is for groups whose work it is",
                part.name(),
                level.value.name()
            );
            add(level.referenced.line(), text);
        }
        tell.insert(*part, level.value);
    }
    for part in &raw.page.value {
        if !part.is_group() {
            let text = format!("the helpdesk's page is for groups; `{}` is none", part.name());
            add(raw.page.referenced.line(), text);
        }
    }
    if found.is_empty() {
        Ok(Policy { tell, employees_only: raw.employees_only, page: raw.page.value.into_iter().collect() })
    } else {
        found.sort();
        Err(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../catalog/policy/disclosure.yaml");

    #[test]
    fn the_shipped_table_is_in_order() {
        let policy = parse(SHIPPED).unwrap();
        assert_eq!(policy.tell[&Part::Manager], Level::Staff);
        assert_eq!(policy.tell[&Part::Helpdesk], Level::Operator);
        assert!(policy.employees_only && policy.page.contains(&Part::Soc));
        assert_eq!(parse("").unwrap(), Policy::default());
    }

    #[test]
    fn every_mistake_is_told_with_its_line() {
        let text = SHIPPED
            .replace("manager: staff", "manager: operator")
            .replace("version: 1", "version: 2")
            .replace("page: [helpdesk", "page: [manager, helpdesk");
        let problems = parse(&text).unwrap_err();
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        for expected in ["version 2", "`manager` can be told", "page is for groups"] {
            assert!(said.iter().any(|s| s.contains(expected)), "{expected} in {said:#?}");
        }
        assert_eq!(said.len(), 3);
        assert!(problems.iter().all(|p| p.line.is_some()), "{said:#?}");
        for shape in ["version: 1", "tell: {boss: staff}", "version: 1\ntell: {soc: everything}\npage: []\n"] {
            assert_eq!(parse(shape).unwrap_err().len(), 1, "{shape}");
        }
    }
}
