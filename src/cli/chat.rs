//! `claviger chat`: a conversation in the terminal.

use std::process::ExitCode;

/// A conversation in the terminal.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("this command is still being built")
}
