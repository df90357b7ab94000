//! The data folder: the embedded database and the keys, readable by their owner only.

use std::fs;
use std::io::{ErrorKind, Write as _};
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

    /// Thirty-two secret bytes kept in a file, made where it is missing. Processes that share the folder and start at once get the same.
    ///
    /// # Errors
    /// Where the file cannot be read or written, or holds something else.
    pub fn secret(&self, name: &str, entropy: &dyn Entropy) -> anyhow::Result<[u8; 32]> {
        let path = self.0.join(name);
        if let Ok(text) = fs::read_to_string(&path) {
            return held(&path, &text);
        }
        let mut key = [0; 32];
        entropy.fill(&mut key);
        let unwritten = || format!("`{}` cannot be written", path.display());
        if write_once(&path, hex::encode(key).as_bytes(), 0o600, entropy).with_context(unwritten)? {
            return Ok(key);
        }
        let text = fs::read_to_string(&path).with_context(|| format!("`{}` cannot be read", path.display()))?;
        held(&path, &text)
    }
}

fn held(path: &Path, text: &str) -> anyhow::Result<[u8; 32]> {
    let mut key = [0; 32];
    hex::decode_to_slice(text.trim(), &mut key)
        .map_err(|_| anyhow::anyhow!("`{}` does not hold a key; put the right file back", path.display()))?;
    Ok(key)
}

/// Writes a file with these permissions whole, unless it is there already; answers whether it was written. Of several processes that do
/// so at once exactly one writes it, and nobody ever reads half of it.
///
/// # Errors
/// What the system says.
pub fn write_once(path: &Path, bytes: &[u8], mode: u32, entropy: &dyn Entropy) -> std::io::Result<bool> {
    let mut name = [0; 8];
    entropy.fill(&mut name);
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.new", hex::encode(name)));
    let beside = PathBuf::from(beside);
    write_new(&beside, bytes, mode)?;
    let done = match fs::hard_link(&beside, path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        // Some network drives know no links. There nobody else has to start at the same moment.
        Err(_) => match write_new(path, bytes, mode) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            written => written.map(|()| true),
        },
    };
    fs::remove_file(&beside)?;
    done
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
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

    #[test]
    fn processes_that_start_at_once_share_one_key() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let data = DataDir::open(folder.path()).unwrap();
            let keys = std::thread::scope(|scope| {
                let start = || data.secret("buttons.key", &crate::app::system::OsEntropy).unwrap();
                let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect::<std::collections::BTreeSet<_>>()
            });
            assert_eq!(keys.len(), 1);
            assert!(keys.contains(&data.secret("buttons.key", &crate::app::system::OsEntropy).unwrap()));
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left lying about");
        }
    }
}
