//! `claviger migrate`: brings the database to this version.

use std::process::ExitCode;

use anyhow::Context as _;

use crate::app::record::unseal;
use crate::store::open::{Location, OpenError, Prepare, open, standing};

/// Brings the database to this version.
///
/// Only adds; the program before this one can go on using it meanwhile.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  claviger migrate --database claviger.db\n  \
    claviger migrate --database postgres://claviger@db.example/claviger --check\n\n\
    Exit codes: 0 the database is at this version, 1 it went wrong, 3 --check found something to migrate.")]
pub struct Args {
    /// A SQLite file's path or a `postgres://` address.
    #[arg(long, env = "CLAVIGER_DATABASE", value_name = "URL|PATH", hide_env_values = true)]
    database: Location,
    /// Only say where the database stands; change nothing.
    #[arg(long)]
    check: bool,
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    runtime.block_on(async { if args.check { check(&args.database).await } else { migrate(&args.database).await } })
}

async fn migrate(database: &Location) -> anyhow::Result<ExitCode> {
    if let Location::File(path) = database {
        unseal(path)?;
    }
    let open = open(database, Prepare::Migrate).await?;
    open.close().await;
    let now = standing(database).await?;
    println!("The database is at version {}.", now.has);
    Ok(ExitCode::SUCCESS)
}

async fn check(database: &Location) -> anyhow::Result<ExitCode> {
    let now = standing(database).await?;
    if now.has > now.knows {
        return Err(OpenError::Newer { has: now.has, knows: now.knows }.into());
    }
    if now.lacks == 0 {
        println!("The database is at version {}; there is nothing to do.", now.has);
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "The database is at version {} and lacks {} of {}; run `claviger migrate`.",
        now.has, now.lacks, now.knows
    );
    Ok(ExitCode::from(3))
}
