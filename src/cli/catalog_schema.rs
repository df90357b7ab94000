//! `claviger catalog schema`: prints the JSON Schemas that editors use, or writes them into a catalog folder.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use crate::catalog::schema;

/// The command's arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  claviger catalog schema\n  claviger catalog schema --write --catalog catalog")]
pub struct Args {
    /// Writes them into the catalog's `schemas` folder.
    #[arg(long)]
    write: bool,
    /// The catalog folder.
    #[arg(long, value_name = "FOLDER", default_value = "catalog")]
    catalog: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    if !args.write {
        for (name, text) in schema::all() {
            println!("// {name}\n{text}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    let folder = args.catalog.join(schema::FOLDER);
    fs::create_dir_all(&folder).with_context(|| format!("`{}` cannot be made", folder.display()))?;
    for (name, text) in schema::all() {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("`{}` cannot be written", path.display()))?;
        println!("{}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}
