//! `claviger catalog`: checks, searches and imports catalogs. Each subcommand has a file of its own beside this one.

use std::process::ExitCode;

use clap::Subcommand;

use crate::cli::{catalog_check, catalog_import, catalog_schema, catalog_search};

/// Checks, searches and imports catalogs.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

/// What to do with catalogs.
#[derive(Debug, Subcommand)]
enum Command {
    /// Finds every mistake in a catalog folder or a JSON Lines file.
    Check(catalog_check::Args),
    /// Searches catalogs, one query or a file of them.
    Search(catalog_search::Args),
    /// Turns JSON Lines catalogs into a YAML systems file.
    Import(catalog_import::Args),
    /// Writes the JSON Schemas that editors use for the catalog's YAML files.
    Schema(catalog_schema::Args),
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Check(args) => catalog_check::run(args),
        Command::Search(args) => catalog_search::run(args),
        Command::Import(args) => catalog_import::run(args),
        Command::Schema(args) => catalog_schema::run(args),
    }
}
