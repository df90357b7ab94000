//! `claviger policy`: checks the policy set.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use crate::domain::problem::Problem;
use crate::helpdesk::disclosure::{Level, Policy as Disclosure};
use crate::helpdesk::disclosure_text;
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
    /// Lists every mistake in guardrails, duty rules, risk, routing and disclosure tables, with file and line.
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
    let problems = match (load(path.as_deref())?, disclosure(path.as_deref())?) {
        (Ok(rules), Ok(told)) => {
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
            }
            return Ok(ExitCode::SUCCESS);
        }
        (rules, told) => {
            let mut problems: Vec<Problem> = rules.err().into_iter().chain(told.err()).flatten().collect();
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
    let folder = if path.join("policy").is_dir() { path.join("policy") } else { path.to_owned() };
    let file = folder.join("disclosure.yaml");
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", file.display())),
    };
    Ok(disclosure_text::parse(&text).map_err(|mut problems| {
        problems.iter_mut().for_each(|problem| problem.file = file.display().to_string());
        problems
    }))
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
