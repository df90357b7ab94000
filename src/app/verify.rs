//! Proving a database: the file against its seal, the log against its checkpoints, everything else against the log. Changes nothing.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::app::data_dir::DataDir;
use crate::app::record::{BATCH, in_use, pages_as_sealed, read_public_key, read_seal, seal_path};
use crate::audit::fault::Fault;
use crate::audit::key::PublicKey;
use crate::audit::seal::Seal;
use crate::audit::verify::{Kept, Report, Verifier};
use crate::ports::store::{Held, Record, StoreError};
use crate::store::open::{Location, OpenError, Prepare, open};

/// After so many unreadable events in a row nothing behind them is tried any more.
const GIVE_UP: u32 = 3;

/// A signed note from elsewhere, with what to call it.
pub struct Exported {
    /// What to call it: the file's name.
    pub name: String,
    /// The signed note.
    pub note: String,
}

/// What the seal on a file says.
#[derive(Default)]
struct Sealed {
    /// Faults of the seal itself.
    faults: Vec<Fault>,
    /// The seal, where it is good.
    seal: Option<Seal>,
    /// Where the file differs from it.
    differences: Vec<Fault>,
    /// True where somebody is or was at work on the file.
    in_use: bool,
    /// True where there is none.
    missing: bool,
}

/// Proves a database with nothing but the public key, and checkpoints that were given away before.
///
/// # Errors
/// Where there is no database, it is of another version, or it cannot be reached. What is *wrong* with it is in the report.
pub async fn verify(database: &Location, key: &PublicKey, exported: Vec<Exported>) -> anyhow::Result<Report> {
    let sealed = match database {
        Location::File(path) => look_at_seal(path, key)?,
        Location::Memory => bail!("a database in memory cannot be proved"),
        Location::Server(_) => Sealed::default(),
    };
    let store = match open(database, Prepare::Inspect).await {
        Ok(store) => store,
        Err(error @ (OpenError::Missing(_) | OpenError::Newer { .. } | OpenError::Older { .. }))
            if sealed.differences.is_empty() =>
        {
            return Err(error.into());
        }
        // A server that does not answer is no fault of the record; a file that cannot be opened is.
        Err(error) if matches!(database, Location::Server(_)) => return Err(error.into()),
        Err(error) => return Ok(unreadable(key, sealed, &anyhow::Error::from(error))),
    };
    let report = examine_sealed(store.as_ref(), key, exported, sealed).await;
    store.close().await;
    Ok(report)
}

/// Proves a record that is open already, without a look at its file.
pub async fn examine(record: &dyn Record, key: &PublicKey, exported: Vec<Exported>) -> Report {
    examine_sealed(record, key, exported, Sealed::default()).await
}

/// What whoever works on with a data folder has to know about its record: that it is not sound, where it is not. Nothing where all is
/// well, or where there is no record yet.
pub async fn warning(data: &DataDir) -> Option<String> {
    let (database, key) = (data.database(), data.audit_pub());
    if !database.exists() || !key.exists() {
        return None;
    }
    let proved = match read_public_key(&key) {
        Ok(key) => verify(&Location::File(database), &key, Vec::new()).await,
        Err(error) => Err(error),
    };
    match proved {
        Ok(report) if report.is_sound() => None,
        Ok(report) => {
            let count = report.faults.len() as u64 + report.more_faults;
            let first = report.faults.first().map(ToString::to_string).unwrap_or_default();
            let faults = if count == 1 { "1 fault".to_owned() } else { format!("{count} faults, the first") };
            Some(format!(
                "warning: the record in `{}` is NOT sound ({faults}: {first}). What follows may rest on altered data; \
                 `claviger audit verify` says more.",
                data.path().display()
            ))
        }
        // A database of another version is brought to this one, or refused, by whoever opens it next.
        Err(error) if matches!(error.downcast_ref(), Some(OpenError::Older { .. } | OpenError::Newer { .. })) => None,
        Err(error) => {
            Some(format!("warning: the record in `{}` could not be checked: {error:#}", data.path().display()))
        }
    }
}

fn look_at_seal(path: &Path, key: &PublicKey) -> anyhow::Result<Sealed> {
    if !path.exists() {
        return Err(OpenError::Missing(PathBuf::from(path)).into());
    }
    let mut sealed = Sealed { in_use: in_use(path), ..Sealed::default() };
    let Some(note) = read_seal(path)? else {
        sealed.missing = true;
        return Ok(sealed);
    };
    match Seal::open(&note, key) {
        Ok(seal) => {
            let now = pages_as_sealed(path, &seal)?;
            sealed.differences = seal.differences(&now, &path.display().to_string());
            sealed.seal = Some(seal);
        }
        Err(error) => sealed.faults.push(Fault::row(&seal_path(path).display().to_string(), "", error.to_string())),
    }
    Ok(sealed)
}

/// The report on a file that not even the database engine can open.
fn unreadable(key: &PublicKey, sealed: Sealed, error: &anyhow::Error) -> Report {
    let mut report = Verifier::new(key, &[]).finish(&Kept::default());
    report.notes.clear();
    report.faults = sealed.faults;
    report.faults.extend(sealed.differences);
    report.faults.push(Fault::row("database", "", format!("{error:#}")));
    report
}

async fn examine_sealed(record: &dyn Record, key: &PublicKey, exported: Vec<Exported>, sealed: Sealed) -> Report {
    let mut found = sealed.faults;
    let mut notes: Vec<(String, Option<u64>, String)> = Vec::new();
    match record.checkpoints().await {
        Ok(kept) => notes.extend(kept.into_iter().map(|(size, note)| ("checkpoints".to_owned(), Some(size), note))),
        Err(error) => found.push(broken("checkpoints", &error)),
    }
    notes.extend(exported.into_iter().map(|e| (e.name, None, e.note)));
    let mut verifier = Verifier::new(key, &notes);
    if let Some(seal) = &sealed.seal {
        verifier.expect("the seal's root", seal.log_size, seal.log_root);
    }
    read_log(record, &mut verifier, &mut found).await;
    match record.soundness().await {
        Ok(lines) => found.extend(lines.into_iter().map(|line| Fault::row("database", "", line))),
        Err(error) => found.push(broken("database", &error)),
    }
    let held = match record.held().await {
        Ok(held) => held,
        Err(error) => {
            found.push(broken("database", &error));
            Held::default()
        }
    };
    let mut report = verifier.finish(&kept(held));
    let mut remarks = Vec::new();
    if let Some(seal) = &sealed.seal {
        let grown = report.events > seal.log_size;
        if sealed.in_use || grown {
            remarks.push(format!(
                "the seal is older than the database (sealed with {} events, now {}): its pages were not compared",
                seal.log_size, report.events
            ));
        } else {
            // The file's own faults come first: they name the bytes.
            found.splice(0..0, sealed.differences);
        }
    } else if sealed.missing {
        remarks.push("there is no seal: bytes of the file that belong to no row are not vouched for".to_owned());
    }
    report.faults.splice(0..0, found);
    report.notes.splice(0..0, remarks);
    report
}

async fn read_log(record: &dyn Record, verifier: &mut Verifier, found: &mut Vec<Fault>) {
    let (mut next, mut limit, mut failed) = (0, BATCH, 0);
    loop {
        match record.leaves(next, limit).await {
            Ok(leaves) => {
                let Some((last, _)) = leaves.last() else { return };
                let after = last.saturating_add(1);
                for (seq, leaf) in &leaves {
                    verifier.leaf(*seq, leaf);
                }
                (next, failed) = (after, 0);
            }
            // Something in this stretch cannot be read: go on one by one to find out which.
            Err(_) if limit > 1 => limit = 1,
            Err(error) => {
                found.push(Fault::event(next, None, format!("it cannot be read: {}", told(&error))));
                failed += 1;
                if failed == GIVE_UP {
                    return;
                }
                next = next.saturating_add(1);
            }
        }
    }
}

fn kept(held: Held) -> Kept {
    Kept {
        requests: held.requests,
        grants: held.grants,
        tasks: held.tasks,
        tickets: held.tickets,
        links: held.links,
        artifacts: held.artifacts.into_iter().map(|(digest, a)| (digest, a.kind, a.bytes)).collect(),
        texts: held.texts.iter().map(|text| (text.id, text.commitment())).collect(),
        broken: held.broken,
    }
}

fn broken(table: &str, error: &StoreError) -> Fault {
    Fault::row(table, "", format!("it cannot be read: {}", told(error)))
}

/// An error with its causes.
fn told(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// Reads a checkpoint that was given away before.
///
/// # Errors
/// Where the file cannot be read or is too long.
pub fn read_exported(path: &Path) -> anyhow::Result<Exported> {
    let name = path.display().to_string();
    let meta = std::fs::metadata(path).with_context(|| format!("the checkpoint `{name}` cannot be read"))?;
    if meta.len() > crate::audit::checkpoint::MAX_NOTE as u64 {
        bail!("the checkpoint `{name}` is too long to be one");
    }
    let note = std::fs::read_to_string(path).with_context(|| format!("the checkpoint `{name}` cannot be read"))?;
    Ok(Exported { name, note })
}
