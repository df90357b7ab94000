//! The example company with an account for everybody on every platform, named by its directory, and with a target system that is called.

use std::fs;
use std::path::Path;

use claviger::domain::conversation::Surface;
use serde_json::{Value, json};

use crate::teams::world::TENANT;

/// The variable that holds the target system's secret.
pub const SECRET_VARIABLE: &str = "FLEET_TARGET_SECRET";
/// That secret.
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Somebody, by their number: it is in all of their accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Someone {
    pub id: String,
    n: usize,
}

impl Someone {
    /// Their account's id on a platform.
    pub fn on(&self, surface: Surface) -> String {
        match surface {
            Surface::Slack => format!("U{:04}", self.n),
            Surface::Teams => format!("0a0a0a0a-0000-0000-0000-{:012}", self.n),
            _ => format!("{}", 1_000 + self.n),
        }
    }

    /// Their own conversation with us there.
    pub fn direct(&self, surface: Surface) -> String {
        match surface {
            Surface::Slack => format!("D{}", self.on(surface)),
            Surface::Teams => format!("a:{}", self.n),
            _ => format!("9000{}", self.on(surface)),
        }
    }

    /// What Slack tells of them.
    pub fn slack_profile(&self) -> Value {
        json!({ "id": self.on(Surface::Slack), "team_id": "T1", "real_name": self.id })
    }

    /// What Discord tells of them.
    pub fn discord_member(&self) -> Value {
        json!({ "user": { "id": self.on(Surface::Discord), "username": self.id } })
    }

    /// What Teams tells of them.
    pub fn teams_member(&self) -> Value {
        json!({ "aadObjectId": self.on(Surface::Teams), "tenantId": TENANT, "name": self.id, "userRole": "user" })
    }
}

/// The organisation on a platform.
fn space(surface: Surface) -> &'static str {
    match surface {
        Surface::Slack => "T1",
        Surface::Teams => TENANT,
        _ => "discord",
    }
}

/// Has the demo's own application opened by calls to this address.
pub fn call(folder: &Path, target: &str) {
    let connectors = folder.join("connectors.yaml");
    let text = fs::read_to_string(&connectors).unwrap();
    let hook =
        format!("local: {{type: webhook, url: \"{target}\", secret_env: {SECRET_VARIABLE}, allow_private: true}}");
    let changed = text.replace("local: {type: local}", &hook);
    assert_ne!(text, changed, "the example company's connector is written otherwise by now");
    fs::write(connectors, changed).unwrap();
}

/// Writes the company into a folder; answers who works there.
pub fn write(folder: &Path) -> Vec<Someone> {
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog"), folder);
    let mut people = Vec::new();
    let mut files: Vec<_> = fs::read_dir(folder.join("people")).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let lines: Vec<String> = text.lines().map(|line| with_accounts(line, &mut people)).collect();
        fs::write(file, lines.join("\n") + "\n").unwrap();
    }
    people
}

/// A person's line in either of the two ways people are written.
fn with_accounts(line: &str, people: &mut Vec<Someone>) -> String {
    let bare = line.trim_start();
    let indent = " ".repeat(line.len() - bare.len());
    if let Some(rest) = bare.strip_prefix("- {id: ") {
        let (name, more) = rest.split_once(',').unwrap();
        return format!("{indent}- {{id: {name}, {},{more}", accounts(name, people));
    }
    match bare.strip_prefix("- id: ") {
        Some(name) => format!("{line}\n{indent}  {}", accounts(name.trim(), people)),
        None => line.to_owned(),
    }
}

fn accounts(name: &str, people: &mut Vec<Someone>) -> String {
    let someone = Someone { id: name.to_owned(), n: people.len() + 1 };
    let one = |surface: Surface| {
        let name = surface.name();
        format!("{{surface: {name}, space: \"{}\", id: \"{}\"}}", space(surface), someone.on(surface))
    };
    let written = format!("accounts: [{}]", Surface::PLATFORMS.map(one).join(", "));
    people.push(someone);
    written
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(path, target).unwrap();
        }
    }
}
