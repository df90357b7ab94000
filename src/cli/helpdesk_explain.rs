//! `claviger helpdesk explain`: answers a question about somebody's sign-ins from the events themselves.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::app::house::read_catalog;
use crate::app::system::SystemClock;
use crate::catalog::model::Catalog;
use crate::catalog::near::did_you_mean;
use crate::catalog::source::Source;
use crate::cli::model::ModelArgs;
use crate::cli::screen;
use crate::connectors::signin::read::{Hints, Records};
use crate::domain::clock::Clock as _;
use crate::domain::ids::PersonId;
use crate::domain::person::Person;
use crate::domain::signin::{Provider, SigninEvent};
use crate::domain::signin_actor::{Account, Aliases};
use crate::domain::window::Seconds;
use crate::helpdesk::disclosure::Level;
use crate::helpdesk::lockout::answer::{Asked, answer};
use crate::helpdesk::lockout::claim::{Explanation, NextStep};
use crate::helpdesk::lockout::question;
use crate::helpdesk::lockout::whose::{self, Whose};
use crate::helpdesk::phrasing::{self, Worded};
use crate::understanding::normalise::fold;
use crate::workflow::directories::{self, Known};

/// Answers a question about somebody's sign-ins from the events themselves, each sentence with the ids it rests on.
///
/// Where the directory knows PERSON, their accounts are those the directory says; else PERSON is taken as the account's name in the logs.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  claviger helpdesk explain --events events.jsonl --as ana.kovac --at 2026-11-21T10:00:00Z --json \"why was I locked out?\"\n\n\
    Exit codes: 0 answered (also where the record does not tell, or nothing about signing in was asked: certainty \"no_question\"), 1 it went \
    wrong, 2 what was typed cannot be used, 5 PERSON is nobody: not in the directory, and no event is theirs."
)]
pub struct Args {
    /// Files of events, as `claviger helpdesk ingest` reads them; `-` is standard input. Required unless --directories is given.
    #[arg(long, value_name = "FILE", required_unless_present = "directories", num_args = 1)]
    pub events: Vec<PathBuf>,
    /// A settings file as `claviger serve` takes: the directories it names are asked how the account stands right now.
    #[arg(long, value_name = "SETTINGS")]
    pub directories: Option<PathBuf>,
    /// Whose log the records are from, where they do not say it themselves.
    #[arg(long, value_parser = crate::cli::input::provider(), ignore_case = true)]
    pub provider: Option<Provider>,
    /// Whose sign-ins: a person of the directory, or an account as the logs write it.
    #[arg(long = "as", value_name = "PERSON")]
    pub person: String,
    /// When it is asked, for instance 2026-11-20T09:00:00Z; now by default. What is dated later has not happened yet and is not looked at;
    /// up to 30 seconds are put down to a clock that runs ahead, and said to be so.
    #[arg(long, value_name = "TIME", value_parser = crate::cli::time::moment)]
    pub at: Option<Timestamp>,
    /// The reader's time zone; the directory's by default, else UTC.
    #[arg(long, value_name = "ZONE", value_parser = crate::cli::time::zone)]
    pub zone: Option<TimeZone>,
    /// How long a lock lasts at a provider, where that is known: `okta=3600` (seconds). May be given several times.
    #[arg(long, value_name = "PROVIDER=SECONDS", value_parser = lasts)]
    pub lasts: Vec<(Provider, Seconds)>,
    /// Another company's catalog folder than the example's: its directory says who has which accounts.
    #[arg(long, visible_alias = "catalog")]
    pub company: Option<PathBuf>,
    /// Everything, as the helpdesk may see it.
    #[arg(long)]
    pub operator: bool,
    /// One JSON object instead of an answer in words.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    model: ModelArgs,
    /// The question.
    #[arg(required = true)]
    pub question: Vec<String>,
}

fn lasts(text: &str) -> Result<(Provider, Seconds), String> {
    let (provider, seconds) = text.split_once('=').ok_or("write it as provider=seconds")?;
    let seconds: u64 = seconds.parse().map_err(|_| format!("`{seconds}` is no number of seconds"))?;
    Ok((provider.parse::<Provider>().map_err(|e| e.to_string())?, Seconds(seconds)))
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let done = explain(&args);
    if let (true, Err(error)) = (args.json, &done) {
        println!("{}", screen::json(&without_story(Some("failed"), &format!("{error:#}"), "unknown", &[]))?);
    }
    done
}

fn explain(args: &Args) -> anyhow::Result<ExitCode> {
    let now = args.at.unwrap_or_else(|| SystemClock.now());
    let Accounts { whose, zone: own_zone, person, catalog, near } = accounts(args)?;
    let zone = args.zone.clone().unwrap_or(own_zone);
    let mut events: Vec<SigninEvent> = Vec::new();
    let mut aside = 0_u64;
    for path in &args.events {
        for record in Records::new(crate::cli::input::open(path)?, Hints { provider: args.provider, now }) {
            match record.with_context(|| format!("`{}` cannot be read", path.display()))?.read {
                Ok(found) => events.extend(found),
                Err(_) => aside += 1,
            }
        }
    }
    let mut known = Known::logged(events, args.lasts.iter().copied().collect());
    if let Some(file) = &args.directories {
        let found = crate::app::signin_sources::directories(&crate::config::load::load(file)?)?;
        known = crate::cli::runtime()?.block_on(directories::ask(&found, &whose, now, known));
    }
    let Known { events, lasting, silent, .. } = known;
    if silent > 0 {
        let many =
            if silent == 1 { "One of the directories".to_owned() } else { format!("{silent} of the directories") };
        eprintln!("{many} did not answer; `claviger doctor` says why");
    }
    let words = args.question.join(" ");
    if person.is_none() && !events.iter().any(|e| whose.own(e)) {
        return Ok(nobody(args, &near));
    }
    let own: Vec<SigninEvent> = events.iter().filter(|e| whose.own(e)).cloned().collect();
    if let Some(name) = of_another(args, person.as_deref(), &words, &catalog, &own) {
        somebody_else(args, &name)?;
        return Ok(ExitCode::SUCCESS);
    }
    if !question::is_one(&words, &own) {
        no_question(args)?;
        return Ok(ExitCode::SUCCESS);
    }
    let level = if args.operator { Level::Operator } else { Level::Person };
    let asked = Asked { whose: &whose, words: &words, now, zone: &zone, level, lasting: &lasting };
    let explanation = answer(events, asked);
    let model = args.model.client()?;
    let worded = crate::cli::runtime()?.block_on(phrasing::word(&explanation, model.as_deref()));
    if args.json {
        println!("{}", screen::json(&as_json(&explanation, &worded, aside))?);
    } else {
        screen::say(told(&explanation, &worded, aside).trim_end());
    }
    Ok(ExitCode::SUCCESS)
}

/// The exit code where PERSON is nobody.
const NOBODY: u8 = 5;

/// What can be asked here.
const ASK: &[&str] = &[
    "Ask about signing in: “why was I locked out?”, “why can't I sign in to Salesforce?”, “my password is refused”, “MFA keeps failing”, “why \
     does it ask me again?”.",
    "Other questions are for `claviger chat`.",
];

/// Whom the question is about, where that is plainly somebody else than the person whose sign-ins are explained.
fn of_another(
    args: &Args,
    person: Option<&Person>,
    words: &str,
    catalog: &Catalog,
    own: &[SigninEvent],
) -> Option<String> {
    let applications: Vec<String> = own.iter().filter_map(|e| e.application.as_deref()).map(fold).collect();
    let thing = |word: &str| applications.iter().any(|a| a.split(|c: char| !c.is_alphanumeric()).any(|w| w == word));
    let Whose::Other(name) = whose::of_beside(words, catalog, &thing) else { return None };
    let mut called = vec![args.person.as_str()];
    if let Some(person) = person {
        called.extend([person.name.as_str(), person.id.as_str(), person.email.as_str()]);
    }
    // Whoever looks at somebody's sign-ins for them speaks of them as "they".
    let pronoun = !whose::is_a_name(&name);
    let of_them = whose::could_call(&name, &called) || pronoun && args.operator;
    (!of_them).then_some(name)
}

/// The question is about somebody else than PERSON: not answered with PERSON's story.
fn somebody_else(args: &Args, name: &str) -> anyhow::Result<()> {
    let said = format!(
        "That question is about somebody else (“{}”); I explain the sign-ins of `{}` here and do not answer it with theirs.",
        crate::chat::plain::one_line(name),
        crate::chat::plain::one_line(&args.person)
    );
    let steps = ["Name the person it is about with --as, or ask about the one you named: “why was I locked out?”."];
    without(args, &said, &steps)
}

/// Nobody is called that: said on the side of errors, with an exit code of its own, and never as if it were an answer.
fn nobody(args: &Args, near: &[String]) -> ExitCode {
    let who = crate::chat::plain::one_line(&args.person);
    let said = format!("`{who}` is nobody: not in the directory, and none of the events is of an account of that name");
    let meant = did_you_mean(near);
    if args.json {
        let check = "Check the name: a person of the directory, or an account exactly as the logs write it.";
        let steps: Vec<&str> = [Some(check), meant.as_deref()].into_iter().flatten().collect();
        println!("{}", without_story(Some("unknown_person"), &said, "unknown", &steps));
    }
    eprintln!("claviger: {said}; {}", meant.unwrap_or_else(|| "check the name".to_owned()));
    ExitCode::from(NOBODY)
}

/// The words ask nothing that a record of sign-ins could answer.
fn no_question(args: &Args) -> anyhow::Result<()> {
    without(args, "That is no question I can answer from the record of sign-ins.", ASK)
}

/// Says why there is no story.
fn without(args: &Args, said: &str, steps: &[&str]) -> anyhow::Result<()> {
    if args.json {
        println!("{}", screen::json(&without_story(None, said, "no_question", steps))?);
    } else {
        screen::say(&format!("{said}\n"));
        steps.iter().for_each(|step| screen::say(&format!("  → {step}")));
    }
    Ok(())
}

/// The shape of an answer that tells nothing.
fn without_story(error: Option<&str>, said: &str, certainty: &str, steps: &[&str]) -> serde_json::Value {
    let mut told = json!({
        "answer": said,
        "reason_class": null,
        "certainty": certainty,
        "cited": [],
        "next_steps": steps,
        "ends_at": null,
        "sentences": [],
        "to_security": false,
    });
    if let (Some(error), Some(fields)) = (error, told.as_object_mut()) {
        fields.insert("error".to_owned(), json!(error));
    }
    told
}

/// Whose sign-ins are asked about.
struct Accounts {
    /// The accounts.
    whose: Aliases,
    /// The zone of their owner.
    zone: TimeZone,
    /// Who that is, where the directory knows them.
    person: Option<Arc<Person>>,
    /// The catalog with the directory.
    catalog: Catalog,
    /// Where it does not: who may be meant.
    near: Vec<String>,
}

/// The accounts asked about. The catalog is of today, whenever the question is put to.
fn accounts(args: &Args) -> anyhow::Result<Accounts> {
    let source = args.company.clone().map_or(Source::Example, Source::Folder);
    let catalog = read_catalog(&source, &[], SystemClock.now().to_zoned(TimeZone::UTC).date())?;
    let directory = &catalog.directory;
    let by_id = PersonId::parse(args.person.as_str()).ok().and_then(|id| directory.get(&id));
    let by_mail = || directory.iter().find(|p| p.email.eq_ignore_ascii_case(&args.person));
    if let Some(person) = by_id.or_else(by_mail).cloned() {
        let (whose, zone) = (Aliases::of(&person, directory, &[]), person.time_zone());
        return Ok(Accounts { whose, zone, person: Some(person), catalog, near: Vec::new() });
    }
    // Full names stand in OneLogin's log only, and only there are they looked for.
    let providers = [None, Some(Provider::OneLogin)];
    let named = providers.map(|provider| Account { provider, name: args.person.clone() });
    let near = crate::cli::near(directory, &args.person).into_iter().map(str::to_owned).collect();
    Ok(Accounts { whose: Aliases::default().with(named), zone: TimeZone::UTC, person: None, catalog, near })
}

fn step(step: &NextStep) -> String {
    match &step.link {
        Some(link) => format!("{} {link}", step.words),
        None => step.words.clone(),
    }
}

fn as_json(explanation: &Explanation, worded: &Worded, aside: u64) -> serde_json::Value {
    let sentences: Vec<_> =
        explanation.sentences.iter().map(|s| json!({ "text": s.text(), "cites": s.cites() })).collect();
    json!({
        "answer": worded.text,
        "reason_class": explanation.reason_class,
        "certainty": explanation.certainty,
        "cited": explanation.cited(),
        "next_steps": explanation.next_steps.iter().map(step).collect::<Vec<_>>(),
        "ends_at": explanation.ends_at,
        "sentences": sentences,
        "not_known": explanation.not_known(),
        "set_aside": explanation.set_aside,
        "unreadable_records": aside,
        "later_records": explanation.later,
        "to_security": explanation.to_security,
        "worded_by": worded.by,
    })
}

/// The answer in words, with its receipts.
fn told(explanation: &Explanation, worded: &Worded, aside: u64) -> String {
    let mut lines = vec![worded.text.clone(), String::new()];
    lines.extend(explanation.next_steps.iter().map(step).map(|words| format!("  → {words}")));
    lines.extend([String::new(), "Receipts".to_owned()]);
    for (n, sentence) in explanation.sentences.iter().enumerate() {
        let cites = sentence.cites();
        let rests = if cites.is_empty() { "not in the record".to_owned() } else { cites.join(", ") };
        lines.push(format!("  {}. {}\n     {rests}", n + 1, sentence.text()));
    }
    match aside + explanation.set_aside.len() as u64 {
        0 => {}
        1 => lines.push("  1 record could not be read or was left out.".to_owned()),
        n => lines.push(format!("  {n} records could not be read or were left out.")),
    }
    match explanation.later {
        0 => {}
        1 => lines.push("  1 record is dated later and was not looked at.".to_owned()),
        n => lines.push(format!("  {n} records are dated later and were not looked at.")),
    }
    lines.join("\n")
}
