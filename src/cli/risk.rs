//! `claviger risk`: scores facts, one JSON line each.

use std::io::{self, BufRead, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::policy;
use crate::cli::risk_line;
use crate::domain::facts::DecisionFacts;
use crate::policy::evaluate::evaluate;
use crate::risk::assess::assess;
use crate::routing::rules::Rules;

/// The longest line that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// Scores facts, one JSON line each.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Reads facts from standard input, one JSON line each, and prints their assessments.
    #[command(
        after_help = "Examples:\n  claviger risk score < facts.jsonl\n  claviger risk score --factors < vectors.jsonl\n\n\
        With --factors a line says which factors fire: {\"id\", \"kind\": \"request\" or \"signin\", \"factors\", \"peer\", \
        \"predicted_denial\", \"mitigations\", \"floors\", \"contractor\"}.\n\
        A line that cannot be read is told on standard error with its number; the others are scored, and the exit code is 1."
    )]
    Score {
        /// Lines name the factors that fire instead of whole facts.
        #[arg(long)]
        factors: bool,
        /// A catalog or policy folder to take the tables from, instead of those built in.
        #[arg(long, value_name = "FOLDER")]
        policy: Option<PathBuf>,
    },
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Command::Score { factors, policy } = args.command;
    let rules = match policy::load(policy.as_deref())? {
        Ok(rules) => rules,
        Err(problems) => {
            for problem in &problems {
                eprintln!("{problem}");
            }
            anyhow::bail!("the policy set has {} mistakes; `claviger policy check` lists them", problems.len());
        }
    };
    let good = each_line(&mut io::stdin().lock(), &mut io::BufWriter::new(io::stdout().lock()), |line| {
        if factors { risk_line::score(&rules, line) } else { whole(&rules, line) }
    })?;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn whole(rules: &Rules, line: &[u8]) -> Result<String, String> {
    let facts: DecisionFacts = serde_json::from_slice(line).map_err(|e| e.to_string())?;
    let assessment = assess(&rules.risk, &facts, &evaluate(&rules.policy, &facts));
    serde_json::to_string(&assessment).map_err(|e| e.to_string())
}

/// Answers every line that is not empty; says on standard error which could not be. True where all could.
fn each_line(
    input: &mut impl BufRead,
    output: &mut impl Write,
    answer: impl Fn(&[u8]) -> Result<String, String>,
) -> io::Result<bool> {
    let mut good = true;
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        if input.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let answered = if line.len() as u64 == LONGEST && line.last() != Some(&b'\n') {
            skip_line(input)?;
            Err(format!("longer than {LONGEST} bytes"))
        } else if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        } else {
            answer(&line)
        };
        match answered {
            Ok(text) => writeln!(output, "{text}")?,
            Err(error) => {
                good = false;
                output.flush()?;
                eprintln!("line {number}: {error}");
            }
        }
    }
    output.flush()?;
    Ok(good)
}

/// Reads to the end of the line without keeping it.
fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let have = input.fill_buf()?;
        match have.iter().position(|&b| b == b'\n') {
            Some(at) => {
                input.consume(at + 1);
                return Ok(());
            }
            None if have.is_empty() => return Ok(()),
            None => {
                let all = have.len();
                input.consume(all);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_line_is_told_and_the_others_are_answered() {
        let long = "x".repeat(usize::try_from(LONGEST).unwrap() + 7);
        let input = format!("good\n\n{long}\nbad\ngood");
        let mut output = Vec::new();
        let good = each_line(&mut input.as_bytes(), &mut output, |line| match line.starts_with(b"good") {
            true => Ok("yes".to_owned()),
            false => Err("no".to_owned()),
        });
        assert!(!good.unwrap());
        assert_eq!(output, b"yes\nyes\n");
    }
}
