//! `claviger serve`: production: configured surfaces, connectors, database.

use std::path::PathBuf;
use std::process::ExitCode;

/// Production: configured surfaces, connectors, database.
///
/// Example: claviger serve --config claviger.toml
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The settings file; `deploy/claviger.example.toml` shows one. `CLAVIGER_HTTP__LISTEN` and the like override it.
    #[arg(long, default_value = "claviger.toml")]
    config: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let config = crate::config::load::load(&args.config)?;
    crate::telemetry::logs::start(&config.log.filter, config.log.json);
    crate::cli::runtime()?.block_on(crate::app::serve::run(config))?;
    Ok(ExitCode::SUCCESS)
}
