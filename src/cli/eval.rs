//! `claviger eval`: runs the measuring suites.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use jiff::Timestamp;

use crate::app::house::read_catalog;
use crate::app::understanding::{prompts, understander};
use crate::catalog::jsonl::parse_lines;
use crate::catalog::search::doc::SearchDoc;
use crate::catalog::search::engine::Index;
use crate::catalog::source::Source;
use crate::cli::model::ModelArgs;
use crate::eval::intents::Scene;
use crate::eval::report::Report;
use crate::eval::{injection, intents, retrieval, time};

/// Runs the measuring suites and prints what they found. Data that is not there is named, not counted.
///
/// Exits with 3 where something that has to be zero is not.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  claviger eval --suite time --data data\n  claviger eval --json --model-url http://127.0.0.1:8080/v1"
)]
pub struct Args {
    /// Only this suite; may be given several times.
    #[arg(long, value_enum)]
    suite: Vec<Suite>,
    /// Where the data sets are.
    #[arg(long, value_name = "DIR", default_value = "../shared/data", env = "CLAVIGER_DATA")]
    data: PathBuf,
    /// JSON instead of a table.
    #[arg(long)]
    json: bool,
    /// Also every case that went wrong.
    #[arg(long)]
    misses: bool,
    #[command(flatten)]
    model: ModelArgs,
}

/// A suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Suite {
    /// Needs in words against entitlements.
    Retrieval,
    /// Time expressions.
    Time,
    /// What people want.
    Intents,
    /// Texts written to take over a model.
    Injection,
}

/// Our own labelled messages.
const INTENTS: &str = include_str!("../../evals/intents.jsonl");

/// When the messages are said: a Thursday.
const SAID_AT: i64 = 1_795_082_400;

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(measure(&args))?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print_table(&report, args.misses);
    }
    let broken = report.figures.iter().any(|f| f.is_broken());
    Ok(if broken { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

async fn measure(args: &Args) -> anyhow::Result<Report> {
    let wanted = |suite| args.suite.is_empty() || args.suite.contains(&suite);
    let mut report = Report::default();
    if wanted(Suite::Time)
        && let Some(text) = read(&args.data, "time-expressions/dev.jsonl", &mut report)?
    {
        time::run(&text, &mut report);
    }
    if wanted(Suite::Retrieval) {
        for (name, needs, rows) in [
            ("entra over Entra roles", "entra-least-privilege/dev.jsonl", "entitlement-catalog/entra_roles.jsonl"),
            (
                "github over repository roles",
                "github-repository-roles/dev.jsonl",
                "entitlement-catalog/devtool_roles.jsonl",
            ),
        ] {
            let needs = read(&args.data, needs, &mut report)?;
            let rows_text = read(&args.data, rows, &mut report)?;
            if let (Some(needs), Some(text)) = (needs, rows_text) {
                let rows = parse_lines(rows, &text).map_err(|m| {
                    anyhow::anyhow!("{}", m.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
                })?;
                let index = Index::build(rows.iter().map(SearchDoc::from_vendor))?;
                retrieval::run(name, &needs, &index, &mut report);
            }
        }
    }
    if wanted(Suite::Intents) || wanted(Suite::Injection) {
        let now = Timestamp::from_second(SAID_AT)?;
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let catalog = Arc::new(read_catalog(&Source::Example, &[], today)?);
        let model = match args.model.client()? {
            Some(model) => Some((model, prompts(None)?)),
            None => None,
        };
        let understander = understander(&catalog, model)?;
        let speaker =
            catalog.directory.iter().find(|p| p.department == "Sales").or_else(|| catalog.directory.iter().next());
        let speaker = speaker.context("the catalog holds nobody")?;
        let scene = Scene { speaker, now };
        if wanted(Suite::Intents) {
            intents::own(INTENTS, &understander, scene, &mut report).await;
            if let Some(text) = read(&args.data, "intent-clinc150/dev.jsonl", &mut report)? {
                intents::foreign(&text, &understander, scene, &mut report).await;
            }
        }
        if wanted(Suite::Injection) {
            let texts = read(&args.data, "prompt-injection/dev.jsonl", &mut report)?;
            let templates = read(&args.data, "prompt-injection/templates.jsonl", &mut report)?;
            if let (Some(texts), Some(templates)) = (texts, templates) {
                injection::run(&texts, &templates, &understander, &catalog, scene, &mut report).await;
            }
        }
    }
    Ok(report)
}

/// A data set's text; an absent one is noted.
fn read(data: &Path, name: &str, report: &mut Report) -> anyhow::Result<Option<String>> {
    let path = data.join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            report.absent.push(name.to_owned());
            Ok(None)
        }
        Err(error) => Err(error).with_context(|| format!("`{}` cannot be read", path.display())),
    }
}

fn print_table(report: &Report, misses: bool) {
    for figure in &report.figures {
        let share = (figure.count * 1000).checked_div(figure.of).unwrap_or(0);
        let note = if figure.is_broken() { "  HAS TO BE 0" } else { "" };
        println!(
            "{:<10} {:<50} {:>6} of {:>6}  {}.{:03}{note}",
            figure.suite,
            figure.name,
            figure.count,
            figure.of,
            share / 1000,
            share % 1000
        );
    }
    for name in &report.absent {
        println!("absent     {name}");
    }
    if misses {
        report.misses.iter().for_each(|miss| println!("missed     {miss}"));
    }
}
