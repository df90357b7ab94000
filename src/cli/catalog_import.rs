//! `claviger catalog import`: turns JSON Lines catalogs into a YAML systems file, with what vendors do not say filled in by defaults.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use crate::catalog::defaults::IN_WORDS;
use crate::catalog::extend::to_yaml;
use crate::catalog::jsonl::{VendorEntitlement, parse_lines};
use crate::catalog::mistake::Mistake;
use crate::catalog::model::{Catalog, VendorTerms};
use crate::catalog::source::{Source, read_file};
use crate::cli::catalog_check::today;
use crate::domain::ids::{ConnectorId, PersonId, SystemId};

/// The command's arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  claviger catalog import roles.jsonl --out catalog/systems\n\n\
    Each system found becomes a file of its own. Exit code 3 where a line cannot be used; then nothing is written.")]
pub struct Args {
    /// JSON Lines files of entitlements.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The folder to write to.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// The catalog folder whose `vendor_catalogs` says owner, department and connector; the built-in example where none is named.
    #[arg(long, value_name = "FOLDER")]
    catalog: Option<PathBuf>,
    /// Who answers for these entitlements, instead of what the catalog says.
    #[arg(long, value_name = "PERSON")]
    owner: Option<PersonId>,
    /// The department that owns them, instead of what the catalog says.
    #[arg(long, value_name = "NAME")]
    department: Option<String>,
    /// The connector that opens and closes them, instead of what the catalog says.
    #[arg(long, value_name = "CONNECTOR")]
    connector: Option<ConnectorId>,
    /// Writes over files that are there already.
    #[arg(long)]
    force: bool,
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let today = today();
    let source = args.catalog.clone().map_or(Source::Example, Source::Folder);
    let catalog = match Catalog::load(&source, today) {
        Ok(catalog) => catalog,
        Err(mistakes) => return Ok(found(&mistakes)),
    };
    let terms = VendorTerms {
        owner: args.owner.unwrap_or(catalog.vendor_terms.owner),
        department: args.department.unwrap_or(catalog.vendor_terms.department),
        connector: args.connector.unwrap_or(catalog.vendor_terms.connector),
    };
    let mut mistakes = Vec::new();
    let mut read: Vec<VendorEntitlement> = Vec::new();
    for file in &args.files {
        let name = file.display().to_string();
        match read_file(file)
            .map_err(|(what, hint)| vec![Mistake::new(&name, 0, what, hint)])
            .and_then(|t| parse_lines(&name, &t))
        {
            Ok(rows) => read.extend(rows),
            Err(more) => mistakes.extend(more),
        }
    }
    if !mistakes.is_empty() {
        return Ok(found(&mistakes));
    }
    fs::create_dir_all(&args.out).with_context(|| format!("`{}` cannot be made", args.out.display()))?;
    let mut systems: BTreeMap<SystemId, Vec<VendorEntitlement>> = BTreeMap::new();
    for row in read {
        systems.entry(row.system.clone()).or_default().push(row);
    }
    for (system, rows) in systems {
        // An id may hold signs that a file's name had better not.
        let safe = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' };
        let path = args.out.join(format!("{}.yaml", system.as_str().chars().map(safe).collect::<String>()));
        anyhow::ensure!(
            args.force || !path.exists(),
            "`{}` is there already; move it away, or use --force",
            path.display()
        );
        let yaml = to_yaml(&rows, &terms, today).with_context(|| format!("`{system}` cannot be written as YAML"))?;
        fs::write(&path, yaml).with_context(|| format!("`{}` cannot be written", path.display()))?;
        println!("{}: {} entitlements", path.display(), rows.len());
    }
    println!(
        "\n{IN_WORDS}\nOwner `{}`, department `{}`, connector `{}`.",
        terms.owner, terms.department, terms.connector
    );
    Ok(ExitCode::SUCCESS)
}

fn found(mistakes: &[Mistake]) -> ExitCode {
    for mistake in mistakes {
        println!("{mistake}");
    }
    ExitCode::from(3)
}
