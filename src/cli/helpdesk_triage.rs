//! `claviger helpdesk triage`: reads existing tickets, says what each is, how soon it presses and why, and answers those that the
//! articles or the catalog can answer.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::app::house::read_catalog;
use crate::app::system::SystemClock;
use crate::app::understanding::understander;
use crate::catalog::model::Catalog;
use crate::catalog::source::Source;
use crate::domain::clock::Clock as _;
use crate::domain::ids::EntitlementId;
use crate::domain::person::Person;
use crate::domain::ticket::{Because, Category, Priority};
use crate::helpdesk::knowledge;
use crate::helpdesk::triage::suggest;
use crate::understanding::types::{Intent, MAX_WORDS, Turn};
use crate::understanding::understander::Understander;

/// The longest line read, in bytes.
const MAX_LINE: u64 = 256 * 1024;
/// From this confidence on an entitlement is named (basis points): below it several are as likely.
const NAMED_BP: u16 = 7_000;

/// Reads existing tickets and says what each is: category, priority, intent, what it is about, and an answer or whom it goes to.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  echo '{\"id\":\"1\",\"subject\":\"VPN\",\"body\":\"How do I get on the VPN?\"}' \\\n    \
    | claviger helpdesk triage --json -\n\n\
    Lines are {\"id\", \"subject\", \"body\", \"from\"?}; `from` is a person's id or mail address. Nothing is filed and nobody is told.\n\
    Exit codes: 0 every line was read, 1 one could not be."
)]
pub struct Args {
    /// JSON lines instead of a table.
    #[arg(long)]
    json: bool,
    /// A company's catalog folder instead of the example's.
    #[arg(long, value_name = "FOLDER")]
    catalog: Option<PathBuf>,
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
    body: String,
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
    /// People have to look.
    Route {
        /// The group.
        to: String,
    },
}

/// A line that could not be answered.
#[derive(Debug, Serialize)]
struct Refused {
    line: u64,
    error: String,
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let now = SystemClock.now();
    let source = args.catalog.map_or(Source::Example, Source::Folder);
    let catalog = Arc::new(read_catalog(&source, &[], now.to_zoned(TimeZone::UTC).date())?);
    let understander = understander(&catalog, None).context("the search index could not be built")?;
    let input: Box<dyn Read> = if args.file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        let file = std::fs::File::open(&args.file);
        Box::new(file.with_context(|| format!("`{}` cannot be read", args.file.display()))?)
    };
    let desk = Desk { catalog, understander, now, json: args.json };
    let mut out = BufWriter::new(std::io::stdout().lock());
    match crate::cli::runtime()?.block_on(desk.all(BufReader::new(input), &mut out)) {
        Ok(true) => Ok(ExitCode::SUCCESS),
        Ok(false) => Ok(ExitCode::from(1)),
        // Whoever reads may have had enough (`| head`).
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error).context("the answers could not be written"),
    }
}

struct Desk {
    catalog: Arc<Catalog>,
    understander: Understander,
    now: Timestamp,
    json: bool,
}

impl Desk {
    /// Sorts every line; true where all could be read.
    async fn all(&self, mut input: impl BufRead, out: &mut impl Write) -> std::io::Result<bool> {
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
            let written: Result<Written, String> = if whole {
                serde_json::from_slice(&bytes)
                    .map_err(|e| format!("the line is not a ticket with `id` and `body`: {e}"))
            } else {
                Err(format!("the line is longer than {MAX_LINE} bytes"))
            };
            match written {
                Ok(written) => self.one(&written, out).await?,
                Err(error) => {
                    well = false;
                    let line = Refused { line: number, error };
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

    async fn one(&self, written: &Written, out: &mut impl Write) -> std::io::Result<()> {
        let sorted = self.sort(written).await;
        if self.json {
            return writeln!(out, "{}", serde_json::to_string(&sorted)?);
        }
        let id = written.id.as_str().map_or_else(|| written.id.to_string(), str::to_owned);
        let what = match &sorted.outcome {
            Outcome::Answer { article, .. } => format!("answered by {article}"),
            Outcome::Suggest { say } => format!("can be asked for: {say}"),
            Outcome::Route { to } => format!("goes to {to}"),
        };
        writeln!(out, "{id:<12} {:<10} {:<8} {what}", sorted.category.name(), sorted.priority.name())
    }

    async fn sort<'a>(&self, written: &'a Written) -> Sorted<'a> {
        let whole = format!("{}\n{}", written.subject.trim(), written.body.trim());
        // The subject often is the question; the text begins with it where it does not.
        let words: String = truncated(whole.trim(), MAX_WORDS).to_owned();
        let speaker = self.speaker(written.from.as_deref());
        let (intent, asked) = match &speaker {
            Some(speaker) => {
                let turn = Turn {
                    words: &words,
                    now: self.now,
                    speaker,
                    drafts: &[],
                    topic: None,
                    question: None,
                    holds: &[],
                };
                let understood = self.understander.understand(&turn).await;
                let best = understood
                    .asks
                    .iter()
                    .filter(|a| a.confidence_bp >= NAMED_BP)
                    .max_by_key(|a| a.confidence_bp)
                    .and_then(|a| a.candidates.first().map(|c| (c.entitlement.clone(), a.confidence_bp)));
                (understood.intent, best)
            }
            None => (Intent::Unclear, None),
        };
        let suggestion = suggest(&whole, Some(intent), None);
        let mut reasons = suggestion.because;
        let mut note = |rule: &str, text: String| reasons.push(Because { rule: rule.to_owned(), text });
        note("intent", format!("it was understood as `{}`", name_of(intent)));
        if let Some((id, confidence)) = &asked {
            note("entitlement", format!("it names “{}” ({} % sure)", self.catalog.title(id), confidence / 100));
        }
        let outcome = self.outcome(&whole, suggestion.category, intent, asked.as_ref().map(|(id, _)| id), &mut note);
        Sorted {
            id: &written.id,
            category: suggestion.category,
            priority: suggestion.priority,
            intent,
            entitlement: asked.map(|(id, _)| id),
            outcome,
            reasons,
        }
    }

    fn outcome(
        &self,
        words: &str,
        category: Category,
        intent: Intent,
        asked: Option<&EntitlementId>,
        note: &mut impl FnMut(&str, String),
    ) -> Outcome {
        // What may be an attack is never answered by an article: people look.
        if category == Category::Security {
            note("route.security", "security looks at it; no answer is sent by itself".to_owned());
            return Outcome::Route { to: self.catalog.roles.security.to_string() };
        }
        let asks_how = matches!(intent, Intent::HowTo) || category == Category::HowTo;
        let found = knowledge::find(&self.catalog, words)
            .or_else(|| words.lines().next().and_then(|first| knowledge::find(&self.catalog, first)));
        if let Some(found) = found.filter(|_| asks_how || category == Category::Password || category == Category::Mfa) {
            note("answer.article", format!("the article {} answers it", found.file));
            return Outcome::Answer { article: found.file, extract: found.extract };
        }
        if let Some(id) = asked.filter(|_| matches!(intent, Intent::RequestAccess | Intent::BreakGlass)) {
            note("suggest.request", "the catalog holds it, so it can be asked for here".to_owned());
            return Outcome::Suggest { say: format!("I need {}", self.catalog.title(id)) };
        }
        note("route.people", "no article answers it and nothing in the catalog is named clearly".to_owned());
        Outcome::Route { to: self.catalog.roles.fallback.to_string() }
    }

    /// Whoever wrote it, where the directory knows them; else the first employee, so that the words can be read at all.
    fn speaker(&self, from: Option<&str>) -> Option<Arc<Person>> {
        let people = &self.catalog.directory;
        let known = from.map(str::trim).and_then(|from| {
            people.iter().find(|p| p.id.as_str() == from || p.email.eq_ignore_ascii_case(from)).cloned()
        });
        known.or_else(|| people.iter().find(|p| p.is_employed()).cloned())
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
        let desk = Desk { catalog, understander, now: Timestamp::UNIX_EPOCH, json: true };
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
        ]
        .join("\n");
        let mut out = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let well = runtime.block_on(desk.all(input.as_bytes(), &mut out)).unwrap();
        assert!(!well);
        let lines: Vec<serde_json::Value> =
            String::from_utf8(out).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines.len(), 7);
        assert_eq!((&lines[0]["id"], &lines[0]["outcome"]), (&1.into(), &"answer".into()));
        assert_eq!(lines[0]["article"], "vpn.md");
        assert_eq!((&lines[1]["category"], &lines[1]["outcome"]), (&"security".into(), &"route".into()));
        assert_eq!(lines[1]["to"], "security");
        assert_eq!((&lines[2]["outcome"], lines[2]["entitlement"].is_string()), (&"suggest".into(), true));
        assert_eq!(lines[3]["outcome"], "route");
        assert_eq!((&lines[4]["line"], &lines[5]["line"]), (&5.into(), &6.into()));
        assert_eq!(lines[6]["outcome"], "route");
        for line in [0, 1, 2, 3, 6] {
            assert!(lines[line]["reasons"].as_array().unwrap().len() >= 3, "{line}");
        }
    }
}
