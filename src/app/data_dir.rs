//! The data folder: the embedded database and the keys, readable by their owner only.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::domain::clock::Entropy;

/// The data folder.
#[derive(Debug, Clone)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// Opens the folder, making it where it is missing.
    ///
    /// # Errors
    /// Where it cannot be made or is a file.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(path).with_context(|| format!("the data folder `{}` cannot be made", path.display()))?;
        restrict(path, 0o700)?;
        Ok(Self(path.to_owned()))
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The embedded database's file.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.0.join("claviger.db")
    }

    /// The demo application's list of open doors.
    #[must_use]
    pub fn doors(&self) -> PathBuf {
        self.0.join("doors.json")
    }

    /// The record's secret signing key.
    #[must_use]
    pub fn audit_key(&self) -> PathBuf {
        self.0.join("audit.key")
    }

    /// The record's public key, to be given to whoever verifies.
    #[must_use]
    pub fn audit_pub(&self) -> PathBuf {
        self.0.join("audit.pub")
    }

    /// Takes the folder for one demo, as long as the answer is held. The lock is the system's: it ends with the process, however that ends.
    ///
    /// # Errors
    /// Where another demo has it, with how to choose another.
    pub fn only_demo(&self) -> anyhow::Result<fs::File> {
        let path = self.0.join("demo.lock");
        let mut options = fs::OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).open(&path);
        let file = file.with_context(|| format!("`{}` cannot be written", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => anyhow::bail!(
                "another demo is using the data folder `{}`; stop it, or choose another folder for this one: claviger demo --data-dir .claviger-2",
                self.0.display()
            ),
            // Some network drives know no locks; a demo is no reason to refuse them.
            Err(fs::TryLockError::Error(error)) => {
                tracing::warn!(%error, "the data folder cannot be locked; start no second demo on it");
                Ok(file)
            }
        }
    }

    /// Thirty-two secret bytes kept in a file, made where it is missing.
    ///
    /// # Errors
    /// Where the file cannot be read or written, or holds something else.
    pub fn secret(&self, name: &str, entropy: &dyn Entropy) -> anyhow::Result<[u8; 32]> {
        let path = self.0.join(name);
        if let Ok(text) = fs::read_to_string(&path) {
            let mut key = [0; 32];
            hex::decode_to_slice(text.trim(), &mut key)
                .map_err(|_| anyhow::anyhow!("`{}` does not hold a key; put the right file back", path.display()))?;
            return Ok(key);
        }
        let mut key = [0; 32];
        entropy.fill(&mut key);
        write_private(&path, hex::encode(key).as_bytes())?;
        Ok(key)
    }
}

/// Writes a file that only its owner may read.
///
/// # Errors
/// Where it cannot be written.
pub fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| format!("`{}` cannot be written", path.display()))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(())
}

fn restrict(path: &Path, mode: u32) -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(path, permissions)
            .with_context(|| format!("`{}` cannot be made private", path.display()))?;
    }
    #[cfg(not(unix))]
    let _ = (path, mode);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_demo_on_one_folder_is_told_how_to_choose_another() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::open(folder.path()).unwrap();
        let first = data.only_demo().unwrap();
        let second = data.only_demo().unwrap_err().to_string();
        assert!(second.contains("--data-dir") && second.contains(&folder.path().display().to_string()), "{second}");
        drop(first);
        data.only_demo().unwrap();
    }
}
