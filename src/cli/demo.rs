//! `claviger demo`: the whole system on an embedded database with the example company, on loopback only.

use std::process::ExitCode;

/// The whole system on an embedded database with the example company, on loopback only.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("this command is still being built")
}
