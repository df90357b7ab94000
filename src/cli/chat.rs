//! `claviger chat`: a conversation in the terminal.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::io::BufReader;
use tokio_util::sync::CancellationToken;

use crate::app::running::Running;
use crate::chat::terminal::render::Paint;
use crate::chat::terminal::session::{self, Terminal};
use crate::cli::demo::Place;
use crate::domain::conversation::Surface;
use crate::domain::ids::PersonId;
use crate::workflow::converse;
use crate::workflow::desk::FrontDesk;

/// A conversation in the terminal, over the demo's data.
///
/// Example: claviger chat --as ana.kovac
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Who talks.
    #[arg(long = "as", value_name = "PERSON")]
    person: PersonId,
    #[command(flatten)]
    place: Place,
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    crate::telemetry::logs::start(&std::env::var("CLAVIGER_LOG").unwrap_or_else(|_| "error".into()), false);
    crate::cli::runtime()?.block_on(talk(args))
}

async fn talk(args: Args) -> anyhow::Result<ExitCode> {
    let (built, database, data) = crate::app::demo::open(&args.place.demo(0)?).await?;
    let house = built.house;
    crate::cli::known(&house.catalog.directory, &args.person)?;
    // Whoever sits down anew does not speak of what an earlier chat left unfiled.
    let since =
        converse::begin_anew(&house, &args.person, Surface::Terminal).await.map_err(|e| anyhow::anyhow!("{e}"))?;
    let stop = CancellationToken::new();
    let running = Running::start(&house, &data, stop).await?;
    let interactive = std::io::stdin().is_terminal();
    let paint = if std::io::stdout().is_terminal() { Paint::Ansi } else { Paint::Plain };
    let terminal = Terminal { who: args.person.clone(), paint, prompt: interactive, since };
    let desk = Arc::new(FrontDesk(Arc::clone(&house)));
    let done = session::run(desk, terminal, BufReader::new(tokio::io::stdin()), std::io::stdout()).await;
    // Whatever was printed has been seen; what comes from now on is shown when they sit down again.
    let gone = converse::get_up(&house, &args.person, Surface::Terminal).await;
    running.stop().await?;
    gone.map_err(|e| anyhow::anyhow!("{e}"))?;
    database.close().await;
    done?;
    // The thread that reads the terminal cannot be stopped, only left behind.
    std::process::exit(0);
}
