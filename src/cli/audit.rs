//! `claviger audit`: verifies, exports, replays and proves the record.

use std::process::ExitCode;

/// Verifies, exports, replays and proves the record.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("this command is still being built")
}
