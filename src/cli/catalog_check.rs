//! `claviger catalog check`: finds every mistake in a catalog folder or a JSON Lines file.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::civil::Date;

use crate::app::system::SystemClock;
use crate::catalog::jsonl::parse_lines;
use crate::catalog::mistake::Mistake;
use crate::catalog::model::Catalog;
use crate::catalog::source::{Source, read_file};
use crate::domain::clock::Clock as _;

/// The command's arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  claviger catalog check catalog\n  claviger catalog check roles.jsonl\n\n\
    Exit code 3 where anything is wrong. Without PATH the built-in example is checked.")]
pub struct Args {
    /// A catalog folder or a JSON Lines file of entitlements.
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let checked = match &args.path {
        Some(path) if !path.is_dir() => {
            let name = path.display().to_string();
            match read_file(path) {
                Ok(text) => parse_lines(&name, &text).map(|rows| format!("{} entitlements", rows.len())),
                Err((what, hint)) => Err(vec![Mistake::new(name, 0, what, hint)]),
            }
        }
        Some(folder) => Catalog::load(&Source::Folder(folder.clone()), today())
            .map(|catalog| in_short(&catalog))
            .map_err(|mistakes| mistakes.into_iter().map(|m| below(folder, m)).collect()),
        None => Catalog::load(&Source::Example, today()).map(|catalog| in_short(&catalog)),
    };
    match checked {
        Ok(said) => {
            println!("in order: {said}");
            Ok(ExitCode::SUCCESS)
        }
        Err(mistakes) => {
            for mistake in &mistakes {
                println!("{mistake}");
            }
            println!(
                "{} to mend",
                if mistakes.len() == 1 { "1 mistake".into() } else { format!("{} mistakes", mistakes.len()) }
            );
            Ok(ExitCode::from(3))
        }
    }
}

/// Today where this machine stands; only the moving days of examples look at it.
pub fn today() -> Date {
    SystemClock.now().to_zoned(jiff::tz::TimeZone::system()).date()
}

/// The mistake with the folder before the file's name, as terminals and editors can jump to it.
fn below(folder: &std::path::Path, mistake: Mistake) -> Mistake {
    Mistake { file: folder.join(&mistake.file).display().to_string(), ..mistake }
}

fn in_short(catalog: &Catalog) -> String {
    let left = match catalog.directory.len() - catalog.directory.employed() {
        0 => String::new(),
        n => format!(" (and {n} who left)"),
    };
    format!(
        "{}, {} people{left}, {} systems, {} entitlements, {} bundles, {} holdings, {} duty rules, {} articles, digest {}",
        catalog.company,
        catalog.directory.employed(),
        catalog.systems.len(),
        catalog.entitlements.len(),
        catalog.bundles.len(),
        catalog.holdings.len(),
        catalog.sod_rules.len(),
        catalog.knowledge.len(),
        catalog.digest.short(),
    )
}
