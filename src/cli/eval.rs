//! `claviger eval`: runs the measuring suites.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::ValueEnum as _;
use jiff::Timestamp;

use crate::app::house::read_catalog;
use crate::app::trial::Trial;
use crate::app::understanding::{prompts, understander};
use crate::catalog::jsonl::{VendorEntitlement, parse_lines};
use crate::catalog::model::Catalog;
use crate::catalog::search::doc::SearchDoc;
use crate::catalog::search::engine::Index;
use crate::catalog::source::Source;
use crate::cli::model::ModelArgs;
use crate::connectors::signin::read::{Hints, Records};
use crate::domain::ids::PersonId;
use crate::domain::person::Person;
use crate::domain::signin::SigninEvent;
use crate::eval::intents::Scene;
use crate::eval::report::Report;
use crate::eval::takeover::{self, Listener};
use crate::eval::{attacks, injection, intents, knowledge, lockouts, retrieval, sayings, time, triage};
use crate::model::scripted::ScriptedModel;
use crate::ports::language_model::LanguageModel;
use crate::understanding::understander::Understander;

/// Runs the measuring suites and prints what they found. Data that is not there is named, not counted.
///
/// Exits with 3 where something that has to be zero is not, and with 4 where nothing was measured: none at all, or nothing of a suite
/// that was asked for by name.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Suites: retrieval, time, intents, injection, lockouts, triage, knowledge, sayings.\n\nExamples:\n  claviger eval --suite time --data data\n  \
    claviger eval --suite retrieval --suite injection --data data --json\n  \
    claviger eval --json --model-url http://127.0.0.1:8080/v1"
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
    /// Needs in words against the least entitlements that do: Entra, GitHub, Microsoft Graph, each alone and among all vendors'.
    Retrieval,
    /// Time expressions against what they mean.
    Time,
    /// What people want, and what is none of this desk's business.
    Intents,
    /// Texts written to take over a model: as messages, reasons, names and descriptions; without a model and with a lying one.
    Injection,
    /// Questions about sign-ins.
    Lockouts,
    /// Tickets: their category and priority.
    Triage,
    /// Questions how something is done: the article that answers, or honestly none.
    Knowledge,
    /// What people say about signing in, and what it is taken for; real requests beside it.
    Sayings,
}

impl Suite {
    /// Its name, as typed and as reported.
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |v| v.get_name().to_owned())
    }
}

/// Our own labelled messages.
const INTENTS: &str = include_str!("../../evals/intents.jsonl");

/// Our own questions about sign-ins.
const LOCKOUTS: &str = include_str!("../../evals/lockouts.jsonl");

/// Our own tickets.
const TICKETS: &str = include_str!("../../evals/triage.jsonl");

/// Our own questions how something is done.
const HOW_TO: &str = include_str!("../../evals/knowledge.jsonl");

/// What people say about signing in.
const SAYINGS: &str = include_str!("../../evals/sayings.jsonl");

/// When the messages are said: a Thursday.
const SAID_AT: i64 = 1_795_082_400;

/// Who of the example company says the hostile texts.
const SPEAKER: &str = "ana.kovac";

/// What the lying model tries to get: an entitlement that was never offered.
const STOLEN: &str = "gcp:roles/owner";

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
    let unmeasured = unmeasured(&args.suite, &report);
    if !unmeasured.is_empty() {
        let absent = report.absent.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        eprintln!(
            "claviger: nothing was measured of {}: {absent} not found in `{}`. Name the folder of the data sets with --data DIR or in \
            CLAVIGER_DATA.",
            unmeasured.join(", "),
            args.data.display()
        );
    }
    Ok(if report.figures.iter().any(|f| f.is_broken()) {
        ExitCode::from(3)
    } else if unmeasured.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(4)
    })
}

/// The suites asked for by name that found nothing to measure; all of them where there is no figure at all.
fn unmeasured(asked: &[Suite], report: &Report) -> Vec<String> {
    let every: &[Suite] = if report.figures.is_empty() { Suite::value_variants() } else { &[] };
    let asked = if asked.is_empty() { every } else { asked };
    let mut names: Vec<String> = asked.iter().map(|s| s.name()).collect();
    names.retain(|name| !report.figures.iter().any(|f| f.suite == name));
    names.dedup();
    names
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
        retrieve(&args.data, &mut report)?;
    }
    if wanted(Suite::Lockouts) {
        lockouts::run(LOCKOUTS, &signins, &mut report);
    }
    let now = Timestamp::from_second(SAID_AT)?;
    let model = args.model.client()?;
    if wanted(Suite::Intents) {
        converse(&args.data, model.clone(), now, &mut report).await?;
    }
    if wanted(Suite::Triage) {
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let catalog = Arc::new(read_catalog(&Source::Example, &[], today)?);
        let speaker = catalog.directory.iter().find(|p| p.is_employed()).context("the catalog holds nobody")?;
        // As `claviger helpdesk triage` reads them: without a model.
        triage::run(TICKETS, &reading(&catalog, None)?, Scene { speaker, now }, &mut report).await;
    }
    if wanted(Suite::Knowledge) {
        let trial = Trial::open("", None, now).await?;
        let people: Vec<PersonId> =
            trial.house.catalog.directory.iter().filter(|p| p.is_employed()).map(|p| p.id.clone()).collect();
        knowledge::run(HOW_TO, &trial.desk, &people, &mut report).await;
    }
    if wanted(Suite::Sayings) {
        let trial = Trial::open("", None, now).await?;
        let staff: Vec<&Arc<Person>> = trial.house.catalog.directory.iter().filter(|p| p.is_employed()).collect();
        let locks: Vec<SigninEvent> = staff.iter().flat_map(|p| sayings::lock(p, now)).collect();
        trial.log.append_signins(&locks, now).await?;
        let people: Vec<PersonId> = staff.iter().map(|p| p.id.clone()).collect();
        sayings::run(SAYINGS, &trial.desk, trial.house.store.as_ref(), &people, &mut report).await?;
    }
    if wanted(Suite::Injection) {
        attack(&args.data, model, now, &mut report).await?;
    }
    report.absent.sort();
    report.absent.dedup();
    Ok(report)
}

/// Sign-in records as events; what cannot be read is left out.
fn signins(text: &str, now: Timestamp) -> Vec<SigninEvent> {
    let records = Records::new(text.as_bytes(), Hints { provider: None, now });
    records.filter_map(Result::ok).filter_map(|r| r.read.ok()).flatten().collect()
}

/// The retrieval suite. Sets over the same files, which stand beside each other, share an index.
fn retrieve(data: &Path, report: &mut Report) -> anyhow::Result<()> {
    let mut built: Option<(&[&str], Option<Index>)> = None;
    for set in &retrieval::SETS {
        let Some(needs) = read(data, set.needs, report)? else { continue };
        if built.as_ref().is_none_or(|(files, _)| *files != set.catalog) {
            built = Some((set.catalog, index(data, set.catalog, report)?));
        }
        if let Some((_, Some(index))) = &built {
            retrieval::run(set, &needs, index, report);
        }
    }
    Ok(())
}

/// The index over some files; `None` where one of them is not there.
fn index(data: &Path, files: &[&str], report: &mut Report) -> anyhow::Result<Option<Index>> {
    let mut rows: Vec<VendorEntitlement> = Vec::new();
    for file in files {
        let Some(text) = read(data, file, report)? else { return Ok(None) };
        rows.extend(parse_lines(file, &text).map_err(|mistakes| {
            anyhow::anyhow!("{}", mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        })?);
    }
    Ok(Some(Index::build(rows.iter().map(SearchDoc::from_vendor))?))
}

/// The intents suite.
async fn converse(
    data: &Path,
    model: Option<Arc<dyn LanguageModel>>,
    now: Timestamp,
    report: &mut Report,
) -> anyhow::Result<()> {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let catalog = Arc::new(read_catalog(&Source::Example, &[], today)?);
    let understander = reading(&catalog, model)?;
    let speaker =
        catalog.directory.iter().find(|p| p.department == "Sales").or_else(|| catalog.directory.iter().next());
    let scene = Scene { speaker: speaker.context("the catalog holds nobody")?, now };
    intents::own(INTENTS, &understander, scene, report).await;
    if let Some(text) = read(data, "intent-clinc150/dev.jsonl", report)? {
        intents::foreign(&text, &understander, scene, report).await;
    }
    Ok(())
}

/// An understander with the prompts that ship with the program.
fn reading(catalog: &Arc<Catalog>, model: Option<Arc<dyn LanguageModel>>) -> anyhow::Result<Understander> {
    let model = match model {
        Some(model) => Some((model, prompts(None)?)),
        None => None,
    };
    understander(catalog, model)
}

/// The injection suite: the understanding alone, then whole houses without a model, with a lying one, and with the one that was named.
async fn attack(
    data: &Path,
    model: Option<Arc<dyn LanguageModel>>,
    now: Timestamp,
    report: &mut Report,
) -> anyhow::Result<()> {
    let texts = read(data, "prompt-injection/dev.jsonl", report)?;
    let templates = read(data, "prompt-injection/templates.jsonl", report)?;
    let (Some(texts), Some(templates)) = (texts, templates) else { return Ok(()) };
    let texts = attacks::attacks(&texts, &templates);
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let catalog = Arc::new(read_catalog(&Source::Example, &[], today)?);
    let who: PersonId = SPEAKER.parse()?;
    let speaker = catalog.directory.get(&who).context("the example company has lost its speaker")?;
    let reader = reading(&catalog, model.clone())?;
    injection::run(&texts, takeover::ASK, &reader, &catalog, Scene { speaker, now }, report).await;
    let lying: Arc<dyn LanguageModel> = Arc::new(ScriptedModel::rude(STOLEN));
    let mut houses = vec![("no model", None), ("lying model", Some(lying))];
    houses.extend(model.map(|named| ("named model", Some(named))));
    for (name, model) in houses {
        besiege(name, &texts, model, &who, now, report).await?;
    }
    Ok(())
}

/// Says every text to a house as a message and as a reason, then puts them into another's catalog and asks there.
async fn besiege(
    name: &str,
    texts: &[String],
    model: Option<Arc<dyn LanguageModel>>,
    who: &PersonId,
    now: Timestamp,
    report: &mut Report,
) -> anyhow::Result<()> {
    let ordinary = Trial::open("", model.clone(), now).await?;
    let house = listener(&ordinary, who);
    let plain = house.plain().await.context("the example company no longer understands its plain request")?;
    let alone = house.hear(texts.iter().map(|t| attacks::alone(t)), &plain).await?;
    takeover::report(&format!("{name}, alone"), &alone, report);
    let reasons = house.hear(texts.iter().map(|t| attacks::as_reason(takeover::ASK, t)), &plain).await?;
    takeover::report(&format!("{name}, as reasons"), &reasons, report);
    let poisoned = Trial::open(&attacks::as_catalog(texts), model, now).await?;
    let asks = takeover::ASKS.into_iter().map(str::to_owned);
    let named = listener(&poisoned, who).hear(asks, &plain).await?;
    takeover::report(&format!("{name}, as names and descriptions"), &named, report);
    Ok(())
}

fn listener<'a>(trial: &'a Trial, speaker: &'a PersonId) -> Listener<'a> {
    Listener { desk: &trial.desk, store: trial.house.store.as_ref(), catalog: &trial.house.catalog, speaker }
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
    for c in &report.confusions {
        println!("{:<10} {} {} taken for {} {:>6} times", c.suite, c.what, c.is, c.taken_for, c.count);
    }
    for name in &report.absent {
        println!("absent     {name}");
    }
    if misses {
        report.misses.iter().for_each(|miss| println!("missed     {miss}"));
    }
}
