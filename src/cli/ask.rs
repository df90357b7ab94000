//! `claviger ask`: one turn: the understanding and the card. With `--press`, one click.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::house::read_catalog;
use crate::app::system::{FixedClock, SystemClock};
use crate::catalog::source::Source;
use crate::chat::terminal::render::Paint;
use crate::cli::demo::Place;
use crate::domain::action::ActionToken;
use crate::domain::clock::Clock;
use crate::domain::conversation::Surface;
use crate::domain::ids::PersonId;
use crate::jobs::runner::Runner;
use crate::ports::desk::{Desk as _, DeskError, Reply};
use crate::workflow::desk::FrontDesk;
use crate::workflow::handler::HouseJobs;

/// One turn: the understanding and the card. With `--press`, one click on a button shown before.
///
/// Example: claviger ask --as ana.kovac --json "read access to the CRM until Friday"
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Who says it (a person of the catalog; the demo's data only).
    #[arg(long = "as", value_name = "PERSON")]
    person: PersonId,
    /// When it is said, RFC 3339; now by default.
    #[arg(long, value_name = "TIME", value_parser = crate::cli::time::moment)]
    at: Option<Timestamp>,
    /// One JSON object instead of a card.
    #[arg(long)]
    json: bool,
    /// The token of a button to press, as `--json` shows it, instead of words.
    #[arg(long, conflicts_with = "words")]
    press: Option<String>,
    /// A field of the button's form, `name=value`.
    #[arg(long = "field", value_parser = field)]
    fields: Vec<(String, String)>,
    #[command(flatten)]
    place: Place,
    /// What is said.
    #[arg(required_unless_present = "press")]
    words: Vec<String>,
}

fn field(text: &str) -> Result<(String, String), String> {
    text.split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned())).ok_or_else(|| "write it as name=value".to_owned())
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    crate::telemetry::logs::start(&std::env::var("CLAVIGER_LOG").unwrap_or_else(|_| "warn".into()), false);
    crate::cli::runtime()?.block_on(turn(args))
}

async fn turn(args: Args) -> anyhow::Result<ExitCode> {
    let mut demo = args.place.demo(0)?;
    if let Some(at) = args.at {
        demo.clock = Arc::new(FixedClock(at));
    }
    let (built, database, _) = match (crate::app::demo::open(&demo).await, args.at) {
        (Err(error), Some(at)) => {
            // A catalog that can be used today and not at that time says things that had not happened yet.
            let source = demo.company.clone().map_or(Source::Example, Source::Folder);
            let today = SystemClock.now().to_zoned(TimeZone::UTC).date();
            let then = at.to_zoned(TimeZone::UTC).date();
            anyhow::ensure!(
                then >= today || read_catalog(&source, &demo.vendors, today).is_err(),
                "the company's catalog speaks of things later than {then}; choose a time for --at that is nearer to today"
            );
            return Err(error);
        }
        (opened, _) => opened?,
    };
    let house = built.house;
    crate::cli::known(&house.catalog.directory, &args.person)?;
    let desk = FrontDesk(Arc::clone(&house));
    let clock: Arc<dyn Clock> = Arc::clone(&house.clock);
    let handler = Arc::new(HouseJobs(Arc::clone(&house)));
    let runner = Runner::new(Arc::clone(&house.store), handler, clock, Arc::clone(&house.entropy));
    // Nobody else may be running: what has come due since is done first, so that access that is over is not told as if it stood.
    runner.run_due_once().await.context("what was due could not be done")?;
    let said = match &args.press {
        Some(token) => {
            let inputs: BTreeMap<_, _> = args.fields.iter().cloned().collect();
            desk.click(&args.person, Surface::Terminal, &ActionToken(token.clone()), &inputs).await
        }
        None => desk.say(&args.person, Surface::Terminal, &args.words.join(" "), None).await,
    };
    runner.run_due_once().await.context("what was to happen next could not be done")?;
    let said = match said {
        Ok(reply) => Ok(fresh(&desk, &args.person, reply).await),
        refused => refused,
    };
    let code = print(&args, &said);
    database.close().await;
    Ok(code)
}

/// The same reply with its cards as they stand after the jobs ran.
async fn fresh(desk: &FrontDesk, who: &PersonId, mut reply: Reply) -> Reply {
    for card in &mut reply.cards {
        if let Some(key) = card.key
            && let Ok(now) = desk.draw(who, key).await
        {
            *card = now;
        }
    }
    reply
}

fn print(args: &Args, said: &Result<Reply, DeskError>) -> ExitCode {
    match said {
        Ok(reply) if args.json => {
            println!("{}", serde_json::json!({ "understanding": reply.understanding, "cards": reply.cards }));
            ExitCode::SUCCESS
        }
        Ok(reply) => {
            for card in &reply.cards {
                println!("{}", crate::chat::terminal::render::card(card, 1, Paint::Plain).text);
            }
            ExitCode::SUCCESS
        }
        Err(error) if args.json => {
            println!(
                "{}",
                serde_json::json!({ "error": { "said": error.said, "next": error.next, "reference": error.reference }, "fresh": error.fresh })
            );
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("{}\n{}\nReference {}", error.said, error.next, error.reference);
            ExitCode::from(1)
        }
    }
}
