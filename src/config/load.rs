//! Reads settings from a file and from `CLAVIGER_…` variables, the latter winning.

use std::path::Path;

use figment::Figment;
use figment::error::{Error, Kind};
use figment::providers::{Env, Format as _, Toml};

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
    let mut config: Config =
        written.merge(used).extract().map_err(|error| ConfigError::Unusable(told(&error, file)))?;
    config.unused = unused;
    Ok(config)
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
    let (file, path) = (file.display(), error.path.join("."));
    let all = |known: &[&str]| known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ");
    match &error.kind {
        Kind::MissingField(key) if path.is_empty() => {
            format!("`{file}` has no [{key}]; deploy/claviger.example.toml shows what belongs there")
        }
        Kind::MissingField(key) => format!(
            "`{path}.{key}` is missing: write it into `{file}` below [{path}], or set the variable {}. deploy/claviger.example.toml shows \
             what belongs there",
            variable(&error.path.join("__"), key)
        ),
        Kind::UnknownField(key, known) => {
            let at =
                error.path.iter().take(error.path.len().saturating_sub(usize::from(error.path.last() == Some(key))));
            let at = at.map(String::as_str).collect::<Vec<_>>().join(".");
            let place = if at.is_empty() { format!("`{file}`") } else { format!("[{at}]") };
            format!("{place} has no key `{key}`; there are {}", all(known))
        }
        Kind::UnknownVariant(found, known) => format!("`{path}` cannot be `{found}`; it can be {}", all(known)),
        Kind::InvalidType(found, wanted) => {
            let quoted = if wanted.contains("string") { ". Ids and other text stand in quotes" } else { "" };
            format!("`{path}` is {found}, but has to be {wanted}{quoted}")
        }
        _ => error.to_string(),
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
        let missing = said("[sign_in]\nissuer='https://i.test'\n");
        assert!(missing.contains("`sign_in.client_id` is missing"), "{missing}");
        assert!(missing.contains("CLAVIGER_SIGN_IN__CLIENT_ID"), "{missing}");
        assert!(said("[slack]\nbot='x'\n").contains("[slack] has no key `bot`; there are `mode`, `bot_token`"));
        for wrong in [variant, number, missing] {
            assert!(!wrong.contains("default.") && wrong.matches('`').count() % 2 == 0, "{wrong}");
        }
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
