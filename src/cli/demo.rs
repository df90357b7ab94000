//! `claviger demo`: the whole system on an embedded database with the example company, on loopback only.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use crate::app::demo::Demo;
use crate::app::system::SystemClock;

/// The whole system on an embedded database with the example company, on loopback only.
///
/// Example: claviger demo --port 8600 --catalog vendors.jsonl
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8600)]
    port: u16,
    /// Settings file whose chat platforms are opened, too ([slack], [teams], [discord], [chat], [identity], [step_up]); nothing else in
    /// it is used.
    #[arg(long)]
    chat: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// Where the demo's things are.
#[derive(Debug, Clone, clap::Args)]
pub struct Place {
    /// Folder of the database and the keys.
    #[arg(long, visible_alias = "data-dir", default_value = ".claviger")]
    pub data: PathBuf,
    /// Another company's catalog folder than the example's.
    #[arg(long)]
    pub company: Option<PathBuf>,
    /// JSON Lines files of vendors' entitlements, added to the company's.
    #[arg(long = "catalog", num_args = 1..)]
    pub catalog: Vec<PathBuf>,
    /// A language model beside the embedded interpreter.
    #[command(flatten)]
    pub model: crate::cli::model::ModelArgs,
}

impl Place {
    /// The demo that lives there.
    ///
    /// # Errors
    /// Where the model's settings cannot be used.
    pub fn demo(&self, port: u16) -> anyhow::Result<Demo> {
        Ok(Demo {
            port,
            data: self.data.clone(),
            company: self.company.clone(),
            vendors: self.catalog.clone(),
            model: self.model.client()?,
            clock: Arc::new(SystemClock),
            chat: None,
        })
    }
}

/// Runs the command.
///
/// # Errors
/// Whatever keeps it from doing its job, as people read it.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    crate::telemetry::logs::start(&std::env::var("CLAVIGER_LOG").unwrap_or_else(|_| "warn".into()), false);
    let runtime = crate::cli::runtime()?;
    let mut demo = args.place.demo(args.port)?;
    if let Some(file) = &args.chat {
        demo.chat = Some(Box::new(crate::config::load::load_for_demo(file)?));
    }
    runtime.block_on(crate::app::demo::run(demo))?;
    Ok(ExitCode::SUCCESS)
}
