//! `claviger time`: resolves time expressions.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::understanding::time::cases::{TimeAnswer, TimeCase, answer};

/// Resolves time expressions: reads lines `{id, text, reference}`, prints lines `{id, kind, expression, start, end, seconds}`.
///
/// Times are local, without a zone; the end of a period is exclusive.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  echo '{\"id\":\"1\",\"text\":\"until next Friday\",\"reference\":\"2026-11-02T09:00:00\"}' \\\n    | claviger time --cases - --json"
)]
pub struct Args {
    /// The file of cases, JSON lines; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    cases: PathBuf,
    /// JSON lines instead of a table.
    #[arg(long)]
    json: bool,
}

/// A moment as it is typed after `--at`.
///
/// # Errors
/// The sentence that says which forms are taken.
pub fn moment(text: &str) -> Result<Timestamp, String> {
    let zoned = || text.trim().parse::<jiff::Zoned>().map(|z| z.timestamp());
    text.trim().parse().or_else(|_| zoned()).map_err(|_| {
        "write date, time and zone: 2026-11-20T09:00:00Z, 2026-11-20T10:00:00+01:00 or 2026-11-20T10:00[Europe/Berlin]; without --at it is now"
            .to_owned()
    })
}

/// A time zone as it is typed after `--zone`.
///
/// # Errors
/// The sentence that says what is taken.
pub fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| "write a time zone's name, as in Europe/Berlin or UTC".to_owned())
}

/// The longest line read, in bytes.
const MAX_LINE: u64 = 64 * 1024;

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let input: Box<dyn Read> = if args.cases.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        let file = std::fs::File::open(&args.cases);
        Box::new(file.with_context(|| format!("`{}` cannot be read", args.cases.display()))?)
    };
    let mut input = BufReader::new(input);
    let mut out = std::io::stdout().lock();
    let mut line = String::new();
    for number in 1.. {
        line.clear();
        let read = input.by_ref().take(MAX_LINE + 1).read_line(&mut line);
        let read = read.with_context(|| format!("line {number} cannot be read as text"))?;
        if read == 0 {
            break;
        }
        anyhow::ensure!(read as u64 <= MAX_LINE, "line {number} is longer than {MAX_LINE} bytes");
        if line.trim().is_empty() {
            continue;
        }
        let case: TimeCase = serde_json::from_str(&line)
            .with_context(|| format!("line {number} is not a case with id, text and reference"))?;
        let answer = answer(&case);
        let written = if args.json {
            let line = serde_json::to_string(&answer).context("an answer cannot be written")?;
            writeln!(out, "{line}")
        } else {
            writeln!(out, "{}", row(&answer))
        };
        // Whoever reads may have had enough (`| head`).
        if written.is_err() {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn row(answer: &TimeAnswer) -> String {
    let text = |part: &Option<String>| part.clone().unwrap_or_else(|| "-".to_owned());
    let length = answer.seconds.map(|s| format!("{s} s")).unwrap_or_default();
    format!(
        "{:<24} {:<32} {:<20} {:<20} {length}",
        answer.id,
        text(&answer.expression),
        text(&answer.start),
        text(&answer.end)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_those_of_this_world() {
        assert!(zone("Europe/Berlin").is_ok() && zone("UTC").is_ok());
        assert!(zone("Mars/Base").unwrap_err().contains("Europe/Berlin"));
    }

    #[test]
    fn moments_have_a_zone_and_others_are_told_how() {
        let nine: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
        for text in [
            "2026-11-20T09:00:00Z",
            "2026-11-20T10:00:00+01:00",
            "2026-11-20T10:00[Europe/Berlin]",
            " 2026-11-20 09:00Z ",
        ] {
            assert_eq!(moment(text), Ok(nine), "{text}");
        }
        for text in ["yesterday", "", "09:00", "2026-11-20", "2026-11-20T09:00"] {
            assert!(moment(text).unwrap_err().contains("2026-11-20T09:00:00Z"), "{text}");
        }
    }
}
