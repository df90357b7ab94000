//! Reads settings from a file and from `CLAVIGER_…` variables, the latter winning.

use std::path::Path;

use figment::error::{Actual, Error, Kind};
use figment::providers::{Env, Format as _, Toml};
use figment::value::Value;
use figment::{Figment, Provider as _};

use crate::config::sections::Config;

/// Settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there.
    #[error("there is no settings file at `{0}`; `deploy/claviger.example.toml` shows one")]
    Missing(String),
    /// A key is missing, unknown or of the wrong kind.
    #[error("{0}")]
    Unusable(String),
}

/// Sections that are there only where the file has them, or where a variable sets more of them than a secret: a secret alone, left over in
/// the environment, sets nothing up.
const PLATFORMS: [(&str, &[&str]); 3] = [
    ("slack", &["bot_token", "app_token", "signing_secret"]),
    ("teams", &["app_secret"]),
    ("discord", &["token", "public_key"]),
];

/// Reads settings. `CLAVIGER_HTTP__LISTEN` sets `http.listen`, and so on.
///
/// # Errors
/// [`ConfigError`] names the file or the key.
pub fn load(file: &Path) -> Result<Config, ConfigError> {
    if !file.is_file() {
        return Err(ConfigError::Missing(file.display().to_string()));
    }
    read(Figment::new(), file)
}

/// Reads the settings of chat platforms for the demo, which needs no others: those that `serve` asks for are filled in and not used.
///
/// # Errors
/// [`ConfigError`] names the file or the key.
pub fn load_for_demo(file: &Path) -> Result<Config, ConfigError> {
    let rest = "[http]\nlisten = '127.0.0.1:0'\npublic_url = 'http://127.0.0.1'\n[catalog]\nfolder = 'catalog'\n";
    if !file.is_file() {
        return Err(ConfigError::Missing(file.display().to_string()));
    }
    read(Figment::new().merge(Toml::string(rest)), file)
}

fn read(before: Figment, file: &Path) -> Result<Config, ConfigError> {
    let written = before.merge(Toml::file_exact(file));
    // Other variables begin like ours (`CLAVIGER_LOG`, `CLAVIGER_MODEL_URL`); only those that name a section are settings.
    let set = || Env::prefixed("CLAVIGER_").filter(|key| key.as_str().contains("__")).split("__");
    let keys: Vec<String> = set().iter().map(|(key, _)| key.as_str().to_ascii_lowercase()).collect();
    let mut unused = Vec::new();
    let mut alone = Vec::new();
    for (section, secrets) in PLATFORMS {
        let own: Vec<&str> = keys.iter().filter_map(|key| key_of(key, section)).collect();
        let only_secrets = own.iter().all(|key| secrets.contains(key));
        if own.is_empty() || !only_secrets || written.contains(section) {
            continue;
        }
        alone.push(section);
        for key in own {
            unused.push(format!(
                "{} is set, but there is no [{section}] in `{}`, so it is not used",
                variable(section, key),
                file.display()
            ));
        }
    }
    let used = set().filter(move |key| !alone.iter().any(|section| key_of(key.as_str(), section).is_some()));
    let whole = written.merge(used);
    let mut config: Config = whole.extract().map_err(|error| ConfigError::Unusable(told(&error, file)))?;
    config.unused = unused;
    for section in whole.data().unwrap_or_default().values() {
        for (key, value) in section {
            left_over(key, value, &mut config.left_over);
        }
    }
    Ok(config)
}

/// Finds what was copied from an example and not filled in: “…”, and ids of nothing but zeros. What stands there is not repeated; it may
/// be half a secret.
fn left_over(path: &str, value: &Value, found: &mut Vec<String>) {
    /// An id as the examples have it.
    const ZEROS: &str = "00000000-0000-0000-0000-000000000000";
    match value {
        Value::String(_, text) if text.contains('…') || text == ZEROS => {
            found.push(format!("`{path}` is still the example's: put your own there"));
        }
        Value::Dict(_, keys) => keys.iter().for_each(|(key, value)| left_over(&format!("{path}.{key}"), value, found)),
        Value::Array(_, list) => list.iter().for_each(|value| left_over(path, value, found)),
        _ => {}
    }
}

/// The key within the section, of a name such as `slack.bot_token` or, before it was split, `slack__bot_token`.
fn key_of<'a>(name: &'a str, section: &str) -> Option<&'a str> {
    let head = name.get(..section.len()).filter(|head| head.eq_ignore_ascii_case(section))?;
    let rest = &name[head.len()..];
    rest.strip_prefix("__").or_else(|| rest.strip_prefix('.'))
}

/// The variable that sets a key.
fn variable(section: &str, key: &str) -> String {
    format!("CLAVIGER_{}__{}", section, key).to_uppercase()
}

/// What is wrong, in words of the file and not of the program that reads it.
fn told(error: &Error, file: &Path) -> String {
    let (file, path) = (file.display(), place(&error.path));
    let all = |known: &[&str]| known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ");
    match &error.kind {
        Kind::MissingField(key) if path.is_empty() => {
            format!("`{file}` has no [{key}]; deploy/claviger.example.toml shows what belongs there")
        }
        Kind::MissingField(key) => format!(
            "`{key}` is missing in [{path}]: write it there in `{file}`{}. deploy/claviger.example.toml shows what belongs there",
            // Lists cannot be set by variables.
            if error.path.iter().any(|part| is_number(part)) {
                String::new()
            } else {
                format!(", or set the variable {}", variable(&error.path.join("__"), key))
            }
        ),
        Kind::UnknownField(key, known) => {
            let above = error.path.strip_suffix(std::slice::from_ref(key)).unwrap_or(&error.path);
            let at = if above.is_empty() { format!("`{file}`") } else { format!("[{}]", place(above)) };
            format!("{at} has no key `{key}`; there are {}", all(known))
        }
        Kind::UnknownVariant(found, known) => format!("`{path}` cannot be `{found}`; it can be {}", all(known)),
        Kind::InvalidType(found, wanted) => {
            format!("`{path}` is {}, but has to be {}", is(found), has_to_be(wanted))
        }
        _ => error.to_string(),
    }
}

fn is_number(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_digit())
}

/// Where in the file: `chat.channels.platform, entry 2`.
fn place(path: &[String]) -> String {
    let keys: Vec<&str> = path.iter().map(String::as_str).filter(|part| !is_number(part)).collect();
    let entry = path.iter().find_map(|part| part.parse::<usize>().ok());
    keys.join(".") + &entry.map(|n| format!(", entry {}", n + 1)).unwrap_or_default()
}

/// What stands there, as people call it.
fn is(found: &Actual) -> String {
    match found {
        Actual::Bool(b) => format!("{b}"),
        Actual::Unsigned(n) => format!("the number {n}"),
        Actual::Signed(n) => format!("the number {n}"),
        Actual::Float(n) => format!("the number {n}"),
        Actual::Str(_) => "text".to_owned(),
        Actual::Seq => "a list".to_owned(),
        Actual::Map => "a section".to_owned(),
        other => other.to_string(),
    }
}

/// What belongs there, as people call it; serde names Rust's types.
fn has_to_be(wanted: &str) -> &str {
    match wanted {
        "a string" | "string" | "str" => "text in quotes (ids, too)",
        "a boolean" | "bool" => "true or false",
        "a sequence" => "a list in square brackets",
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        section if section.starts_with("struct ") || section == "a map" => "a section of its own",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("claviger.toml");
        std::fs::write(&file, text).unwrap();
        load(&file)
    }

    const LEAST: &str = "[http]\nlisten='127.0.0.1:1'\npublic_url='https://a.test'\n[catalog]\nfolder='catalog'\n";

    #[test]
    fn an_unknown_key_is_named() {
        let error = read(&format!("{LEAST}colour='red'\n")).unwrap_err().to_string();
        assert!(error.contains("colour"), "{error}");
    }

    #[test]
    fn what_is_wrong_is_said_in_words_of_the_file() {
        let said = |more: &str| read(&format!("{LEAST}{more}")).unwrap_err().to_string();
        let variant = said("[slack]\nmode='sockets'\n");
        assert!(variant.contains("`slack.mode` cannot be `sockets`; it can be `socket`, `http`"), "{variant}");
        let number = said("[discord]\nguilds=[1234]\n");
        assert!(number.contains("discord.guilds") && number.contains("in quotes"), "{number}");
        assert!(number.contains("is the number 1234"), "{number}");
        let missing = said("[sign_in]\nissuer='https://i.test'\n");
        assert!(missing.contains("`client_id` is missing in [sign_in]"), "{missing}");
        assert!(missing.contains("CLAVIGER_SIGN_IN__CLIENT_ID"), "{missing}");
        let second =
            said("[[chat.channels]]\ngroup='a'\nplatform='slack'\nchannel='C1'\n[[chat.channels]]\nplatform='slak'\n");
        assert!(second.contains("`chat.channels.platform, entry 2` cannot be `slak`"), "{second}");
        let section = read(&format!("slack = 1\n{LEAST}")).unwrap_err().to_string();
        assert!(section.contains("has to be a section") && !section.contains("struct"), "{section}");
        assert!(said("[slack]\nbot='x'\n").contains("[slack] has no key `bot`; there are `mode`, `bot_token`"));
        for wrong in [variant, number, missing] {
            assert!(!wrong.contains("default.") && wrong.matches('`').count() % 2 == 0, "{wrong}");
        }
    }

    #[test]
    fn what_an_example_left_over_is_named_and_not_repeated() {
        let zeros = "00000000-0000-0000-0000-000000000000";
        let filled = "[sign_in]\nissuer='https://i.test'\nclient_id='c'\nclient_secret='hush…'\n";
        let teams = format!("[teams]\napp_id='11111111-2222-3333-4444-555555555555'\ntenants=['{zeros}']\n");
        let left = read(&format!("{LEAST}{filled}{teams}")).unwrap().left_over;
        assert_eq!(left.len(), 2, "{left:?}");
        assert!(left[0].contains("`sign_in.client_secret` is still the example's") && !left[0].contains("hush"));
        assert!(left[1].contains("`teams.tenants`"), "{left:?}");
        assert!(read(LEAST).unwrap().left_over.is_empty());
    }

    #[test]
    fn a_platform_without_its_secret_is_read() {
        let config = read(&format!("{LEAST}[slack]\n[teams]\n[discord]\n")).unwrap();
        assert!(config.slack.is_some() && config.teams.is_some() && config.discord.is_some());
    }

    #[test]
    fn the_least_file_works_and_secrets_do_not_show() {
        let config =
            read(&format!("{LEAST}[sign_in]\nissuer='https://i.test'\nclient_id='c'\nclient_secret='hush'\n")).unwrap();
        assert!(!format!("{config:?}").contains("hush"));
    }

    #[test]
    fn the_examples_of_sources_can_be_used_as_they_stand() {
        let text = include_str!("../../deploy/claviger.example.toml");
        let from = text.find("# [directories.ldap]").unwrap();
        let until = text.find("\n[log]").unwrap();
        let (before, sources) = text.split_at(from);
        let bare: Vec<&str> = sources[..until - from].lines().map(|l| l.strip_prefix("# ").unwrap_or(l)).collect();
        let config = read(&format!("{before}{}", bare.join("\n"))).unwrap();
        assert_eq!((config.directories.len(), config.signin_logs.len()), (2, 2));
    }

    #[test]
    fn misspelt_keys_of_sources_are_named() {
        let okta = "[signin_logs.acme]\nfrom='okta'\nurl='https://a.test'\ntoken='hush'\n";
        assert!(!format!("{:?}", read(&format!("{LEAST}{okta}")).unwrap()).contains("hush"));
        let error = read(&format!("{LEAST}{okta}evry_seconds=3\n")).unwrap_err().to_string();
        assert!(error.contains("evry_seconds"), "{error}");
    }
}
