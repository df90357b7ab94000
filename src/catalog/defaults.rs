//! What stands for what a vendor's catalog does not say. Vendors tell what an entitlement is called and what it does, rarely how strong
//! it is, never who answers for it here. These defaults fill the gaps, always towards the careful side, and in one place:
//!
//! * **Privilege** — privileged by its vendor, on the control plane, or an owner, root, global or full administrator by name: the source's
//!   keys to everything are `tier0`, the rest `admin`. Otherwise whatever administers is `admin`, whatever changes things is
//!   `elevated`, whatever only looks or takes part is `standard`.
//! * **Access** — by the hints of the source where it has any, else by the words of the name, else by the first verbs of the
//!   description: read, use, write, admin. Where nothing tells, write.
//! * **Data** — `regulated` where the source says it opens data or credentials, or where it is a privileged one; `confidential`
//!   where it changes things or needs an administrator's consent; `internal` otherwise.
//! * **Tier** — as for the company's own entitlements, and at least `assisted` for anything privileged.
//! * **Window** — 8 hours for `admin` and `tier0`, 30 days otherwise; at most 30 days for those, 180 for `elevated`, and a year for the rest.
//! * **Owner, department, connector** — the company's `vendor_catalogs`. No functions, no scope, production for whatever is privileged.

use jiff::civil::Date;

use crate::catalog::assemble::usual_tier;
use crate::catalog::jsonl::VendorEntitlement;
use crate::catalog::model::VendorTerms;
use crate::domain::entitlement::{AccessLevel, DataClass, Entitlement, Privilege, Tier};
use crate::domain::window::Seconds;

/// The defaults in words, for `claviger catalog import` to print.
pub const IN_WORDS: &str = "\
Defaults used, because vendors do not say these things:
  privilege  keys to everything (privileged and global, root or owner) tier0; privileged or administrating admin;
             changing elevated; reading or taking part standard
  access     by the source's hints, the name's words, the description's verbs; write where nothing tells
  data       regulated where data or credentials open up or it is privileged; confidential where it changes things; else internal
  tier       manual for admin and tier0; assisted for elevated, regulated or productive access; else automatic
  window     8h for admin and tier0 (30d at most), 30d for the rest (180d at most for elevated, 365d otherwise)
  owner      the company's `vendor_catalogs`: owner, department and connector
Read through them before you rely on them: `class_reviewed` starts the day of the import.";

/// Names of the keys to everything.
const KEYS_TO_EVERYTHING: &[&str] = &["global", "root", "owner", "administratoraccess", "superadmin", "super"];

/// Words in names that tell what one can do, strongest first. A word counts where it stands alone in the name, split at cases and signs.
const ADMIN_WORDS: &[&str] = &[
    "admin",
    "administrator",
    "administrators",
    "owner",
    "fullcontrol",
    "fullaccess",
    "manage",
    "manager",
    "administration",
];
const WRITE_WORDS: &[&str] = &[
    "write",
    "writer",
    "readwrite",
    "editor",
    "edit",
    "contributor",
    "contribute",
    "creator",
    "create",
    "delete",
    "update",
    "developer",
    "operator",
    "publisher",
    "publish",
    "poweruser",
    "maintain",
    "maintainer",
    "send",
    "author",
    "deleter",
    "updater",
    "importer",
];
const USE_WORDS: &[&str] = &[
    "user",
    "use",
    "run",
    "runner",
    "invoke",
    "invoker",
    "execute",
    "consumer",
    "subscriber",
    "triage",
    "comment",
    "commenter",
];
const READ_WORDS: &[&str] = &[
    "read",
    "reader",
    "readonly",
    "readonlyaccess",
    "view",
    "viewer",
    "readbasic",
    "list",
    "audit",
    "auditor",
    "browser",
    "viewonlyaccess",
    "get",
];

/// Verbs at the head of descriptions, in the same order.
const ADMIN_VERBS: &[&str] = &["administer", "manage", "manages", "full", "configure"];
const WRITE_VERBS: &[&str] =
    &["create", "creates", "write", "edit", "change", "update", "delete", "modify", "contribute", "send", "deploy"];
const USE_VERBS: &[&str] = &["use", "run", "invoke", "execute", "connect"];
const READ_VERBS: &[&str] = &["read", "view", "list", "see", "get", "reads", "views", "look"];

/// The entitlement that a vendor's row makes under these terms.
#[must_use]
pub fn entitlement(row: &VendorEntitlement, terms: &VendorTerms, today: Date) -> Entitlement {
    let access = access(row);
    let privilege = privilege(row, access);
    let data = data(row, access, privilege);
    let production = privilege >= Privilege::Admin;
    let least = if row.privileged == Some(true) { Tier::Assisted } else { Tier::Automatic };
    Entitlement {
        id: row.id.clone(),
        system: row.system.clone(),
        kind: row.kind.clone(),
        name: row.name.clone(),
        title: if row.title.is_empty() { row.name.clone() } else { row.title.clone() },
        description: row.description.clone(),
        details: row.details.clone(),
        aliases: row.aliases.clone(),
        access,
        privilege,
        data,
        production,
        tier: usual_tier(privilege, data, production).max(least),
        class_reviewed: today,
        created: today,
        owners: vec![terms.owner.clone()],
        owner_department: terms.department.clone(),
        shared: false,
        company: String::new(),
        default_window: window(privilege),
        longest_window: Some(longest(privilege)),
        review_after: (privilege >= Privilege::Elevated).then_some(Seconds::days(90)),
        reason_required: privilege >= Privilege::Elevated,
        connector: terms.connector.clone(),
        functions: Vec::new(),
        scope: String::new(),
        assignable: row.assignable && row.flag("deprecated") != Some(true),
        break_glass: false,
        requestable_by: Vec::new(),
        privileged: row.privileged == Some(true) || privilege == Privilege::Tier0,
        ladder: row.ladder(),
    }
}

fn window(privilege: Privilege) -> Seconds {
    if privilege >= Privilege::Admin { Seconds::hours(8) } else { Seconds::days(30) }
}

fn longest(privilege: Privilege) -> Seconds {
    match privilege {
        Privilege::Admin | Privilege::Tier0 => Seconds::days(30),
        Privilege::Elevated => Seconds::days(180),
        Privilege::Standard | Privilege::None => Seconds::days(365),
    }
}

/// The words of a technical name, lower case: `User.ReadWrite.All` gives `user`, `readwrite`, `read`, `write`, `all`.
fn words(name: &str) -> Vec<String> {
    let mut out = Vec::new();
    for part in name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| !p.is_empty()) {
        out.push(part.to_ascii_lowercase());
        let mut word = String::new();
        let mut lower_before = false;
        for c in part.chars() {
            if c.is_ascii_uppercase() && lower_before {
                out.push(std::mem::take(&mut word));
            }
            lower_before = c.is_ascii_lowercase() || c.is_ascii_digit();
            word.push(c.to_ascii_lowercase());
        }
        out.push(word);
    }
    out
}

fn access(row: &VendorEntitlement) -> AccessLevel {
    if let (Some(rank), Some(of)) = (row.number("rank"), row.number("rank_of")) {
        // A ladder of roles: the lowest reads, the next takes part, the upper two administer.
        return match rank {
            r if r >= of - 1 && of > 2 => AccessLevel::Admin,
            r if r <= 0 => AccessLevel::Read,
            1 if of > 3 => AccessLevel::Use,
            _ => AccessLevel::Write,
        };
    }
    let levels = row.list("access_levels");
    if !levels.is_empty() {
        return if levels.contains(&"Permissions management") {
            AccessLevel::Admin
        } else if levels.iter().any(|l| ["Write", "Tagging"].contains(l)) {
            AccessLevel::Write
        } else {
            AccessLevel::Read
        };
    }
    let name = words(&row.name);
    let has = |list: &[&str]| name.iter().any(|w| list.contains(&w.as_str()));
    // Reading stands before administration in names such as `Admin Reader`, so the last telling word decides for plain roles.
    let telling = name.iter().rev().find_map(|w| level_of(w));
    if has(&["fullcontrol", "readwrite"]) {
        return if has(&["fullcontrol"]) { AccessLevel::Admin } else { AccessLevel::Write };
    }
    telling.unwrap_or_else(|| by_description(&row.description))
}

fn level_of(word: &str) -> Option<AccessLevel> {
    [
        (READ_WORDS, AccessLevel::Read),
        (USE_WORDS, AccessLevel::Use),
        (WRITE_WORDS, AccessLevel::Write),
        (ADMIN_WORDS, AccessLevel::Admin),
    ]
    .into_iter()
    .find(|(list, _)| list.contains(&word))
    .map(|(_, level)| level)
}

/// The strongest verb among the first words of a description.
fn by_description(description: &str) -> AccessLevel {
    let head: Vec<String> = description
        .split(|c: char| !c.is_alphabetic())
        .filter(|w| !w.is_empty())
        .take(24)
        .map(str::to_lowercase)
        .collect();
    let has = |list: &[&str]| head.iter().any(|w| list.contains(&w.as_str()));
    if has(ADMIN_VERBS) {
        AccessLevel::Admin
    } else if has(WRITE_VERBS) {
        AccessLevel::Write
    } else if has(READ_VERBS) {
        AccessLevel::Read
    } else if has(USE_VERBS) {
        AccessLevel::Use
    } else {
        AccessLevel::Write
    }
}

fn privilege(row: &VendorEntitlement, access: AccessLevel) -> Privilege {
    let name = words(&row.name);
    let key = name.iter().any(|w| KEYS_TO_EVERYTHING.contains(&w.as_str())) && access == AccessLevel::Admin;
    let control = row.text("eam_tier") == Some("ControlPlane");
    let vendor_says =
        row.privileged == Some(true) || row.flag("privesc") == Some(true) || row.flag("wildcard_all") == Some(true);
    match access {
        AccessLevel::Admin if key && row.privileged != Some(false) => Privilege::Tier0,
        _ if row.privileged == Some(true) || (control && access >= AccessLevel::Write) => Privilege::Admin,
        AccessLevel::Admin if vendor_says || row.number("privilege_level").is_none_or(|l| l >= 4) => Privilege::Admin,
        AccessLevel::Admin | AccessLevel::Write => {
            if row.number("privilege_level").is_some_and(|l| l <= 1) {
                Privilege::Standard
            } else {
                Privilege::Elevated
            }
        }
        AccessLevel::Read | AccessLevel::Use => {
            if vendor_says || control || row.number("privilege_level").is_some_and(|l| l >= 4) {
                Privilege::Elevated
            } else {
                Privilege::Standard
            }
        }
    }
}

fn data(row: &VendorEntitlement, access: AccessLevel, privilege: Privilege) -> DataClass {
    let opens = ["data_access", "credentials_exposure", "data_actions"].iter().any(|hint| row.flag(hint) == Some(true));
    if opens || privilege >= Privilege::Admin {
        DataClass::Regulated
    } else if access >= AccessLevel::Write
        || privilege == Privilege::Elevated
        || row.flag("requires_admin_consent") == Some(true)
        || row.flag("resource_exposure") == Some(true)
    {
        DataClass::Confidential
    } else {
        DataClass::Internal
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::catalog::jsonl::parse_lines;
    use crate::domain::ids::{ConnectorId, PersonId};

    fn made(json: &str) -> Entitlement {
        let terms = VendorTerms {
            owner: PersonId::parse("o").unwrap(),
            department: "IT".into(),
            connector: ConnectorId::parse("manual").unwrap(),
        };
        entitlement(&parse_lines("t", json).unwrap()[0], &terms, date(2026, 11, 21))
    }

    #[test]
    fn strength_follows_the_source_then_the_name_then_the_description() {
        let table = [
            (
                r#"{"id":"a:1","system":"a","name":"Global Administrator","privileged":true}"#,
                AccessLevel::Admin,
                Privilege::Tier0,
            ),
            (
                r#"{"id":"a:1","system":"a","name":"Password Administrator","privileged":true}"#,
                AccessLevel::Admin,
                Privilege::Admin,
            ),
            (
                r#"{"id":"a:1","system":"a","name":"Report Reader","privileged":false}"#,
                AccessLevel::Read,
                Privilege::Standard,
            ),
            (
                r#"{"id":"a:1","system":"a","name":"Admin Reader","sensitivity":{"eam_tier":"ControlPlane"}}"#,
                AccessLevel::Read,
                Privilege::Elevated,
            ),
            (r#"{"id":"a:1","system":"a","name":"Notes.ReadWrite.All"}"#, AccessLevel::Write, Privilege::Elevated),
            (
                r#"{"id":"a:1","system":"a","name":"roles/storage.objectViewer"}"#,
                AccessLevel::Read,
                Privilege::Standard,
            ),
            (
                r#"{"id":"a:1","system":"a","name":"Thing","description":"Lets people view bills."}"#,
                AccessLevel::Read,
                Privilege::Standard,
            ),
            (r#"{"id":"a:1","system":"a","name":"Thing"}"#, AccessLevel::Write, Privilege::Elevated),
            (
                r#"{"id":"a:1","system":"a","name":"X","sensitivity":{"access_levels":["List","Write"],"privesc":false}}"#,
                AccessLevel::Write,
                Privilege::Elevated,
            ),
        ];
        for (json, access, privilege) in table {
            let e = made(json);
            assert_eq!((e.access, e.privilege), (access, privilege), "{json}");
        }
    }

    #[test]
    fn strong_access_is_short_and_nothing_is_open_ended() {
        let strong = made(r#"{"id":"a:1","system":"a","name":"Owner","privileged":true}"#);
        assert_eq!((strong.default_window, strong.tier), (Seconds::hours(8), Tier::Manual));
        let weak = made(r#"{"id":"a:1","system":"a","name":"Reader"}"#);
        assert_eq!(
            (weak.default_window, weak.tier, weak.data),
            (Seconds::days(30), Tier::Automatic, DataClass::Internal)
        );
        assert!(strong.longest_window.is_some() && weak.longest_window.is_some());
    }
}
