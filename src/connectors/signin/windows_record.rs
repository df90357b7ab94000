//! The many coats of one Windows event: flat (NXLog, Wazuh exports), `winlog.event_data` (Winlogbeat), `Event.EventData` (converted
//! XML), and the XML itself. All are asked by the names of the event's own schema.

use serde_json::{Map, Value};

use crate::connectors::signin::field::{At, first_text};

/// Where an event's data may stand.
const DATA: [&str; 7] = [
    "winlog.event_data",
    "Event.EventData",
    "EventData",
    "event_data",
    "data.win.eventdata",
    "win.eventdata",
    "Event.UserData",
];
/// Where what the system says about the event may stand.
const SYSTEM: [&str; 5] = ["Event.System", "System", "data.win.system", "win.system", "winlog"];

/// An event in whichever coat.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a>(pub At<'a>);

impl Record<'_> {
    /// A field of the event's data.
    #[must_use]
    pub fn data(self, name: &str) -> Option<String> {
        if let Some(text) = self.0.get(name).text() {
            return Some(text);
        }
        DATA.iter().find_map(|place| {
            let data = self.0.path(place);
            data.get(name).text().or_else(|| {
                let named = |d: &At<'_>| ["@Name", "Name"].iter().any(|n| d.get(n).str() == Some(name));
                let found = data.get("Data").items().find(named)?;
                first_text(found, &["#text", "$text", "text", "Value", "content"])
            })
        })
    }

    /// The event's number.
    #[must_use]
    pub fn number(self) -> Option<i64> {
        let direct = ["EventID", "event_id", "EventId", "winlog.event_id", "event.code"];
        let wrapped = SYSTEM.iter().flat_map(|place| ["EventID", "eventID"].map(|name| self.0.path(place).get(name)));
        direct
            .iter()
            .map(|way| self.0.path(way))
            .chain(wrapped)
            .find_map(|at| at.int().or_else(|| ["#text", "$text", "Value"].iter().find_map(|n| at.get(n).int())))
    }

    /// What the system says about the event: `EventRecordID`, `Computer`.
    #[must_use]
    pub fn system(self, names: &[&str]) -> Option<String> {
        first_text(self.0, names).or_else(|| SYSTEM.iter().find_map(|place| first_text(self.0.path(place), names)))
    }

    /// When, as written by the machine it happened on.
    #[must_use]
    pub fn time(self) -> Option<String> {
        let created = ["TimeCreated", "Event.System.TimeCreated", "System.TimeCreated"];
        first_text(self.0, &["EventTime", "TimeCreated"])
            .or_else(|| {
                let attribute = ["@SystemTime", "SystemTime", "#attributes.SystemTime"];
                created.iter().find_map(|way| first_text(self.0.path(way), &attribute))
            })
            .or_else(|| {
                first_text(
                    self.0,
                    &["data.win.system.systemTime", "win.system.systemTime", "event.created", "@timestamp", "UtcTime"],
                )
            })
    }

    /// The event in words.
    #[must_use]
    pub fn message(self) -> Option<String> {
        first_text(
            self.0,
            &["Message", "message", "winlog.message", "data.win.system.message", "Event.RenderingInfo.Message"],
        )
    }
}

/// Finds a field in the event's words: in a section (`Account For Which Logon Failed`), or on a line of its own where the section is
/// empty.
#[must_use]
pub fn in_words(message: &str, section: &str, name: &str) -> Option<String> {
    let mut current = "";
    for line in message.lines().take(200) {
        let Some((label, value)) = line.split_once(':') else { continue };
        let (label, value) = (label.trim(), value.trim());
        let indented = line.starts_with(['\t', ' ']);
        if !indented {
            current = if value.is_empty() { label } else { "" };
        }
        let here = if indented { current } else { "" };
        if label.eq_ignore_ascii_case(name) && here.eq_ignore_ascii_case(section) && !value.is_empty() {
            return Some(value.to_owned());
        }
    }
    None
}

/// Takes an event's XML apart (<https://learn.microsoft.com/windows/win32/wes/eventschema-schema>): the elements of `System`, and
/// `Data` by name. It is looked through, not parsed: whatever is not of that shape is passed over.
#[must_use]
pub fn from_xml(text: &str) -> Option<Value> {
    let text = text.trim_start().strip_prefix('\u{feff}').unwrap_or(text.trim_start());
    if !text.starts_with("<Event") && !text.starts_with("<?xml") {
        return None;
    }
    let mut fields = Map::new();
    for name in ["EventID", "EventRecordID", "Computer", "Channel", "Message"] {
        if let Some(value) = element(text, name) {
            fields.insert(name.to_owned(), Value::from(value));
        }
    }
    if let Some(at) = text.find("<TimeCreated").and_then(|from| attribute(&text[from..], "SystemTime")) {
        fields.insert("TimeCreated".to_owned(), Value::from(at));
    }
    let mut rest = text;
    while let Some(from) = rest.find("<Data ") {
        rest = &rest[from..];
        let Some(end) = rest.find('>') else { break };
        if let Some(name) = attribute(&rest[..end], "Name")
            && !rest[..end].ends_with('/')
            && let Some(close) = rest[end..].find("</Data>")
            && fields.len() < 100
        {
            fields.entry(name).or_insert_with(|| Value::from(unescape(&rest[end + 1..end + close])));
        }
        rest = &rest[end..];
    }
    fields.contains_key("EventID").then_some(Value::Object(fields))
}

fn element(text: &str, name: &str) -> Option<String> {
    let from = text.find(&format!("<{name}"))?;
    let after = &text[from..];
    let (begin, close) = (after.find('>')? + 1, after.find(&format!("</{name}>"))?);
    after.get(begin..close).map(unescape)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = &tag[..tag.find('>').unwrap_or(tag.len())];
    let (_, after) = tag.split_once(&format!(" {name}="))?;
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    after[1..].split_once(quote).map(|(value, _)| unescape(value))
}

fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&#13;", "\r")
        .replace("&#10;", "\n")
        .replace("&#9;", "\t")
        .replace("&amp;", "&")
}
