//! `claviger helpdesk report`: what became of the questions people asked, from the record.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::app::system::SystemClock;
use crate::cli::screen;
use crate::domain::clock::Clock as _;
use crate::domain::deflection::{Deflection, Tally, measure, questions};
use crate::domain::ids::TextId;
use crate::helpdesk::triage::suggest;
use crate::ports::store::{Conversations as _, Record as _};
use crate::store::open::{Location, Prepare, open};

/// What became of the questions people asked: answered, confirmed helpful, reopened, handed over, abandoned.
///
/// Silence is abandonment and counts as no success.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  claviger helpdesk report --data .claviger --json\n\n\
    Every question ends in exactly one of six ways: handed over (a person took over), reopened (it had helped and then did not, or the \
    same matter was asked again within seven days), not helped (they said so), helpful (they confirmed it), pending (less than a day \
    old), abandoned (a day without a word).")]
pub struct Args {
    /// The data folder.
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
    /// How many days back.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// The words of questions no article answers, and not only what they were about: people may have named others in them.
    #[arg(long)]
    words: bool,
    /// JSON instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// A question no article answered.
#[derive(Debug, Serialize)]
struct Gap {
    /// Where its words are kept.
    id: TextId,
    /// What it was about, while its words are kept.
    about: Option<&'static str>,
    /// Its words, while they are kept and where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
}

/// The report as JSON.
#[derive(Debug, Serialize)]
struct Told<'a> {
    all: &'a Tally,
    by_matter: &'a BTreeMap<String, Tally>,
    gaps: &'a [Gap],
}

/// The most gaps of which the table shows the words, the newest.
const SHOWN: usize = 10;

/// Runs the command.
///
/// # Errors
/// Where the record cannot be read.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let place = args.database.clone().unwrap_or_else(|| Location::File(args.data.join("claviger.db")));
    let now = SystemClock.now();
    let from = now.checked_sub(SignedDuration::from_hours(24 * i64::from(args.days))).unwrap_or(Timestamp::MIN);
    let seen = crate::cli::runtime()?.block_on(async {
        let store = open(&place, Prepare::Inspect).await?;
        let events = store.inquiries(from).await.context("the record cannot be read")?;
        // A question asked before the span and settled in it begins in the middle: it is left out.
        let begun: BTreeSet<_> = events.iter().filter(|e| e.event.version == 1).map(|e| e.event.stream).collect();
        let whole = events.iter().map(|e| &e.event).filter(|e| begun.contains(&e.stream));
        let asked = questions(whole).context("the record does not add up")?;
        let seen = measure(&asked, now);
        let mut gaps = Vec::new();
        for text in &seen.gaps {
            let kept = store.text(*text).await.context("the words cannot be read")?;
            let about = kept.as_ref().map(|t| suggest(&t.body, None, None).category.name());
            let words = kept.filter(|_| args.words).map(|t| crate::chat::plain::one_line(&t.body));
            gaps.push(Gap { id: *text, about, words });
        }
        store.close().await;
        anyhow::Ok((seen, gaps))
    })?;
    let (seen, gaps) = seen;
    if args.json {
        let told = Told { all: &seen.all, by_matter: &seen.by_matter, gaps: &gaps };
        println!("{}", serde_json::to_string_pretty(&told)?);
    } else {
        screen::say(&table(&seen, &gaps, args.days));
    }
    Ok(ExitCode::SUCCESS)
}

fn table(seen: &Deflection, gaps: &[Gap], days: u32) -> String {
    let row = |name: &str, t: &Tally| {
        format!(
            "{name:<20} {:>9} {:>9} {:>8} {:>9} {:>11} {:>12} {:>10} {:>8} {:>6}.{:02} %",
            t.questions,
            t.answered,
            t.helpful,
            t.reopened,
            t.not_helped,
            t.handed_over,
            t.abandoned,
            t.pending,
            t.confirmed_bp / 100,
            t.confirmed_bp % 100
        )
    };
    let mut lines = vec![
        if days == 1 { "The last day.".to_owned() } else { format!("The last {days} days.") },
        format!(
            "{:<20} {:>9} {:>9} {:>8} {:>9} {:>11} {:>12} {:>10} {:>8} {:>11}",
            "",
            "questions",
            "answered",
            "helpful",
            "reopened",
            "not helped",
            "handed over",
            "abandoned",
            "pending",
            "confirmed"
        ),
        row("all", &seen.all),
    ];
    lines.extend(seen.by_matter.iter().map(|(name, tally)| row(name, tally)));
    lines.push(format!("Questions no article answers: {}.", gaps.len()));
    let mut about: BTreeMap<&str, u64> = BTreeMap::new();
    gaps.iter().filter_map(|gap| gap.about).for_each(|name| *about.entry(name).or_default() += 1);
    lines.extend(about.iter().map(|(name, count)| format!("  {count} about {name}")));
    let kept = gaps.iter().rev().filter_map(|gap| gap.words.as_ref()).take(SHOWN);
    lines.extend(kept.map(|words| format!("  “{words}”")));
    lines.join("\n")
}
