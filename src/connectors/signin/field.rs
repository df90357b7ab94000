//! Looking into a raw record: a missing field, a wrong kind and an empty text are all just "not said". Spelling first as documented,
//! then without regard to case, because pipelines lower-case names on the way.

use serde_json::Value;

/// A place in a record, which may be empty.
#[derive(Debug, Clone, Copy)]
pub struct At<'a>(Option<&'a Value>);

impl<'a> At<'a> {
    /// The whole record.
    #[must_use]
    pub fn of(record: &'a Value) -> Self {
        Self(Some(record))
    }

    /// The field of this name.
    #[must_use]
    pub fn get(self, name: &str) -> Self {
        let Some(Value::Object(map)) = self.0 else { return Self(None) };
        let exact = map.get(name);
        Self(exact.or_else(|| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)))
    }

    /// The field at the end of this way, its names separated by dots.
    #[must_use]
    pub fn path(self, way: &str) -> Self {
        way.split('.').fold(self, At::get)
    }

    /// The first element of a list.
    #[must_use]
    pub fn first(self) -> Self {
        self.items().next().unwrap_or(Self(None))
    }

    /// The elements of a list; a single thing counts as a list of one.
    pub fn items(self) -> impl Iterator<Item = Self> {
        let (one, many) = match self.0 {
            Some(Value::Array(list)) => (None, list.as_slice()),
            Some(Value::Null) | None => (None, &[][..]),
            Some(other) => (Some(other), &[][..]),
        };
        one.into_iter().chain(many.iter()).map(|value| Self(Some(value)))
    }

    /// Names and values of an object.
    pub fn fields(self) -> impl Iterator<Item = (&'a str, Self)> {
        let map = match self.0 {
            Some(Value::Object(map)) => Some(map),
            _ => None,
        };
        map.into_iter().flatten().map(|(name, value)| (name.as_str(), Self(Some(value))))
    }

    /// What is written here: a text that is not blank, or a number in its digits.
    #[must_use]
    pub fn text(self) -> Option<String> {
        match self.0? {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The same without a copy, for texts only.
    #[must_use]
    pub fn str(self) -> Option<&'a str> {
        self.0?.as_str().filter(|text| !text.trim().is_empty())
    }

    /// A whole number, written as one or as a text.
    #[must_use]
    pub fn int(self) -> Option<i64> {
        match self.0? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// True where something stands here, be it empty.
    #[must_use]
    pub fn is_there(self) -> bool {
        !matches!(self.0, None | Some(Value::Null))
    }

    /// True where an object stands here.
    #[must_use]
    pub fn is_object(self) -> bool {
        matches!(self.0, Some(Value::Object(_)))
    }

    /// A yes, written as one or as a text.
    #[must_use]
    pub fn is_true(self) -> bool {
        match self.0 {
            Some(Value::Bool(yes)) => *yes,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    /// The value itself.
    #[must_use]
    pub fn value(self) -> Option<&'a Value> {
        self.0
    }
}

/// The first of these ways that leads to something written.
#[must_use]
pub fn first_text(record: At<'_>, ways: &[&str]) -> Option<String> {
    ways.iter().find_map(|way| record.path(way).text())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn missing_empty_and_wrong_are_all_not_said() {
        let record = json!({ "a": { "B": " x", "c": "", "d": [1, 2], "e": null, "n": 7, "y": "True" } });
        let at = At::of(&record);
        assert_eq!(at.path("a.b").text().as_deref(), Some(" x"));
        assert_eq!(at.path("a.c").text(), None);
        assert_eq!(at.path("a.d").first().text().as_deref(), Some("1"));
        assert_eq!(at.path("a.e").items().count(), 0);
        assert_eq!(at.path("a.n").items().count(), 1);
        assert_eq!(at.path("a.b.c.d").text(), None);
        assert!(at.path("a.y").is_true());
        assert_eq!(first_text(at, &["x", "a.c", "a.n"]).as_deref(), Some("7"));
    }
}
