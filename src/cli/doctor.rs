//! `claviger doctor`: says what is not in order and how to mend it.

use std::process::ExitCode;

/// Says what is not in order and how to mend it.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("this command is still being built")
}
