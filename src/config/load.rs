//! Reads settings from a file and from `CLAVIGER_…` variables, the latter winning.

use std::path::Path;

use figment::Figment;
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
    before
        .merge(Toml::file_exact(file))
        // Other variables begin like ours (`CLAVIGER_LOG`, `CLAVIGER_MODEL_URL`); only those that name a section are settings.
        .merge(Env::prefixed("CLAVIGER_").filter(|key| key.as_str().contains("__")).split("__"))
        .extract()
        .map_err(|e| ConfigError::Unusable(e.to_string()))
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
