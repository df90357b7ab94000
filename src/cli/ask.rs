//! `claviger ask`: one turn: the understanding and the card.

use std::process::ExitCode;

/// One turn: the understanding and the card.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("this command is still being built")
}
