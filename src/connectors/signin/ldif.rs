//! One LDIF entry (RFC 2849) → an object of lists. Folded lines are put together, `attr:: …` is decoded; values that are no text are
//! left out.

use base64::Engine as _;
use serde_json::{Map, Value};

/// The most values of an entry that are read.
const MOST: usize = 2_000;

/// Reads an entry: lines until the empty one.
#[must_use]
pub fn entry<'a>(lines: impl Iterator<Item = &'a str>) -> Value {
    let mut whole: Vec<String> = Vec::new();
    for line in lines {
        match (line.strip_prefix(' '), whole.last_mut()) {
            (Some(more), Some(last)) => last.push_str(more),
            _ => whole.push(line.to_owned()),
        }
    }
    let mut fields: Map<String, Value> = Map::new();
    for line in whole.iter().filter(|l| !l.starts_with('#')).take(MOST) {
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = match value.strip_prefix(':') {
            Some(coded) => {
                let bytes = base64::engine::general_purpose::STANDARD.decode(coded.trim()).unwrap_or_default();
                String::from_utf8(bytes).unwrap_or_default()
            }
            None => value.trim().to_owned(),
        };
        // `cn;lang-de` is `cn` with an option.
        let name = name.split(';').next().unwrap_or(name);
        if value.is_empty() || name == "version" || name == "userPassword" {
            continue;
        }
        if let Value::Array(values) = fields.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
            values.push(Value::from(value))
        }
    }
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_coded_and_repeated() {
        let lines = [
            "dn: uid=ada,ou=people,",
            " dc=example,dc=test",
            "# note",
            "uid: ada",
            "mail:: YWRhQGV4YW1wbGUudGVzdA==",
            "pwdFailureTime: 20261121020110Z",
            "pwdFailureTime: 20261121020112Z",
            "userPassword:: e1NTSEF9",
            "odd",
        ];
        let read = entry(lines.into_iter());
        assert_eq!(read["dn"][0], "uid=ada,ou=people,dc=example,dc=test");
        assert_eq!(read["mail"][0], "ada@example.test");
        assert_eq!(read["pwdFailureTime"].as_array().unwrap().len(), 2);
        assert!(read.get("userPassword").is_none());
    }
}
