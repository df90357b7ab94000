//! Puts the house together from its parts.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::civil::Date;
use tokio::sync::{Notify, broadcast};

use crate::app::data_dir::DataDir;
use crate::app::system::OsEntropy;
use crate::app::understanding::{prompts, understander};
use crate::catalog::jsonl::parse_lines;
use crate::catalog::mistake::Mistake;
use crate::catalog::model::{Catalog, ConnectorEntry};
use crate::catalog::source::{Source, read_file};
use crate::connectors::build::{Settings, Surroundings, build};
use crate::connectors::local::LocalDoors;
use crate::connectors::outgoing::Limits;
use crate::connectors::webhook::WebhookSettings;
use crate::domain::action::TokenKey;
use crate::domain::clock::Clock;
use crate::domain::problem::Problem;
use crate::helpdesk::{disclosure_text, unlock_text};
use crate::ports::language_model::LanguageModel;
use crate::ports::store::SharedStore;
use crate::routing::rules::Rules;
use crate::workflow::house::{House, Outside, StepUp};
use crate::workflow::surfaces::known::Surfaces;

/// How many changes a slow listener may fall behind.
const CHANGES_HELD: usize = 1_024;

/// What the house is put together from.
pub struct Parts {
    /// The catalog.
    pub source: Source,
    /// Further JSON Lines files of vendors' entitlements.
    pub vendors: Vec<PathBuf>,
    /// A language model.
    pub model: Option<Arc<dyn LanguageModel>>,
    /// The folder of the operator's own prompts, where they have any.
    pub prompts: Option<PathBuf>,
    /// How the emergency path is guarded.
    pub step_up: StepUp,
    /// Desks outside.
    pub outside: Outside,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A house, and the demo's doors beside it.
pub struct Built {
    /// The house.
    pub house: Arc<House>,
    /// The demo's doors.
    pub doors: Arc<LocalDoors>,
}

impl Built {
    /// The same house with these chat platforms. Only for a house that nobody works with yet.
    #[must_use]
    pub fn with_surfaces(self, surfaces: Surfaces) -> Self {
        let house = House { surfaces, ..House::clone(&self.house) };
        Self { house: Arc::new(house), ..self }
    }
}

/// Reads the catalog, with vendors' entitlements beside it.
///
/// # Errors
/// Every mistake at once.
pub fn read_catalog(source: &Source, vendors: &[PathBuf], today: Date) -> anyhow::Result<Catalog> {
    let catalog = Catalog::load(source, today).map_err(|m| told(&m))?;
    if vendors.is_empty() {
        return Ok(catalog);
    }
    let (mut rows, mut mistakes) = (Vec::new(), Vec::new());
    for path in vendors {
        let name = path.display().to_string();
        let text = read_file(path).map_err(|(what, hint)| told(&[Mistake::new(&name, 0, what, hint)]))?;
        match parse_lines(&name, &text) {
            Ok(read) => rows.extend(read),
            Err(found) => mistakes.extend(found),
        }
    }
    if mistakes.is_empty() { Ok(catalog.with_vendor_rows(&rows, today)) } else { Err(told(&mistakes)) }
}

fn told(mistakes: &[Mistake]) -> anyhow::Error {
    let lines: Vec<String> = mistakes.iter().map(|m| format!("  {m}")).collect();
    anyhow::anyhow!("the catalog cannot be used:\n{}", lines.join("\n"))
}

fn cannot_be_used(problems: &[Problem]) -> anyhow::Error {
    let lines: Vec<String> = problems.iter().map(|p| format!("  {p}")).collect();
    anyhow::anyhow!("the policy cannot be used:\n{}", lines.join("\n"))
}

/// Puts the house together.
///
/// # Errors
/// Where the catalog, the rules or a connector cannot be used.
pub fn build_house(parts: Parts, store: SharedStore, data: &DataDir) -> anyhow::Result<Built> {
    let (clock, entropy) = (parts.clock, Arc::new(OsEntropy));
    let today = clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let catalog = Arc::new(read_catalog(&parts.source, &parts.vendors, today)?);
    let rules = Rules::load(&catalog.guardrails, &catalog.sod_rules, &catalog.risk_table, &catalog.routing_table)
        .map_err(|problems| cannot_be_used(&problems))?;
    let disclosure = disclosure_text::parse(&catalog.disclosure_table).map_err(|problems| cannot_be_used(&problems))?;
    let unlocking = unlock_text::parse(&catalog.unlock_table).map_err(|problems| cannot_be_used(&problems))?;
    let doors = Arc::new(LocalDoors::new(data.doors()));
    let directory = catalog.directory.clone();
    let around = Surroundings {
        clock: clock.clone(),
        directory: Arc::new(move || directory.clone()),
        doors: Arc::clone(&doors),
    };
    let connectors = build(settings(&catalog)?, &around)
        .map_err(|errors| anyhow::anyhow!(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
    // An own prompt that cannot be used is told at the start, also while no model is asked.
    let own = prompts(parts.prompts.as_deref())?;
    let understander = Arc::new(understander(&catalog, parts.model.clone().map(|model| (model, own)))?);
    let mut token_key = data.secret("buttons.key", entropy.as_ref())?;
    let tokens = Arc::new(TokenKey::new(token_key));
    token_key.fill(0);
    let house = House {
        store,
        catalog,
        rules: Arc::new(rules),
        understander,
        connectors,
        clock,
        entropy,
        tokens,
        changes: broadcast::channel(CHANGES_HELD).0,
        wake: Arc::new(Notify::new()),
        step_up: parts.step_up,
        outside: parts.outside,
        surfaces: Surfaces::default(),
        dealing: None,
        disclosure,
        unlocking,
        phrasing: parts.model,
    };
    Ok(Built { house: Arc::new(house), doors })
}

fn settings(
    catalog: &Catalog,
) -> anyhow::Result<std::collections::BTreeMap<crate::domain::ids::ConnectorId, Settings>> {
    let mut all = std::collections::BTreeMap::new();
    for (id, entry) in &catalog.connectors {
        let settings = match entry {
            ConnectorEntry::Manual { assignees } => Settings::Manual { assignees: assignees.clone() },
            ConnectorEntry::Local => Settings::Local,
            ConnectorEntry::Webhook { url, secret_env, allow_private, ends_sessions } => {
                let secret = std::env::var(secret_env)
                    .with_context(|| format!("connector `{id}` needs its secret in the variable {secret_env}"))?;
                Settings::Webhook(WebhookSettings {
                    url: url.clone(),
                    secret: secret.into(),
                    allow_private: *allow_private,
                    ends_sessions: *ends_sessions,
                    limits: Limits::default(),
                })
            }
        };
        all.insert(id.clone(), settings);
    }
    Ok(all)
}
