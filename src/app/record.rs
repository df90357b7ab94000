//! The record's keeper: the signing key's file, checkpoints while the program runs, the seal on a database file at rest.
//!
//! Beside the database lie `audit.key` (signs; for its owner alone), `audit.pub` (verifies; give it away), and `<database>.seal`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use secrecy::{ExposeSecret as _, ExposeSecretMut as _, SecretBox, SecretString};
use tokio::sync::Mutex;

use crate::app::data_dir::write_once;
use crate::audit::checkpoint::Checkpoint;
use crate::audit::key::{PublicKey, SecretKey};
use crate::audit::seal::{PAGE, PageHasher, Seal};
use crate::audit::tree::Frontier;
use crate::domain::clock::Entropy;
use crate::domain::digest::Digest;
use crate::ports::store::Record;

/// How many leaves are read in one go.
pub const BATCH: u32 = 1_000;
/// The longest key file read, in bytes.
const MAX_KEY: u64 = 4 * 1024;
/// The longest seal read, in bytes: enough for a database of about 90 GB.
const MAX_SEAL: u64 = 1024 * 1024 * 1024;

/// The seal beside a database file.
#[must_use]
pub fn seal_path(database: &Path) -> PathBuf {
    beside(database, ".seal")
}

/// SQLite's write-ahead log beside a database file.
#[must_use]
pub fn wal_path(database: &Path) -> PathBuf {
    beside(database, "-wal")
}

fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Reads a verifying key.
///
/// # Errors
/// A sentence with the file's name.
pub fn read_public_key(path: &Path) -> anyhow::Result<PublicKey> {
    let text = read_text(path, MAX_KEY).with_context(|| {
        format!(
            "the public key `{}` cannot be read (the first `claviger demo` or `claviger serve` makes it)",
            path.display()
        )
    })?;
    PublicKey::parse(&text).with_context(|| format!("the public key `{}` cannot be used", path.display()))
}

/// Reads the signing key.
///
/// # Errors
/// A sentence with the file's name, and nothing of its content.
pub fn read_key(path: &Path) -> anyhow::Result<SecretKey> {
    let text =
        read_text(path, MAX_KEY).with_context(|| format!("the signing key `{}` cannot be read", path.display()))?;
    let text = SecretString::from(text);
    SecretKey::parse(text.expose_secret())
        .with_context(|| format!("the signing key `{}` cannot be used", path.display()))
}

/// The signing key, made under this name where there is none; its public half is written beside it where that is missing. A key that
/// is there and cannot be read is never written over. Processes that share the folder and start at once get the same.
///
/// # Errors
/// A sentence with the file's name.
pub fn open_key(path: &Path, public: &Path, origin: &str, entropy: &dyn Entropy) -> anyhow::Result<SecretKey> {
    let key = if path.exists() {
        read_key(path)?
    } else {
        let mut seed = SecretBox::new(Box::new([0u8; 32]));
        entropy.fill(seed.expose_secret_mut());
        let key = SecretKey::from_seed(origin, seed.expose_secret())?;
        let line = SecretString::from(format!("{}\n", key.to_text().expose_secret()));
        let written = write_once(path, line.expose_secret().as_bytes(), 0o600, entropy)
            .with_context(|| format!("the signing key `{}` cannot be written", path.display()))?;
        if written { key } else { read_key(path)? }
    };
    if !public.exists() {
        write_once(public, format!("{}\n", key.public().to_text()).as_bytes(), 0o644, entropy)
            .with_context(|| format!("the public key `{}` cannot be written", public.display()))?;
    }
    Ok(key)
}

/// Follows the log and signs it. Appending to the tree is cheap: only what is new is read.
pub struct Keeper {
    key: SecretKey,
    followed: Mutex<Followed>,
}

/// What a keeper has seen.
#[derive(Clone, Default)]
struct Followed {
    tree: Frontier,
    /// Events under the last checkpoint.
    signed: u64,
}

/// How far the log goes, and how far it is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How many events.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
    /// How many are under a signed checkpoint.
    pub signed: u64,
}

impl Keeper {
    /// A keeper with this key. It reads the whole log once, when it first follows it.
    #[must_use]
    pub fn new(key: SecretKey) -> Self {
        Self { key, followed: Mutex::default() }
    }

    /// The public half of the key.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        self.key.public()
    }

    /// Reads what is new. The first time the whole log is held against every checkpoint.
    ///
    /// # Errors
    /// Where the log cannot be read, or contradicts a checkpoint: whoever signed on would cover that up.
    pub async fn follow(&self, record: &dyn Record) -> anyhow::Result<Head> {
        let mut followed = self.followed.lock().await;
        self.catch_up(record, &mut followed).await
    }

    /// Reads what is new and signs it, where anything is.
    ///
    /// # Errors
    /// As [`Keeper::follow`], and where the checkpoint cannot be kept.
    pub async fn checkpoint(&self, record: &dyn Record) -> anyhow::Result<Head> {
        let mut followed = self.followed.lock().await;
        let head = self.catch_up(record, &mut followed).await?;
        if head.signed < head.size {
            let note = Checkpoint::sign(head.size, head.root, &self.key);
            record.put_checkpoint(head.size, &note).await.context("the checkpoint cannot be kept")?;
            followed.signed = head.size;
        }
        Ok(Head { signed: head.size, ..head })
    }

    async fn catch_up(&self, record: &dyn Record, followed: &mut Followed) -> anyhow::Result<Head> {
        let known = if followed.tree.size() == 0 { self.checkpoints(record).await? } else { BTreeMap::new() };
        // Works on a copy, so that a failure halfway leaves the keeper as it was.
        let mut next = followed.clone();
        loop {
            let leaves = record.leaves(next.tree.size(), BATCH).await.context("the log cannot be read")?;
            if leaves.is_empty() {
                break;
            }
            for (seq, leaf) in leaves {
                if seq != next.tree.size() {
                    bail!("event {} is missing from the log; run `claviger audit verify`", next.tree.size());
                }
                next.tree.append(&leaf);
                let size = next.tree.size();
                match known.get(&size) {
                    Some(root) if *root != next.tree.root() => {
                        bail!("the log contradicts the checkpoint of size {size}; run `claviger audit verify`")
                    }
                    Some(_) => next.signed = size,
                    None => {}
                }
            }
        }
        let size = next.tree.size();
        if let Some((beyond, _)) = known.last_key_value().filter(|(beyond, _)| **beyond > size) {
            bail!("{beyond} events were signed and only {size} are there; run `claviger audit verify`");
        }
        *followed = next;
        Ok(Head { size, root: followed.tree.root(), signed: followed.signed })
    }

    async fn checkpoints(&self, record: &dyn Record) -> anyhow::Result<BTreeMap<u64, Digest>> {
        let notes = record.checkpoints().await.context("the checkpoints cannot be read")?;
        let open = |(size, note): (u64, String)| {
            Checkpoint::open(&note, self.key.public())
                .map(|open| (open.size, open.root))
                .with_context(|| format!("the checkpoint of size {size} is not good; run `claviger audit verify`"))
        };
        notes.into_iter().map(open).collect()
    }

    /// Seals a SQLite file that was closed, for the log as it was followed last.
    ///
    /// # Errors
    /// Where the file is still in use or cannot be read, or the seal cannot be written.
    pub async fn seal(&self, database: &Path) -> anyhow::Result<()> {
        if in_use(database) {
            bail!("`{}` is in use: stop whatever works on it first", database.display());
        }
        let followed = self.followed.lock().await;
        let seal = pages(database)?.seal(followed.tree.size(), followed.tree.root());
        let path = seal_path(database);
        replace(&path, seal.sign(&self.key).as_bytes())
            .with_context(|| format!("the seal `{}` cannot be written", path.display()))
    }
}

/// True where a write-ahead log lies beside the file: somebody is at work on it, or stopped without closing it.
#[must_use]
pub fn in_use(database: &Path) -> bool {
    fs::metadata(wal_path(database)).is_ok_and(|meta| meta.len() > 0)
}

/// Takes the seal off, because work on the database begins.
///
/// # Errors
/// Where it is there and cannot be removed.
pub fn unseal(database: &Path) -> anyhow::Result<()> {
    match fs::remove_file(seal_path(database)) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("the seal on `{}` cannot be taken off", database.display()))
        }
        _ => Ok(()),
    }
}

/// The seal on a database file, where there is one: its text, not yet held against any key.
///
/// # Errors
/// Where it is there and cannot be read.
pub fn read_seal(database: &Path) -> anyhow::Result<Option<String>> {
    let path = seal_path(database);
    match read_text(&path, MAX_SEAL) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("the seal `{}` cannot be read", path.display())),
    }
}

/// The pages of a file as it lies on the disk now.
///
/// # Errors
/// Where it cannot be read.
pub fn pages(database: &Path) -> anyhow::Result<PageHasher> {
    let read = || -> std::io::Result<PageHasher> {
        let mut file = File::open(database)?;
        let (mut hasher, mut buffer) = (PageHasher::new(), vec![0; 64 * PAGE]);
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(hasher),
                n => hasher.update(&buffer[..n]),
            }
        }
    };
    read().with_context(|| format!("the database `{}` cannot be read", database.display()))
}

/// What a seal on a file says now, against a file as it lies there.
///
/// # Errors
/// Where the file cannot be read.
pub fn pages_as_sealed(database: &Path, seal: &Seal) -> anyhow::Result<Seal> {
    Ok(pages(database)?.seal(seal.log_size, seal.log_root))
}

fn read_text(path: &Path, most: u64) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(std::io::Error::new(ErrorKind::InvalidData, format!("it is longer than {most} bytes")));
    }
    // Bytes that are no text are kept recognisable as wrong; whoever reads the text will say what it should be.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Writes a file whole or not at all.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let new = beside(path, ".new");
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)
}
