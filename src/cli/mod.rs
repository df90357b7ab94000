//! Commands: one file each. `main` parses, prints errors as people read them, and turns outcomes into exit codes:
//! 0 done, 1 it went wrong, 2 what was typed cannot be used, 3 a check found something,
//! 4 there was nothing to measure.

pub mod ask;
pub mod audit;
pub mod catalog;
pub mod catalog_check;
pub mod catalog_import;
pub mod catalog_schema;
pub mod catalog_search;
pub mod chat;
pub mod demo;
pub mod doctor;
pub mod eval;
pub mod helpdesk;
pub mod helpdesk_explain;
pub mod helpdesk_report;
pub mod helpdesk_triage;
pub mod input;
pub mod migrate;
pub mod model;
pub mod policy;
pub mod risk;
pub mod risk_line;
pub mod screen;
pub mod serve;
pub mod teams;
pub mod time;
pub mod triage_desk;
pub mod understand;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::catalog::near::{alike, did_you_mean};
use crate::domain::ids::PersonId;
use crate::domain::person::Directory;
use crate::understanding::normalise::fold;

/// Ask for access in plain words; get it, or get the reason.
#[derive(Debug, Parser)]
#[command(name = "claviger", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// One variant a command; each lives in the file of its name.
#[derive(Debug, Subcommand)]
enum Command {
    /// The whole system on an embedded database with the example company, on loopback only.
    Demo(demo::Args),
    /// Production: configured surfaces, connectors, database.
    Serve(serve::Args),
    /// A conversation in the terminal.
    Chat(chat::Args),
    /// One turn: the understanding and the card.
    Ask(ask::Args),
    /// Resolves time expressions.
    Time(time::Args),
    /// Understands messages, one JSON line each.
    Understand(understand::Args),
    /// Checks, searches and imports catalogs.
    Catalog(catalog::Args),
    /// Checks the policy set.
    Policy(policy::Args),
    /// Scores facts, one JSON line each.
    Risk(risk::Args),
    /// Verifies, exports, replays and proves the record.
    Audit(audit::Args),
    /// Reads sign-in logs in and explains them.
    Helpdesk(helpdesk::Args),
    /// Runs the measuring suites.
    Eval(eval::Args),
    /// Makes the app package for Microsoft Teams.
    Teams(teams::Args),
    /// Brings the database to this version.
    Migrate(migrate::Args),
    /// Says what is not in order and how to mend it.
    Doctor(doctor::Args),
}

/// The runtime a command works in.
///
/// # Errors
/// Where the system gives no threads.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Refuses a person the directory does not know, with names that are near.
///
/// # Errors
/// The sentence to print.
pub fn known(directory: &Directory, who: &PersonId) -> anyhow::Result<()> {
    if directory.get(who).is_some() {
        return Ok(());
    }
    let meant = did_you_mean(&near(directory, who.as_str()));
    let like_this = || match directory.iter().next() {
        Some(person) => format!("people are named by their ids there, as in `{}`", person.id),
        None => "there is nobody in it".to_owned(),
    };
    anyhow::bail!("`{who}` is not in the directory; {}", meant.unwrap_or_else(like_this))
}

/// The ids of people whose name or id is nearly what was typed, the nearest first.
#[must_use]
pub fn near<'a>(directory: &'a Directory, typed: &str) -> Vec<&'a str> {
    let spelled = directory.iter().flat_map(|p| [fold(&p.name), p.id.to_string()].map(|s| (s, p.id.as_str())));
    alike(&fold(typed), spelled)
}

/// A reader that goes away (`claviger … | head`) ends the command; it is no failure to be reported.
fn quiet_when_nobody_reads() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let said = info.payload().downcast_ref::<String>().map_or("", String::as_str);
        if said.starts_with("failed printing to stdout") {
            std::process::exit(0);
        }
        told(info);
    }));
}

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    quiet_when_nobody_reads();
    // One TLS provider for everything that talks; a second installation would only say that it is there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = Cli::parse();
    let done: anyhow::Result<ExitCode> = match cli.command {
        Command::Demo(args) => demo::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Chat(args) => chat::run(args),
        Command::Ask(args) => ask::run(args),
        Command::Time(args) => time::run(args),
        Command::Understand(args) => understand::run(args),
        Command::Catalog(args) => catalog::run(args),
        Command::Policy(args) => policy::run(args),
        Command::Risk(args) => risk::run(args),
        Command::Audit(args) => audit::run(args),
        Command::Helpdesk(args) => helpdesk::run(args),
        Command::Eval(args) => eval::run(args),
        Command::Teams(args) => teams::run(args),
        Command::Migrate(args) => migrate::run(args),
        Command::Doctor(args) => doctor::run(args),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("claviger: {}", screen::shown(&format!("{error:#}")));
            ExitCode::from(1)
        }
    }
}
