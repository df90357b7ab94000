//! `claviger understand`: understands messages, one JSON line each.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::app::house::read_catalog;
use crate::app::system::SystemClock;
use crate::app::understanding::understander;
use crate::catalog::model::Catalog;
use crate::catalog::source::Source;
use crate::domain::clock::Clock as _;
use crate::domain::ids::PersonId;
use crate::domain::person::{Person, Population};
use crate::understanding::types::{MAX_WORDS, Turn, Understanding};
use crate::understanding::understander::Understander;

/// Understands messages: reads lines `{id, text, reference?, as?}`, prints lines with `id` and the whole understanding.
///
/// `reference` is when it was said (RFC 3339, or local to the speaker without a zone), `as` who said it. A line that cannot be read is
/// answered with its number and what is wrong; the others are still answered, and the exit code is 1.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  echo '{\"id\":\"1\",\"text\":\"read access to the CRM until Friday\"}' \\\n    \
    | claviger understand --cases - --json")]
pub struct Args {
    /// The file of messages, JSON lines; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    cases: PathBuf,
    /// JSON lines instead of a table.
    #[arg(long)]
    json: bool,
    /// A company's catalog folder instead of the example's, or a vendor's JSON Lines file of entitlements; several may be given. Files
    /// without a folder are the whole catalog, with the example's people.
    #[arg(long = "catalog", value_name = "PATH", num_args = 1..)]
    catalogs: Vec<PathBuf>,
}

/// The longest line read, in bytes.
const MAX_LINE: u64 = 256 * 1024;

/// One line of the cases.
#[derive(Debug, Deserialize)]
struct Case {
    /// Any JSON text or number; given back as it came.
    id: serde_json::Value,
    /// What is said.
    text: String,
    /// When.
    #[serde(default)]
    reference: Option<String>,
    /// By whom.
    #[serde(default, rename = "as")]
    speaker: Option<PersonId>,
}

/// One line of the answers.
#[derive(Debug, Serialize)]
struct Line<'a> {
    id: &'a serde_json::Value,
    #[serde(flatten)]
    understanding: &'a Understanding,
    /// Why nothing was read, where the message is too long.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

/// A line that could not be answered.
#[derive(Debug, Serialize)]
struct Refused<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a serde_json::Value>,
    line: u64,
    error: String,
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let now = SystemClock.now();
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = args.catalogs.iter().cloned().partition(|p| p.is_dir());
    anyhow::ensure!(folders.len() <= 1, "give one company's folder; vendors' files may be several");
    let source = folders.into_iter().next().map_or(Source::Example, Source::Folder);
    let today = now.to_zoned(TimeZone::UTC).date();
    let mut catalog = read_catalog(&source, &files, today)?;
    if source == Source::Example && !files.is_empty() {
        // Vendors' files alone are the whole catalog; the example lends its people only.
        let example = read_catalog(&source, &[], today)?;
        catalog.entitlements.retain(|id, _| !example.entitlements.contains_key(id));
        catalog.systems.retain(|id, _| !example.systems.contains_key(id));
        catalog.bundles.clear();
    }
    let catalog = Arc::new(catalog);
    let understander = understander(&catalog, None).context("the search index could not be built")?;
    let input: Box<dyn Read> = if args.cases.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        let file = std::fs::File::open(&args.cases);
        Box::new(file.with_context(|| format!("`{}` cannot be read", args.cases.display()))?)
    };
    let desk = Desk { catalog, understander, now, json: args.json };
    let mut out = BufWriter::new(std::io::stdout().lock());
    match crate::cli::runtime()?.block_on(desk.answer_all(BufReader::new(input), &mut out)) {
        Ok(true) => Ok(ExitCode::SUCCESS),
        Ok(false) => Ok(ExitCode::from(1)),
        // Whoever reads may have had enough (`| head`).
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error).context("the answers could not be written"),
    }
}

/// What is needed to answer.
struct Desk {
    catalog: Arc<Catalog>,
    understander: Understander,
    now: Timestamp,
    json: bool,
}

impl Desk {
    /// Answers every line; true where all could be read.
    async fn answer_all(&self, mut input: impl BufRead, out: &mut impl Write) -> std::io::Result<bool> {
        let mut all_well = true;
        let mut bytes = Vec::new();
        for number in 1u64.. {
            bytes.clear();
            let read = input.by_ref().take(MAX_LINE).read_until(b'\n', &mut bytes)?;
            if read == 0 {
                break;
            }
            let whole = bytes.ends_with(b"\n") || (read as u64) < MAX_LINE;
            if !whole {
                skip_line(&mut input)?;
            }
            let refused = if whole {
                if bytes.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                match self.answer(&bytes, out).await {
                    Ok(written) => {
                        written?;
                        None
                    }
                    Err((id, error)) => Some((id, error)),
                }
            } else {
                Some((None, format!("the line is longer than {MAX_LINE} bytes")))
            };
            if let Some((id, error)) = refused {
                all_well = false;
                let line = Refused { id: id.as_ref(), line: number, error };
                if self.json {
                    writeln!(out, "{}", serde_json::to_string(&line)?)?;
                } else {
                    writeln!(out, "line {number}: {}", line.error)?;
                }
            }
        }
        out.flush()?;
        Ok(all_well)
    }

    /// Answers one line, or says what is wrong with it.
    async fn answer(
        &self,
        line: &[u8],
        out: &mut impl Write,
    ) -> Result<std::io::Result<()>, (Option<serde_json::Value>, String)> {
        let value: serde_json::Value =
            serde_json::from_slice(line).map_err(|e| (None, format!("the line is not JSON: {e}")))?;
        let id = value.get("id").cloned();
        let case: Case = serde_json::from_value(value)
            .map_err(|e| (id.clone(), format!("the line is not a message with `id` and `text`: {e}")))?;
        let speaker = self.speaker(case.speaker.as_ref()).map_err(|e| (id.clone(), e))?;
        let now = match &case.reference {
            None => self.now,
            Some(text) => moment(text, &speaker.time_zone()).ok_or_else(|| {
                (id.clone(), format!("`{}` is no date and time", text.chars().take(60).collect::<String>()))
            })?,
        };
        let turn =
            Turn { words: &case.text, now, speaker: &speaker, drafts: &[], topic: None, question: None, holds: &[] };
        let understanding = self.understander.understand(&turn).await;
        let long = case.text.len() > MAX_WORDS;
        let refused = long.then(|| format!("a message has at most {MAX_WORDS} bytes; please say it shorter"));
        Ok(if self.json {
            let line = Line { id: &case.id, understanding: &understanding, refused };
            serde_json::to_string(&line).map_err(std::io::Error::from).and_then(|text| writeln!(out, "{text}"))
        } else {
            writeln!(out, "{}", self.row(&case.id, &understanding))
        })
    }

    /// Who says it: the named person, else the first employee by id.
    fn speaker(&self, named: Option<&PersonId>) -> Result<Arc<Person>, String> {
        let people = &self.catalog.directory;
        match named {
            Some(id) => people.get(id).cloned().ok_or_else(|| format!("there is no person `{id}` in the catalog")),
            None => people
                .iter()
                .find(|p| p.population == Population::Employee && p.is_employed())
                .or_else(|| people.iter().next())
                .cloned()
                .ok_or_else(|| "the catalog has no people".to_owned()),
        }
    }

    fn row(&self, id: &serde_json::Value, understood: &Understanding) -> String {
        let intent = serde_json::to_value(understood.intent).ok();
        let intent = intent.as_ref().and_then(|v| v.as_str()).unwrap_or("").to_owned();
        let asks: Vec<String> = understood
            .asks
            .iter()
            .map(|a| {
                let first = a.candidates.first().map_or_else(|| "?".to_owned(), |c| c.entitlement.to_string());
                format!("{first} ({} %)", a.confidence_bp / 100)
            })
            .collect();
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        format!("{id:<12} {intent:<16} {}", asks.join(", "))
    }
}

fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|b| *b == b'\n');
        let used = end.map_or(buffer.len(), |n| n + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}

/// A moment: RFC 3339 with a zone, or a date (and time) local to the speaker.
fn moment(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let civil = text.parse::<DateTime>().ok().or_else(|| text.parse::<Date>().ok().map(|d| d.at(9, 0, 0, 0)))?;
    civil.to_zoned(zone.clone()).ok().map(|z| z.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_line_is_named_and_the_others_are_answered() {
        let catalog = Arc::new(Catalog::load(&Source::Example, jiff::civil::date(2026, 11, 20)).unwrap());
        let understander = understander(&catalog, None).unwrap();
        let desk = Desk { catalog, understander, now: Timestamp::UNIX_EPOCH, json: true };
        let input = "{\"id\":\"1\",\"text\":\"hello\"}\nnot json\n\n{\"id\":3}\n{\"id\":4,\"text\":\"help\",\"as\":\"nobody\"}\n\
            {\"id\":5,\"text\":\"until friday\",\"reference\":\"whenever\"}\n{\"id\":6,\"text\":\"help\",\"reference\":\"2026-11-02T09:00:00\"}";
        let mut out = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let well = runtime.block_on(desk.answer_all(input.as_bytes(), &mut out)).unwrap();
        assert!(!well);
        let lines: Vec<serde_json::Value> =
            String::from_utf8(out).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines.len(), 6);
        assert_eq!(lines[0]["intent"], "small_talk");
        assert_eq!((&lines[1]["line"], lines[1]["error"].is_string()), (&2.into(), true));
        assert_eq!(lines[2]["line"], 4);
        assert!(lines[3]["error"].as_str().unwrap().contains("`nobody`"));
        assert!(lines[4]["error"].as_str().unwrap().contains("`whenever`"));
        assert_eq!(lines[5]["intent"], "help");
    }
}
