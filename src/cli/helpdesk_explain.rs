//! `claviger helpdesk explain`: answers a question about somebody's sign-ins from the events themselves.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;

use crate::domain::ids::PersonId;

/// Answers a question about somebody's sign-ins from the events themselves.
///
/// Example: claviger helpdesk explain --events events.jsonl --as ana.kovac --at 2026-11-21T10:00:00Z --json "why was I locked out?"
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file of events, as `claviger helpdesk ingest` reads it.
    #[arg(long, value_name = "FILE")]
    pub events: PathBuf,
    /// Who asks (a person of the catalog).
    #[arg(long = "as", value_name = "PERSON")]
    pub person: PersonId,
    /// When it is asked, RFC 3339; now by default.
    #[arg(long)]
    pub at: Option<Timestamp>,
    /// One JSON object instead of an answer in words.
    #[arg(long)]
    pub json: bool,
    /// The question.
    #[arg(required = true)]
    pub question: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("explanations are not part of this version yet; `claviger helpdesk ingest` reads the events")
}
