//! `claviger helpdesk triage`: reads existing tickets, says what each is, how soon it presses and why, and answers those that the
//! articles, the catalog or the sign-in record can answer.

use std::io::{BufRead, BufWriter, Read as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::app::house::read_catalog;
use crate::app::system::SystemClock;
use crate::app::understanding::understander;
use crate::catalog::source::Source;
use crate::cli::triage_desk::{Desk, Outcome, Record, Written};
use crate::cli::{input, screen};
use crate::connectors::signin::read::{Hints, Records};
use crate::domain::clock::Clock as _;
use crate::domain::signin::SigninEvent;
use crate::store::open::{Location, Prepare, open};

/// The longest line read, in bytes.
const MAX_LINE: u64 = 256 * 1024;

/// Reads existing tickets and says what each is: category, priority, intent, what it is about, and an answer or whom it goes to.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  echo '{\"id\":\"1\",\"subject\":\"VPN\",\"body\":\"How do I get on the VPN?\"}' \\\n    \
    | claviger helpdesk triage --json -\n  claviger helpdesk triage --data .claviger tickets.jsonl\n\n\
    Lines are {\"id\", \"subject\", \"body\", \"from\"?}; `from` is a person's id or mail address, as in a mail too: `Ana Kovač <ana@x.example>`. Nothing is filed and nobody is told.\n\
    With --data or --events, whoever writes that they cannot sign in is answered from the sign-in record. A sender can be forged: send such an \
    answer to `send_to`, the address in the directory, and never back to where the ticket came from. With --data every such answer is recorded \
    as a look; the person sees it under “who looked at my sign-ins?”.\n\n\
    Exit codes: 0 every line was read, 1 it went wrong, 3 some lines could not be read and were kept aside."
)]
pub struct Args {
    /// JSON lines instead of a table.
    #[arg(long)]
    pub json: bool,
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
    /// When the tickets are read, RFC 3339; now by default. Later events are not looked at. The directory and the catalog are those of today.
    #[arg(long, value_name = "TIME", value_parser = crate::cli::time::moment)]
    at: Option<Timestamp>,
    /// The file of tickets, JSON lines; `-` for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
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
    let catalog = Arc::new(read_catalog(&source, &[], SystemClock.now().to_zoned(TimeZone::UTC).date())?);
    let understander = understander(&catalog, None).context("the search index could not be built")?;
    let input = input::open(&args.file)?;
    let runtime = crate::cli::runtime()?;
    let record = if let Some(place) =
        args.database.or(args.data.map(|folder| Location::File(folder.join("claviger.db"))))
    {
        Record::Store(runtime.block_on(open(&place, Prepare::AsItIs)).context("the sign-in record cannot be opened")?)
    } else if args.events.is_empty() {
        Record::None
    } else {
        Record::Events(read_events(&args.events, now)?)
    };
    let desk = Desk { catalog, understander, now, record };
    let mut out = BufWriter::new(std::io::stdout().lock());
    match runtime.block_on(all(&desk, args.json, input, &mut out)) {
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
        for record in Records::new(input::open(path)?, Hints { provider: None, now }) {
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

/// Sorts every line; true where all could be read.
async fn all(desk: &Desk, json: bool, mut input: impl BufRead, out: &mut impl Write) -> anyhow::Result<bool> {
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
            Ok(written) => one(desk, json, &written, out).await?,
            Err((id, error)) => {
                well = false;
                let line = Refused { line: number, id, error };
                if json {
                    writeln!(out, "{}", screen::json(&line)?)?;
                } else {
                    writeln!(out, "line {number}: {}", screen::shown(&line.error))?;
                }
            }
        }
    }
    out.flush()?;
    Ok(well)
}

/// Says what one ticket is, in a line.
async fn one(desk: &Desk, json: bool, written: &Written, out: &mut impl Write) -> anyhow::Result<()> {
    let sorted = desk.sort(written).await?;
    if json {
        return Ok(writeln!(out, "{}", screen::json(&sorted)?)?);
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
    let line = format!("{id:<12} {:<10} {:<8} {what}", sorted.category.name(), sorted.priority.name());
    writeln!(out, "{}", screen::shown(&line))?;
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::model::Catalog;
    use crate::cli::triage_desk::MOST_NAMED;

    #[test]
    fn tickets_are_sorted_answered_or_routed_with_reasons() {
        let catalog = Arc::new(Catalog::load(&Source::Example, jiff::civil::date(2026, 11, 20)).unwrap());
        let understander = understander(&catalog, None).unwrap();
        let desk = Desk { catalog, understander, now: Timestamp::UNIX_EPOCH, record: Record::None };
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
        let well = runtime.block_on(all(&desk, true, input.as_bytes(), &mut out)).unwrap();
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
        let desk = Desk { catalog, understander, now, record: Record::Events(events) };
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
        assert!(runtime.block_on(all(&desk, true, input.as_bytes(), &mut out)).unwrap());
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
