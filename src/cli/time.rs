//! `claviger time`: resolves time expressions.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

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
