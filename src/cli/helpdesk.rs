//! `claviger helpdesk`: sign-in logs read in and explained.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::json;

use crate::app::data_dir::DataDir;
use crate::app::system::SystemClock;
use crate::cli::{helpdesk_explain, helpdesk_report, helpdesk_triage, input, screen};
use crate::connectors::signin::intake::take_all;
use crate::connectors::signin::read::{Hints, Records};
use crate::domain::clock::Clock as _;
use crate::domain::signin::Provider;
use crate::ports::signin::Taken;
use crate::store::open::{Location, Prepare, open};

/// Sign-in logs read in and explained.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Reads sign-in logs into one normal form, and stores them where a database is named.
    Ingest(IngestArgs),
    /// Answers a question about somebody's sign-ins from the events themselves.
    Explain(helpdesk_explain::Args),
    /// Says what existing tickets are, and answers those it can.
    Triage(helpdesk_triage::Args),
    /// What became of the questions people asked.
    Report(helpdesk_report::Args),
}

/// Reads sign-in logs into one normal form, and stores them where a database is named.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  claviger helpdesk ingest --json events.jsonl\n  claviger helpdesk ingest --provider sshd --data .claviger /var/log/auth.log\n  \
    zcat cloudtrail.json.gz | claviger helpdesk ingest --provider aws_console_login -\n\n\
    Understood: JSON lines, bare or as {\"id\", \"provider\", \"raw\"}; whole JSON documents and vendors' envelopes; LDIF; Windows event XML; \
    lines of sshd, PAM and Keycloak. Whose log a record is from is told by its shape where nobody names it.\n\
    With --json every record becomes a line, in order; one that cannot be read becomes {\"id\", \"line\", \"aside\"}.\n\n\
    Exit codes: 0 everything was read, 1 it went wrong, 3 some records were kept aside."
)]
struct IngestArgs {
    /// One line of JSON for every event, instead of a table at the end.
    #[arg(long)]
    json: bool,
    /// Whose records they are, where they do not say it themselves.
    #[arg(long, value_parser = input::provider(), ignore_case = true)]
    provider: Option<Provider>,
    /// Store into this database: a SQLite file's path or a `postgres://` address.
    #[arg(long, value_name = "URL|PATH", conflicts_with = "data")]
    database: Option<Location>,
    /// Store into this data folder's database.
    #[arg(long, visible_alias = "data-dir", value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// When the records are taken to be read, RFC 3339; now by default. Counts for times without a year.
    #[arg(long, value_name = "TIME", value_parser = crate::cli::time::moment)]
    at: Option<Timestamp>,
    /// The files; `-` is standard input.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Ingest(args) => told(args.json, ingest(&args)),
        Command::Explain(args) => helpdesk_explain::run(args),
        Command::Triage(args) => told(args.json, helpdesk_triage::run(args)),
        Command::Report(args) => told(args.json, helpdesk_report::run(args)),
    }
}

/// Whoever asked for JSON reads a mistake as JSON too; in words it goes to the side of errors as ever.
fn told(as_json: bool, done: anyhow::Result<ExitCode>) -> anyhow::Result<ExitCode> {
    if let (true, Err(error)) = (as_json, &done) {
        println!("{}", screen::json(&json!({ "error": format!("{error:#}") }))?);
    }
    done
}

fn ingest(args: &IngestArgs) -> anyhow::Result<ExitCode> {
    let hints = Hints { provider: args.provider, now: args.at.unwrap_or_else(|| SystemClock.now()) };
    let location = match (&args.database, &args.data) {
        (Some(location), _) => Some(location.clone()),
        (None, Some(folder)) => Some(Location::File(DataDir::open(folder)?.database())),
        (None, None) => None,
    };
    let kept_aside = match location {
        Some(location) if !args.json => store(args, hints, &location)?,
        Some(location) => {
            store(args, hints, &location)?;
            print(args, hints)?
        }
        None => print(args, hints)?,
    };
    Ok(if kept_aside == 0 { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

/// Reads and prints: lines, or a table. Answers how many records were kept aside.
fn print(args: &IngestArgs, hints: Hints) -> anyhow::Result<u64> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut table: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut progress = Progress::new();
    let (mut records, mut aside) = (0, 0);
    for path in &args.files {
        for record in Records::new(input::open(path)?, hints) {
            let record = record.with_context(|| format!("`{}` cannot be read", path.display()))?;
            records += 1;
            match (&record.read, args.json) {
                (Ok(events), true) => {
                    for event in events {
                        writeln!(out, "{}", screen::json(event)?)?;
                    }
                }
                (Ok(events), false) => {
                    for event in events {
                        let went = event.outcome.map_or_else(|| json!("not said"), |o| json!(o));
                        let went = went.as_str().unwrap_or_default().to_owned();
                        *table.entry((event.provider.name().to_owned(), went)).or_default() += 1;
                    }
                }
                (Err(why), as_json) => {
                    aside += 1;
                    if as_json {
                        let line = json!({ "id": record.id, "line": record.line, "aside": why.to_string() });
                        writeln!(out, "{}", screen::json(&line)?)?;
                    } else {
                        *table.entry(("kept aside".to_owned(), why.word().to_owned())).or_default() += 1;
                    }
                }
            }
            progress.tell(records);
        }
    }
    progress.done();
    if !args.json {
        for ((provider, went), count) in &table {
            writeln!(out, "{provider:<20} {went:<18} {count:>10}")?;
        }
        writeln!(out, "{:<20} {:<18} {records:>10}", "records", "")?;
    }
    out.flush()?;
    Ok(aside)
}

/// Reads and stores. Answers how many records were kept aside.
fn store(args: &IngestArgs, hints: Hints, location: &Location) -> anyhow::Result<u64> {
    if args.json && args.files.iter().any(|f| f == Path::new("-")) {
        anyhow::bail!("standard input can be read once only: name a file, or leave out --json or the database");
    }
    crate::cli::runtime()?.block_on(async {
        let database = open(location, Prepare::Migrate).await?;
        let mut total = Taken::default();
        let began = Instant::now();
        for path in &args.files {
            let mut progress = Progress::new();
            let before = total.records;
            let input = input::open(path)?;
            let taken =
                take_all(database.as_ref(), input, hints, |so_far| progress.tell(before + so_far.records)).await;
            progress.done();
            let taken = taken.with_context(|| format!("`{}` was not read to its end", path.display()))?;
            total.records += taken.records;
            total.stored += taken.stored;
            total.known += taken.known;
            for (why, count) in taken.aside {
                *total.aside.entry(why).or_default() += count;
            }
        }
        database.close().await;
        let aside: u64 = total.aside.values().sum();
        eprintln!(
            "{} in {:.1} s: {} stored, {} known already, {} kept aside{}",
            many(total.records, "record"),
            began.elapsed().as_secs_f64(),
            many(total.stored, "event"),
            total.known,
            many(aside, "record"),
            reasons(&total)
        );
        Ok(aside)
    })
}

/// So many of something.
fn many(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn reasons(taken: &Taken) -> String {
    let told: Vec<String> = taken.aside.iter().map(|(why, count)| format!("{why} {count}")).collect();
    if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) }
}

/// Says on a terminal how far it is, about once a second.
struct Progress {
    shown: bool,
    last: Instant,
    on: bool,
}

impl Progress {
    fn new() -> Self {
        Self { shown: false, last: Instant::now(), on: io::stderr().is_terminal() }
    }

    fn tell(&mut self, records: u64) {
        if self.on && records.is_multiple_of(1_000) && self.last.elapsed().as_millis() >= 1_000 {
            eprint!("\r{records} records");
            self.shown = true;
            self.last = Instant::now();
        }
    }

    fn done(&mut self) {
        if self.shown {
            eprintln!();
        }
    }
}
