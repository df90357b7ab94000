//! `claviger helpdesk triage`: reads existing tickets, says what each is, how soon it presses and why, and answers those that the
//! articles, the catalog or the sign-in record can answer.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::app::house::read_catalog;
use crate::app::system::SystemClock;
use crate::app::understanding::understander;
use crate::catalog::model::Catalog;
use crate::catalog::source::Source;
use crate::connectors::signin::read::{Hints, Records};
use crate::domain::clock::Clock as _;
use crate::domain::ids::{EntitlementId, GroupId, PersonId};
use crate::domain::person::Person;
use crate::domain::signin::SigninEvent;
use crate::domain::signin_actor::Aliases;
use crate::domain::ticket::{Because, Category, Priority};
use crate::helpdesk::deeds::{self, Deed};
use crate::helpdesk::disclosure::Level;
use crate::helpdesk::knowledge;
use crate::helpdesk::lockout::answer::{Asked, answer};
use crate::helpdesk::lockout::claim::{Certainty, Explanation, NextStep};
use crate::helpdesk::lockout::explain::Lasting;
use crate::helpdesk::lockout::matter;
use crate::helpdesk::lockout::whose::{self, Whose};
use crate::helpdesk::sender::{self, Sender};
use crate::helpdesk::triage::suggest;
use crate::ports::signin::{SigninLog as _, SigninQuery};
use crate::store::database::Database;
use crate::store::open::{Location, Prepare, open};
use crate::understanding::types::{Intent, MAX_WORDS, Turn};
use crate::understanding::understander::Understander;

/// The longest line read, in bytes.
const MAX_LINE: u64 = 256 * 1024;
/// How far back the record is looked at.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24 * 30);
/// The most events looked at, the newest.
const MOST_EVENTS: u32 = 2_000;
/// The most people named who see to a ticket.
const MOST_NAMED: usize = 3;
/// From this confidence on an entitlement is named (basis points): below it several are as likely.
const NAMED_BP: u16 = 7_000;

/// Reads existing tickets and says what each is: category, priority, intent, what it is about, and an answer or whom it goes to.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  echo '{\"id\":\"1\",\"subject\":\"VPN\",\"body\":\"How do I get on the VPN?\"}' \\\n    \
    | claviger helpdesk triage --json -\n  claviger helpdesk triage --data .claviger tickets.jsonl\n\n\
    Lines are {\"id\", \"subject\", \"body\", \"from\"?}; `from` is a person's id or mail address, as in a mail too: `Ana Kovač <ana@x.example>`. Nothing is filed and nobody is told.\n\
    With --data or --events, whoever writes that they cannot sign in is answered from the sign-in record. A sender can be forged: send such an \
    answer to `send_to`, the address in the directory, and never back to where the ticket came from.\n\n\
    Exit codes: 0 every line was read, 1 it went wrong, 3 some lines could not be read and were kept aside."
)]
pub struct Args {
    /// JSON lines instead of a table.
    #[arg(long)]
    json: bool,
    /// A company's catalog folder instead of the example's.
    #[arg(long, value_name = "FOLDER")]
    catalog: Option<PathBuf>,
    /// Answer from the sign-in events kept in this data folder's database.
    #[arg(long, visible_alias = "data-dir", value_name = "FOLDER", conflicts_with_all = ["database", "events"])]
    data: Option<PathBuf>,
    /// Answer from the sign-in events kept in this database: a SQLite file's path or a `postgres://` address.
    #[arg(long, value_name = "URL|PATH", conflicts_with = "events")]
    database: Option<Location>,
    /// Answer from the sign-in events in this file, as `claviger helpdesk ingest` reads them; may be given several times.
    #[arg(long, value_name = "FILE")]
    events: Vec<PathBuf>,
    /// When the tickets are read, RFC 3339; now by default. Later events are not looked at.
    #[arg(long)]
    at: Option<Timestamp>,
    /// The file of tickets, JSON lines; `-` for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// One ticket as it was written.
#[derive(Debug, Deserialize)]
struct Written {
    /// Any JSON text or number; given back as it came.
    id: serde_json::Value,
    /// Its subject.
    #[serde(default)]
    subject: String,
    /// Its text.
    #[serde(default)]
    body: Option<String>,
    /// Who wrote it: an id or a mail address.
    #[serde(default)]
    from: Option<String>,
}

/// What is said of a ticket.
#[derive(Debug, Serialize)]
struct Sorted<'a> {
    id: &'a serde_json::Value,
    category: Category,
    priority: Priority,
    intent: Intent,
    #[serde(skip_serializing_if = "Option::is_none")]
    entitlement: Option<EntitlementId>,
    /// `answer` with the article's words, `suggest` a request, or `route` it to people.
    #[serde(flatten)]
    outcome: Outcome,
    reasons: Vec<Because>,
}

/// What is to be done with a ticket.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
enum Outcome {
    /// An article answers it.
    Answer {
        /// Its file.
        article: String,
        /// The section that answers, as written.
        extract: String,
    },
    /// It asks for something the catalog holds; the person can ask for it here.
    Suggest {
        /// What to say.
        say: String,
    },
    /// The sign-in record says why its writer could not sign in.
    Explain {
        /// Whose sign-ins: those of the person `from` names, and nobody else's.
        person: PersonId,
        /// Where to send it: the directory's address of that person.
        send_to: String,
        /// In words, each sentence from the record.
        answer: String,
        /// How sure the reason is.
        certainty: Certainty,
        /// Ids of the events it rests on.
        cited: Vec<String>,
        /// What they can do.
        next_steps: Vec<String>,
        /// When it ends by itself, where that is known.
        ends_at: Option<Timestamp>,
    },
    /// People have to look.
    Route {
        /// The group.
        to: String,
        /// Who that is: the first few by name.
        people: Vec<String>,
    },
}

/// Where sign-in events are looked up.
enum Record {
    /// Nowhere.
    None,
    /// Among these, of anybody.
    Events(Vec<SigninEvent>),
    /// In a database.
    Store(Arc<Database>),
}

/// A line that could not be answered.
#[derive(Debug, Serialize)]
struct Refused {
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<serde_json::Value>,
    error: String,
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let now = args.at.unwrap_or_else(|| SystemClock.now());
    let source = args.catalog.map_or(Source::Example, Source::Folder);
    let catalog = Arc::new(read_catalog(&source, &[], now.to_zoned(TimeZone::UTC).date())?);
    let understander = understander(&catalog, None).context("the search index could not be built")?;
    let input: Box<dyn Read> = if args.file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        let file = std::fs::File::open(&args.file);
        Box::new(file.with_context(|| format!("`{}` cannot be read", args.file.display()))?)
    };
    let runtime = crate::cli::runtime()?;
    let record = if let Some(place) =
        args.database.or(args.data.map(|folder| Location::File(folder.join("claviger.db"))))
    {
        Record::Store(runtime.block_on(open(&place, Prepare::Inspect)).context("the sign-in record cannot be opened")?)
    } else if args.events.is_empty() {
        Record::None
    } else {
        Record::Events(read_events(&args.events, now)?)
    };
    let desk = Desk { catalog, understander, now, json: args.json, record };
    let mut out = BufWriter::new(std::io::stdout().lock());
    match runtime.block_on(desk.all(BufReader::new(input), &mut out)) {
        Ok(true) => Ok(ExitCode::SUCCESS),
        Ok(false) => Ok(ExitCode::from(3)),
        // Whoever reads may have had enough (`| head`).
        Err(error)
            if error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe) =>
        {
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => Err(error),
    }
}

/// The events of these files; records that cannot be read are counted on standard error.
fn read_events(files: &[PathBuf], now: Timestamp) -> anyhow::Result<Vec<SigninEvent>> {
    let (mut events, mut aside) = (Vec::new(), 0_u64);
    for path in files {
        let file = std::fs::File::open(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
        for record in Records::new(BufReader::new(file), Hints { provider: None, now }) {
            match record.with_context(|| format!("`{}` cannot be read", path.display()))?.read {
                Ok(found) => events.extend(found),
                Err(_) => aside += 1,
            }
        }
    }
    if aside > 0 {
        eprintln!("{aside} sign-in records could not be read; `claviger helpdesk ingest --json` says which");
    }
    Ok(events)
}

struct Desk {
    catalog: Arc<Catalog>,
    understander: Understander,
    now: Timestamp,
    json: bool,
    record: Record,
}

impl Desk {
    /// Sorts every line; true where all could be read.
    async fn all(&self, mut input: impl BufRead, out: &mut impl Write) -> anyhow::Result<bool> {
        let mut well = true;
        let mut bytes = Vec::new();
        for number in 1u64.. {
            bytes.clear();
            let read = input.by_ref().take(MAX_LINE).read_until(b'\n', &mut bytes)?;
            if read == 0 {
                break;
            }
            if bytes.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let whole = bytes.ends_with(b"\n") || (read as u64) < MAX_LINE;
            if !whole {
                input.skip_until(b'\n')?;
            }
            let written =
                if whole { ticket(&bytes) } else { Err((None, format!("the line is longer than {MAX_LINE} bytes"))) };
            match written {
                Ok(written) => self.one(&written, out).await?,
                Err((id, error)) => {
                    well = false;
                    let line = Refused { line: number, id, error };
                    if self.json {
                        writeln!(out, "{}", serde_json::to_string(&line)?)?;
                    } else {
                        writeln!(out, "line {number}: {}", line.error)?;
                    }
                }
            }
        }
        out.flush()?;
        Ok(well)
    }

    async fn one(&self, written: &Written, out: &mut impl Write) -> anyhow::Result<()> {
        let sorted = self.sort(written).await?;
        if self.json {
            return Ok(writeln!(out, "{}", serde_json::to_string(&sorted)?)?);
        }
        let id = written.id.as_str().map_or_else(|| written.id.to_string(), str::to_owned);
        let what = match &sorted.outcome {
            Outcome::Answer { article, .. } => format!("answered by {article}"),
            Outcome::Suggest { say } => format!("can be asked for: {say}"),
            Outcome::Explain { send_to, answer, .. } => {
                format!("explained from the record, for {send_to} alone: {answer}")
            }
            Outcome::Route { to, people } => format!("goes to {to}: {}", people.join(", ")),
        };
        writeln!(out, "{id:<12} {:<10} {:<8} {what}", sorted.category.name(), sorted.priority.name())?;
        Ok(())
    }

    async fn sort<'a>(&self, written: &'a Written) -> anyhow::Result<Sorted<'a>> {
        let whole = format!("{}\n{}", written.subject.trim(), written.body.as_deref().unwrap_or_default().trim());
        // The subject often is the question; the text begins with it where it does not.
        let words: String = truncated(whole.trim(), MAX_WORDS).to_owned();
        let sender = sender::of(written.from.as_deref(), &self.catalog.directory);
        let writer = match &sender {
            Sender::Known(person) => Some(Arc::clone(person)),
            _ => None,
        };
        let speaker = writer.clone().or_else(|| self.catalog.directory.iter().find(|p| p.is_employed()).cloned());
        let read = match &speaker {
            Some(speaker) => self.read(speaker, &words).await,
            None => Reading { intent: Intent::Unclear, asked: None, others: false },
        };
        let Reading { intent, asked, others } = read;
        let suggestion = suggest(&whole, Some(intent), None);
        let mut reasons = suggestion.because;
        let mut note = |rule: &str, text: String| reasons.push(Because { rule: rule.to_owned(), text });
        note("intent", format!("it was understood as `{}`", name_of(intent)));
        if let Some((id, confidence)) = &asked {
            note("entitlement", format!("it names “{}” ({} % sure)", self.catalog.title(id), confidence / 100));
        }
        let mut explained = None;
        if others {
            note(
                "about.other",
                "it speaks of somebody else's sign-ins; those are explained to whom they belong".to_owned(),
            );
        } else if intent == Intent::WhyLockedOut {
            match (&writer, &self.record) {
                (None, _) => note(sender.rule(), sender.words().to_owned()),
                (Some(_), Record::None) => {
                    note("record.none", "no sign-in record was given (--data, --database or --events)".to_owned());
                }
                (Some(writer), _) => {
                    explained = self.explained(writer, &words).await?;
                    if explained.is_none() {
                        note("record.silent", "the sign-in record holds nothing of theirs that tells why".to_owned());
                    }
                }
            }
        }
        let asked_id = asked.as_ref().map(|(id, _)| id);
        let read = Grasped { words: &whole, category: suggestion.category, intent, asked: asked_id, others };
        let outcome = self.outcome(&read, explained, &mut note);
        Ok(Sorted {
            id: &written.id,
            category: suggestion.category,
            priority: suggestion.priority,
            intent,
            entitlement: asked.map(|(id, _)| id),
            outcome,
            reasons,
        })
    }

    /// What a ticket says. Where it speaks of signing in, that and of whose is told from the sentence alone, as in a conversation: whether a
    /// name is somebody's makes no difference.
    async fn read(&self, speaker: &Arc<Person>, words: &str) -> Reading {
        let settled = matter::of(speaker, words, &self.catalog, false);
        let others = matches!(whose::asked_by(speaker, words, &self.catalog), Whose::Other(_));
        let deed = deeds::asked(words, false).is_some() || deeds::unlocks_somebody(words);
        if settled.is_some() || (deed && others) {
            return Reading { intent: Intent::WhyLockedOut, asked: None, others };
        }
        let turn = Turn { words, now: self.now, speaker, drafts: &[], topic: None, question: None, holds: &[] };
        let understood = self.understander.understand(&turn).await;
        let best = understood
            .asks
            .iter()
            .filter(|a| a.confidence_bp >= NAMED_BP)
            .max_by_key(|a| a.confidence_bp)
            .and_then(|a| a.candidates.first().map(|c| (c.entitlement.clone(), a.confidence_bp)));
        let others = others && understood.intent == Intent::WhyLockedOut;
        Reading { intent: understood.intent, asked: best, others }
    }

    /// What the record says of a person's sign-ins; `None` where there is no record or it does not tell.
    async fn explained(&self, person: &Arc<Person>, words: &str) -> anyhow::Result<Option<(Arc<Person>, Explanation)>> {
        let whose = Aliases::of(person, &self.catalog.directory, &[]);
        let from = self.now.checked_sub(LOOK_BACK).unwrap_or(Timestamp::MIN);
        let events = match &self.record {
            Record::None => return Ok(None),
            Record::Events(events) => events.iter().filter(|e| e.at.is_none_or(|at| at >= from)).cloned().collect(),
            Record::Store(log) => {
                let query = SigninQuery { whose: whose.clone(), from, until: self.now, limit: MOST_EVENTS };
                log.signins(&query).await.context("the sign-in record cannot be read")?
            }
        };
        let (zone, lasting) = (person.time_zone(), Lasting::new());
        let asked = Asked { whose: &whose, words, now: self.now, zone: &zone, level: Level::Person, lasting: &lasting };
        let explanation = answer(events, asked);
        Ok((explanation.certainty > Certainty::Unknown).then(|| (Arc::clone(person), explanation)))
    }

    /// To the people of a group, by name; to those who are asked last where it has nobody.
    fn route(&self, group: &GroupId) -> Outcome {
        let of = |group: &GroupId| -> Vec<String> {
            let members = self.catalog.directory.members(group).filter(|p| p.is_employed());
            members.take(MOST_NAMED).map(|p| format!("{} <{}>", p.name, p.email)).collect()
        };
        let (mut group, mut people) = (group, of(group));
        if people.is_empty() {
            group = &self.catalog.roles.fallback;
            people = of(group);
        }
        Outcome::Route { to: group.to_string(), people }
    }

    fn outcome(
        &self,
        read: &Grasped<'_>,
        explained: Option<(Arc<Person>, Explanation)>,
        note: &mut impl FnMut(&str, String),
    ) -> Outcome {
        let Grasped { words, category, intent, asked, others } = *read;
        // What may be an attack is never answered by an article: people look.
        if category == Category::Security {
            note("route.security", "security looks at it; no answer is sent by itself".to_owned());
            return self.route(&self.catalog.roles.security);
        }
        if let Some((person, explanation)) = explained {
            if explanation.to_security {
                note("route.record", "the sign-in record looks like an attack; security looks at it".to_owned());
                return self.route(&self.catalog.roles.security);
            }
            let cited = explanation.cited();
            note("explain.record", format!("the sign-in record says why, in {} events", cited.len()));
            return Outcome::Explain {
                person: person.id.clone(),
                send_to: person.email.clone(),
                answer: explanation.answer(),
                certainty: explanation.certainty,
                cited,
                next_steps: explanation.next_steps.iter().map(step).collect(),
                ends_at: explanation.ends_at,
            };
        }
        let asks_how = matches!(intent, Intent::HowTo) || category == Category::HowTo;
        let asks_article = asks_how || matches!(category, Category::Password | Category::Mfa);
        let found = knowledge::find(&self.catalog, words)
            .or_else(|| words.lines().next().and_then(|first| knowledge::find(&self.catalog, first)))
            // "Reset my password" says nothing that an article's words would be found by; what is to be done says it.
            .or_else(|| deeds::asked(words, false).and_then(|deed| knowledge::find(&self.catalog, deed.topic())))
            .or_else(|| {
                (category == Category::Password)
                    .then(|| knowledge::find(&self.catalog, Deed::Password.topic()))
                    .flatten()
            });
        if let Some(found) = found.filter(|_| asks_article && !others) {
            note("answer.article", format!("the article {} answers it", found.file));
            return Outcome::Answer { article: found.file, extract: found.extract };
        }
        if let Some(id) = asked.filter(|_| matches!(intent, Intent::RequestAccess | Intent::BreakGlass)) {
            note("suggest.request", "the catalog holds it, so it can be asked for here".to_owned());
            return Outcome::Suggest { say: format!("I need {}", self.catalog.title(id)) };
        }
        let why = match intent {
            Intent::WhyLockedOut => "people have to make sure who it is and look at the account",
            _ => "no article answers it and nothing in the catalog is named clearly",
        };
        note("route.people", why.to_owned());
        self.route(self.catalog.roles.helpdesk())
    }
}

/// What a ticket was understood as.
struct Reading {
    intent: Intent,
    asked: Option<(EntitlementId, u16)>,
    /// True where it speaks of somebody else's sign-ins.
    others: bool,
}

/// What was read of a ticket.
#[derive(Clone, Copy)]
struct Grasped<'a> {
    words: &'a str,
    category: Category,
    intent: Intent,
    asked: Option<&'a EntitlementId>,
    others: bool,
}

/// A line as a ticket, or its id, where it has one, and what is wrong with it.
fn ticket(line: &[u8]) -> Result<Written, (Option<serde_json::Value>, String)> {
    let written: Written = serde_json::from_slice(line)
        .map_err(|e| (None, format!("the line is not a ticket with `id`, `subject` and `body`: {e}")))?;
    let why = match &written.body {
        None => "the ticket has no `body`: write what was said there, or an empty text where the subject says it all",
        Some(body) if body.trim().is_empty() && written.subject.trim().is_empty() => {
            "the ticket says nothing: `subject` and `body` are empty"
        }
        Some(_) => return Ok(written),
    };
    Err((Some(written.id), why.to_owned()))
}

fn step(step: &NextStep) -> String {
    match &step.link {
        Some(link) => format!("{} {link}", step.words),
        None => step.words.clone(),
    }
}

fn name_of(intent: Intent) -> String {
    serde_json::to_value(intent).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The first so many bytes, whole characters only.
fn truncated(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_are_sorted_answered_or_routed_with_reasons() {
        let catalog = Arc::new(Catalog::load(&Source::Example, jiff::civil::date(2026, 11, 20)).unwrap());
        let understander = understander(&catalog, None).unwrap();
        let desk = Desk { catalog, understander, now: Timestamp::UNIX_EPOCH, json: true, record: Record::None };
        let long = format!("{{\"id\":\"7\",\"body\":\"{}\"}}", "x".repeat(300_000));
        let input = [
            r#"{"id":1,"subject":"VPN","body":"How do I connect to the VPN?","from":"ana.kovac"}"#,
            r#"{"id":"2","subject":"Odd mail","body":"I clicked a phishing link, how do I reset my password?"}"#,
            r#"{"id":"3","subject":"Access","body":"I need read access to the Q3 sales reports for EMEA","from":"ana.kovac@quillmere.example"}"#,
            r#"{"id":"4","body":"The beamer in room 4 hums"}"#,
            "nonsense",
            &long,
            "",
            r#"{"id":"5","subject":"\u0000<script>","body":"","from":"nobody"}"#,
            r#"{"id":"6","subject":"VPN"}"#,
            r#"{"id":"7","subject":" ","body":"\n"}"#,
        ]
        .join("\n");
        let mut out = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let well = runtime.block_on(desk.all(input.as_bytes(), &mut out)).unwrap();
        assert!(!well);
        let lines: Vec<serde_json::Value> =
            String::from_utf8(out).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines.len(), 9);
        assert_eq!((&lines[0]["id"], &lines[0]["outcome"]), (&1.into(), &"answer".into()));
        assert_eq!(lines[0]["article"], "vpn.md");
        assert_eq!((&lines[1]["category"], &lines[1]["outcome"]), (&"security".into(), &"route".into()));
        assert_eq!(lines[1]["to"], "security");
        assert_eq!((&lines[2]["outcome"], lines[2]["entitlement"].is_string()), (&"suggest".into(), true));
        assert_eq!(lines[3]["outcome"], "route");
        assert_eq!((&lines[4]["line"], &lines[5]["line"]), (&5.into(), &6.into()));
        assert_eq!(lines[6]["outcome"], "route");
        assert!(lines[7]["error"].as_str().unwrap().starts_with("the ticket has no `body`"), "{}", lines[7]);
        assert!(lines[8]["error"].as_str().unwrap().starts_with("the ticket says nothing"), "{}", lines[8]);
        assert_eq!((&lines[7]["id"], &lines[8]["line"]), (&"6".into(), &10.into()));
        for routed in [&lines[1], &lines[3], &lines[6]] {
            let people = routed["people"].as_array().unwrap();
            assert!(!people.is_empty() && people.len() <= MOST_NAMED, "somebody is named: {routed}");
        }
        assert!(lines[3]["people"][0].as_str().unwrap().ends_with("@quillmere.example>"), "{}", lines[3]);
        for line in [0, 1, 2, 3, 6] {
            assert!(lines[line]["reasons"].as_array().unwrap().len() >= 3, "{line}");
        }
    }

    #[test]
    fn whoever_cannot_sign_in_is_answered_from_the_record_and_nobody_else() {
        let catalog = Arc::new(Catalog::load(&Source::Example, jiff::civil::date(2026, 11, 20)).unwrap());
        let understander = understander(&catalog, None).unwrap();
        let now: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
        let event = |id: &str, who: &str, at: &str, code: &str, kind: &str| {
            format!(
                r#"{{"id":"{id}","provider":"generic","raw":{{"time":"2026-11-20T{at}:00Z","actor":"{who}","event":"{kind}","outcome":"blocked","reason_code":"{code}","ip":"192.0.2.7"}}}}"#
            )
        };
        let text = [
            event("a1", "ana.kovac", "08:00", "locked_out", "account_locked"),
            event("e1", "elif.demir", "08:05", "soc_hold", "account_locked"),
            event("late", "ana.kovac", "11:00", "locked_out", "account_locked"),
        ]
        .join("\n");
        let records = Records::new(text.as_bytes(), Hints { provider: None, now });
        let events = records.flat_map(|r| r.unwrap().read.unwrap()).collect();
        let desk = Desk { catalog, understander, now, json: true, record: Record::Events(events) };
        let input = [
            r#"{"id":1,"subject":"Locked out","body":"Why was I locked out?","from":"Ana.Kovac@quillmere.example"}"#,
            r#"{"id":2,"subject":"Locked out","body":"Why was Ana Kovač locked out?","from":"lukas.weber"}"#,
            r#"{"id":3,"subject":"Locked out","body":"Why was I locked out?","from":"somebody@else.example"}"#,
            r#"{"id":4,"subject":"Locked out","body":"Why was I locked out?","from":"elif.demir"}"#,
            r#"{"id":5,"subject":"Locked out","body":"Why was I locked out?","from":"tom.fischer"}"#,
        ]
        .join("\n");
        let mut out = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert!(runtime.block_on(desk.all(input.as_bytes(), &mut out)).unwrap());
        let lines: Vec<serde_json::Value> =
            String::from_utf8(out).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!((&lines[0]["outcome"], &lines[0]["person"]), (&"explain".into(), &"ana.kovac".into()));
        assert_eq!(lines[0]["send_to"], "ana.kovac@quillmere.example");
        assert_eq!(lines[0]["cited"], serde_json::json!(["a1"]), "what came later is not known yet");
        for (n, why) in [(1, "another's"), (2, "a stranger's"), (4, "nothing is recorded")] {
            assert_eq!(lines[n]["outcome"], "route", "{why}: {}", lines[n]);
            assert!(!lines[n].to_string().contains("192.0.2.7"), "{why}: {}", lines[n]);
        }
        assert_eq!((&lines[3]["outcome"], &lines[3]["to"]), (&"route".into(), &"security".into()), "a hold is theirs");
    }
}
