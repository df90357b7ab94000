//! `claviger audit`: verifies, exports, replays, proves and seals the record.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use crate::app::record::{BATCH, Head, Keeper, read_key, read_public_key, unseal};
use crate::app::replay::{ReplayReport, replay};
use crate::app::verify::{read_exported, verify};
use crate::audit::checkpoint::Checkpoint;
use crate::audit::proof::Proof;
use crate::audit::tree::leaf_hash;
use crate::audit::verify::{Report, parse};
use crate::audit::{export, ocsf};
use crate::domain::digest::Digest;
use crate::ports::store::Record;
use crate::store::open::{Location, Prepare, open};

/// What a check that found something exits with.
const FOUND: u8 = 3;
/// The longest proof read, in bytes.
const MAX_PROOF: u64 = 16 * 1024 * 1024;

/// Verifies, exports, replays, proves and seals the record.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Proves that nothing in the record was changed, and names the place where something was. Offline; changes nothing.
    #[command(after_help = "Example:\n  claviger audit verify --database .claviger/claviger.db --key audit.pub\n\n\
        Exit codes: 0 the record is sound, 1 it could not be checked, 3 faults were found.")]
    Verify {
        #[command(flatten)]
        place: Place,
        /// The public key; `audit.pub` in the data folder when not given.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// A checkpoint that was given away before; may be repeated.
        #[arg(long, value_name = "FILE")]
        checkpoint: Vec<PathBuf>,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Writes the record to standard output, one line an event.
    #[command(after_help = "Example:\n  claviger audit export --format ocsf > events.jsonl\n\n\
        Exit codes: 0 done, 1 it went wrong, 3 an event could not be read (run `claviger audit verify`).")]
    Export {
        #[command(flatten)]
        place: Place,
        /// As JSON lines of our own form, or as OCSF 1.8 events.
        #[arg(long, value_enum, default_value_t = Format::Jsonl)]
        format: Format,
        /// The first event's place in the log.
        #[arg(long, default_value_t = 0)]
        from: u64,
    },
    /// Decides every recorded decision again, from its stored facts under its stored policy, and compares the bytes.
    #[command(after_help = "Example:\n  claviger audit replay --data .claviger\n\n\
        Exit codes: 0 every decision came out the same, 1 it went wrong, 3 one did not.")]
    Replay {
        #[command(flatten)]
        place: Place,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Proves that one event stands in the record; or checks such a proof with nothing but the public key.
    #[command(after_help = "Examples:\n  claviger audit prove 17 > proof.json\n  \
        claviger audit prove --check proof.json --key audit.pub\n\n\
        Exit codes: 0 proved, 1 it went wrong, 3 the proof does not hold.")]
    Prove {
        /// The event's place in the log, from 0.
        #[arg(required_unless_present = "check", conflicts_with = "check")]
        seq: Option<u64>,
        /// A proof to check.
        #[arg(long, value_name = "FILE")]
        check: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
        /// The public key; `audit.pub` in the data folder when not given.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Signs a checkpoint, closes the database and seals its file.
    #[command(after_help = "Example:\n  claviger audit seal --data .claviger\n\n\
        Exit codes: 0 done, 1 it went wrong (the database is still in use, for instance).")]
    Seal {
        #[command(flatten)]
        place: Place,
    },
}

/// Where the record is.
#[derive(Debug, clap::Args)]
struct Place {
    /// The data folder: database, keys.
    #[arg(
        long,
        visible_alias = "data-dir",
        env = "CLAVIGER_DATA_DIR",
        value_name = "DIR",
        default_value = ".claviger"
    )]
    data: PathBuf,
    /// A SQLite file's path or a `postgres://` address; `claviger.db` in the data folder when not given.
    #[arg(long, env = "CLAVIGER_DATABASE", value_name = "URL|PATH", hide_env_values = true)]
    database: Option<Location>,
}

impl Place {
    fn database(&self) -> Location {
        self.database.clone().unwrap_or_else(|| Location::File(self.data.join("claviger.db")))
    }

    fn public_key(&self, given: Option<PathBuf>) -> PathBuf {
        given.unwrap_or_else(|| self.data.join("audit.pub"))
    }
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// One JSON object an event: its place, its leaf's hash, the event.
    Jsonl,
    /// OCSF 1.8 events.
    Ocsf,
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    runtime.block_on(async {
        match args.command {
            Command::Verify { place, key, checkpoint, json } => check_record(&place, key, &checkpoint, json).await,
            Command::Export { place, format, from } => write_out(&place, format, from).await,
            Command::Replay { place, json } => decide_again(&place, json).await,
            Command::Prove { check: Some(file), place, key, .. } => check_proof(&place.public_key(key), &file),
            Command::Prove { seq: Some(seq), place, key, .. } => prove(&place, key, seq).await,
            Command::Prove { .. } => bail!("give an event's place or a proof to check"),
            Command::Seal { place } => seal(&place).await,
        }
    })
}

async fn check_record(place: &Place, key: Option<PathBuf>, given: &[PathBuf], json: bool) -> anyhow::Result<ExitCode> {
    let key = read_public_key(&place.public_key(key))?;
    let exported = given.iter().map(|path| read_exported(path)).collect::<Result<Vec<_>, _>>()?;
    let report = verify(&place.database(), &key, exported).await?;
    let text = if json { serde_json::to_string_pretty(&report)? } else { in_words(&report) };
    say(&text)?;
    Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
}

fn in_words(report: &Report) -> String {
    let mut lines = Vec::new();
    if report.is_sound() {
        lines.push(format!("The record is sound: {} events, root {}.", report.events, report.root));
    } else {
        let count = report.faults.len() as u64 + report.more_faults;
        lines.push(format!("The record of {} events is NOT sound. Faults found: {count}.", report.events));
        lines.extend(report.faults.iter().map(|fault| format!("  {fault}")));
        if report.more_faults > 0 {
            lines.push(format!("  and {} more", report.more_faults));
        }
    }
    lines.push(format!(
        "Signed roots that hold: {}, over {} events. Compared: {} requests, {} grants, {} tasks, {} tickets, {} artifacts. Texts kept: {}, \
         erased: {}.",
        report.checkpoints,
        report.signed_events,
        report.requests,
        report.grants,
        report.tasks,
        report.tickets,
        report.artifacts,
        report.texts_kept,
        report.texts_erased
    ));
    lines.extend(report.notes.iter().map(|note| format!("Note: {note}.")));
    lines.join("\n")
}

async fn write_out(place: &Place, format: Format, from: u64) -> anyhow::Result<ExitCode> {
    let store = open(&place.database(), Prepare::Inspect).await?;
    let (mut next, mut writer, mut unread) = (0, ocsf::Writer::default(), 0u64);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    loop {
        let leaves = store.leaves(next, BATCH).await.context("the log cannot be read")?;
        let Some((last, _)) = leaves.last() else { break };
        next = last.saturating_add(1);
        for (seq, leaf) in &leaves {
            // Events before the first one wanted are read as well: later ones refer to them.
            let line = match (parse(leaf), format) {
                (Err((byte, what)), _) => {
                    eprintln!("claviger: event {seq}, byte {byte}: {what}; it is left out");
                    unread += 1;
                    continue;
                }
                (Ok(_), Format::Jsonl) => export::json_line(*seq, leaf),
                (Ok(event), Format::Ocsf) => writer.event(*seq, leaf, &event).to_string(),
            };
            if *seq >= from {
                match writeln!(out, "{line}") {
                    // Whoever read has enough.
                    Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
                    other => other.context("the line cannot be written")?,
                }
            }
        }
    }
    out.flush().context("the lines cannot be written")?;
    store.close().await;
    Ok(if unread == 0 { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
}

async fn decide_again(place: &Place, json: bool) -> anyhow::Result<ExitCode> {
    let store = open(&place.database(), Prepare::Inspect).await?;
    let report = replay(store.as_ref()).await;
    store.close().await;
    let report = report?;
    if json {
        say(&serde_json::to_string_pretty(&report)?)?;
    } else {
        let ReplayReport { decisions, identical, policies, differences, more_differences } = &report;
        let mut lines = vec![format!(
            "{decisions} decisions made again under {policies} policy sets: {identical} came out the same, byte for byte."
        )];
        lines.extend(differences.iter().map(|d| format!("  event {} of `{}`: {}", d.seq, d.stream, d.what)));
        if *more_differences > 0 {
            lines.push(format!("  and {more_differences} more"));
        }
        say(&lines.join("\n"))?;
    }
    Ok(if report.identical == report.decisions { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
}

async fn prove(place: &Place, key: Option<PathBuf>, seq: u64) -> anyhow::Result<ExitCode> {
    let key = read_public_key(&place.public_key(key))?;
    let store = open(&place.database(), Prepare::Inspect).await?;
    let size = store.log_size().await.context("the log cannot be read")?;
    if seq >= size {
        bail!("there is no event {seq}: the log has {size}, counted from 0");
    }
    let good = |(_, note): (u64, String)| Checkpoint::open(&note, &key).ok().map(|open| (open.size, note));
    let notes = store.checkpoints().await.context("the checkpoints cannot be read")?;
    let Some((signed, note)) = notes.into_iter().filter_map(good).filter(|(signed, _)| *signed > seq).max() else {
        bail!("event {seq} is not under a signed checkpoint yet; `claviger audit seal` signs one");
    };
    let (mut hashes, mut wanted): (Vec<Digest>, _) = (Vec::new(), None);
    while (hashes.len() as u64) < signed {
        let leaves = store.leaves(hashes.len() as u64, BATCH).await.context("the log cannot be read")?;
        if leaves.is_empty() {
            bail!("the log ends before its checkpoint; run `claviger audit verify`");
        }
        for (at, leaf) in leaves.into_iter().filter(|(at, _)| *at < signed) {
            hashes.push(leaf_hash(&leaf));
            if at == seq {
                wanted = Some(leaf);
            }
        }
    }
    store.close().await;
    let leaf = wanted.context("the event is missing from the log; run `claviger audit verify`")?;
    let proof = Proof::make(&hashes, seq, &leaf, note).context("the event is not under its checkpoint")?;
    // A proof that does not hold is never handed out.
    proof.check(&key).context("the record does not fit its checkpoint; run `claviger audit verify`")?;
    say(&serde_json::to_string_pretty(&proof)?)?;
    Ok(ExitCode::SUCCESS)
}

fn check_proof(key: &Path, file: &Path) -> anyhow::Result<ExitCode> {
    let key = read_public_key(key)?;
    let name = file.display();
    let meta = std::fs::metadata(file).with_context(|| format!("the proof `{name}` cannot be read"))?;
    if meta.len() > MAX_PROOF {
        bail!("the proof `{name}` is too long to be one");
    }
    let text = std::fs::read(file).with_context(|| format!("the proof `{name}` cannot be read"))?;
    let checked = match serde_json::from_slice::<Proof>(&text) {
        Ok(proof) => {
            proof.check(&key).map(|(checkpoint, event)| (proof.index, checkpoint, event)).map_err(|e| e.to_string())
        }
        Err(error) => Err(format!("this is not a proof: {error}")),
    };
    match checked {
        Ok((index, checkpoint, event)) => {
            say(&format!(
                "Proved: event {index} of the record `{}` of {} events.\n{}",
                checkpoint.origin,
                checkpoint.size,
                serde_json::to_string_pretty(&event)?
            ))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(what) => {
            say(&format!("The proof does NOT hold: {what}."))?;
            Ok(ExitCode::from(FOUND))
        }
    }
}

async fn seal(place: &Place) -> anyhow::Result<ExitCode> {
    let keeper = Keeper::new(read_key(&place.data.join("audit.key"))?);
    let database = place.database();
    if let Location::File(path) = &database {
        unseal(path)?;
    }
    let store = open(&database, Prepare::AsItIs).await?;
    let signed = keeper.checkpoint(store.as_ref()).await;
    store.close().await;
    let Head { size, root, .. } = signed?;
    match &database {
        Location::File(path) => {
            keeper.seal(path).await?;
            say(&format!("Signed and sealed: {size} events, root {root}."))?;
        }
        Location::Memory | Location::Server(_) => {
            say(&format!("Signed: {size} events, root {root}. (Only files are sealed.)"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints a text; whoever closes the pipe early has read enough.
fn say(text: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("the answer cannot be written")
        }
        _ => Ok(()),
    }
}
