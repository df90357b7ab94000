//! `claviger policy`: checks the policy set.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use crate::domain::problem::Problem;
use crate::helpdesk::disclosure::{Level, Policy as Disclosure};
use crate::helpdesk::unlock::Policy as Unlocking;
use crate::helpdesk::{disclosure_text, unlock_text};
use crate::routing::rules::{Rules, Texts};

/// Files of a policy folder.
const FILES: [&str; 4] = ["guardrails.cedar", "sod.yaml", "risk.yaml", "routing.yaml"];

/// Checks the policy set.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Lists every mistake in guardrails, duty rules, risk, routing, disclosure and unlock tables, with file and line.
    #[command(
        after_help = "Examples:\n  claviger policy check\n  claviger policy check catalog\n  claviger policy check --json catalog/policy\n\n\
        Exit codes: 0 all in order, 1 the files could not be read, 3 mistakes were found."
    )]
    Check {
        /// A catalog folder or its `policy` folder; without it, what is built in.
        path: Option<PathBuf>,
        /// One JSON line a mistake.
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Command::Check { path, json } = args.command;
    let found = (load(path.as_deref())?, disclosure(path.as_deref())?, unlocking(path.as_deref())?);
    let problems = match found {
        (Ok(rules), Ok(told), Ok(unlocking)) => {
            if !json {
                println!(
                    "{} guardrails, {} duty rules, {} request and {} sign-in factors: all in order (policy {}).",
                    rules.policy.guardrails.len(),
                    rules.policy.duties.rules().len(),
                    rules.risk.request.factors.len(),
                    rules.risk.signin.factors.len(),
                    rules.digest().short(),
                );
                let levels = told.tell.iter().filter(|(_, level)| **level > Level::Generic);
                let levels: Vec<String> =
                    levels.map(|(part, level)| format!("{} {}", part.name(), level.name())).collect();
                let levels = if levels.is_empty() { "nobody".to_owned() } else { levels.join(", ") };
                println!("Told of other people's sign-ins: {levels}.");
                println!("Unlock accounts: {}.", hands(&unlocking));
            }
            return Ok(ExitCode::SUCCESS);
        }
        (rules, told, unlocking) => {
            let mut problems: Vec<Problem> =
                rules.err().into_iter().chain(told.err()).chain(unlocking.err()).flatten().collect();
            problems.sort();
            problems
        }
    };
    for problem in &problems {
        if json {
            println!("{}", serde_json::to_string(problem)?);
        } else {
            println!("{problem}");
        }
    }
    if !json {
        eprintln!("{} mistake{} found.", problems.len(), if problems.len() == 1 { "" } else { "s" });
    }
    Ok(ExitCode::from(3))
}

/// Who is told how much of other people's sign-ins, by the same folder. A folder without such a table tells nobody anything.
fn disclosure(path: Option<&Path>) -> anyhow::Result<Result<Disclosure, Vec<Problem>>> {
    let Some(path) = path else {
        return Ok(disclosure_text::parse(include_str!("../../catalog/policy/disclosure.yaml")));
    };
    let (file, text) = optional(path, "disclosure.yaml")?;
    Ok(disclosure_text::parse(&text).map_err(|mut problems| {
        problems.iter_mut().for_each(|problem| problem.file = file.display().to_string());
        problems
    }))
}

/// Who may take locks off, by the same folder. A folder without such a table lets nobody.
fn unlocking(path: Option<&Path>) -> anyhow::Result<Result<Unlocking, Vec<Problem>>> {
    let Some(path) = path else {
        return Ok(unlock_text::parse(include_str!("../../catalog/policy/unlock.yaml")));
    };
    let (file, text) = optional(path, "unlock.yaml")?;
    Ok(unlock_text::parse(&text).map_err(|mut problems| {
        problems.iter_mut().for_each(|problem| problem.file = file.display().to_string());
        problems
    }))
}

/// A file of a policy folder that need not be there, and what stands in it.
fn optional(path: &Path, name: &str) -> anyhow::Result<(PathBuf, String)> {
    let folder = if path.join("policy").is_dir() { path.join("policy") } else { path.to_owned() };
    let file = folder.join(name);
    match std::fs::read_to_string(&file) {
        Ok(text) => Ok((file, text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok((file, String::new())),
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", file.display())),
    }
}

/// Who may take locks off, for people to read: `self and helpdesk in ldap`.
fn hands(unlocking: &Unlocking) -> String {
    let some = unlocking.at.iter().filter(|(_, hands)| !hands.is_empty());
    let all: Vec<String> = some
        .map(|(directory, hands)| {
            let names: Vec<&str> = hands.iter().map(|hand| hand.name()).collect();
            format!("{} in {directory}", names.join(" and "))
        })
        .collect();
    if all.is_empty() { "nobody".to_owned() } else { all.join(", ") }
}

/// Reads the policy set of a catalog or policy folder, or the one built in. Files in messages are as they can be opened from here.
///
/// # Errors
/// A folder or file that cannot be read.
pub fn load(path: Option<&Path>) -> anyhow::Result<Result<Rules, Vec<Problem>>> {
    let Some(path) = path else {
        return Ok(Rules::from_texts(&Rules::default_texts()));
    };
    let folder = if path.join("policy").is_dir() { path.join("policy") } else { path.to_owned() };
    let mut texts = Vec::new();
    for file in FILES {
        let file = folder.join(file);
        texts.push(std::fs::read_to_string(&file).with_context(|| format!("cannot read `{}`", file.display()))?);
    }
    let [guardrails, sod, risk, routing] = texts.as_slice() else { anyhow::bail!("the policy folder is not complete") };
    Ok(Rules::from_texts(&Texts { guardrails, sod, risk, routing }).map_err(|mut problems| {
        for problem in &mut problems {
            if let Some(name) = problem.file.strip_prefix("policy/") {
                problem.file = folder.join(name).display().to_string();
            }
        }
        problems
    }))
}
