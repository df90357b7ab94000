//! `claviger doctor`: says what is not in order and how to mend it.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::app::data_dir::DataDir;
use crate::app::system::SystemClock;
use crate::catalog::source::Source;
use crate::domain::clock::Clock as _;

/// Says what is not in order and how to mend it.
///
/// Example: claviger doctor --config claviger.toml
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The settings file.
    #[arg(long, default_value = "claviger.toml")]
    config: PathBuf,
}

struct Findings(bool);

impl Findings {
    fn say<T>(&mut self, what: &str, looked: anyhow::Result<T>) -> Option<T> {
        match looked {
            Ok(found) => {
                println!("ok    {what}");
                Some(found)
            }
            Err(error) => {
                println!("WRONG {what}: {error:#}");
                self.0 = true;
                None
            }
        }
    }
}

/// A directory whose locks nobody may take off needs no account that could.
fn unlocks_for_nobody(table: Option<&crate::helpdesk::unlock::Policy>, directory: &str) -> Option<String> {
    let nobody = table.is_some_and(|t| t.at.get(directory).is_none_or(std::collections::BTreeSet::is_empty));
    nobody.then(|| {
        format!("[directories.{directory}] has `unlock = true`, but policy/unlock.yaml lets nobody; name somebody there or take it out")
    })
}

/// Runs the command.
///
/// # Errors
/// Never for what it finds: that is printed, and the exit code is 3.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut findings = Findings(false);
    let loaded = crate::config::load::load(&args.config).map_err(Into::into);
    if let Some(config) = findings.say("settings", loaded) {
        for remark in &config.unused {
            println!("note  {remark}");
        }
        for left in &config.left_over {
            findings.say::<()>("settings", Err(anyhow::Error::msg(left.clone())));
        }
        let today = SystemClock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let source = Source::Folder(config.catalog.folder.clone());
        let catalog = crate::app::house::read_catalog(&source, &config.catalog.vendors, today);
        let catalog = findings.say("catalog", catalog);
        if let Some(catalog) = catalog.as_ref().filter(|_| !config.chat.channels.is_empty()) {
            let wrong = crate::app::channels::wrong(&config, &catalog.directory);
            if wrong.is_empty() {
                findings.say("groups' channels", Ok(()));
            }
            for wrong in wrong {
                findings.say::<()>("groups' channels", Err(anyhow::Error::msg(wrong)));
            }
        }
        let unlocking = catalog.and_then(|c| crate::helpdesk::unlock_text::parse(&c.unlock_table).ok());
        let runtime = crate::cli::runtime()?;
        if let Some(oidc) = findings.say("sign-in settings", crate::app::serve::sign_in(&config)) {
            let looked = runtime.block_on(oidc.look(SystemClock.now())).map_err(anyhow::Error::msg);
            findings.say("sign-in provider (client id and secret are first tried when somebody signs in)", looked);
        }
        let identity = crate::app::identity::rules(&config).map(|_| ());
        if findings.say("who is clicking ([identity], [step_up])", identity).is_some() {
            for remark in crate::app::identity::remarks(&config) {
                println!("note  {remark}");
            }
        }
        if let Some(model) = &config.model {
            findings.say("model prompts", crate::app::understanding::prompts(model.prompts.as_deref()));
        }
        findings.say("sign-in logs", crate::app::signin_sources::logs(&config).map(|_| ()));
        let directories = findings.say("directories", crate::app::signin_sources::directories(&config));
        for directory in directories.unwrap_or_default() {
            let checked = runtime.block_on(directory.check());
            findings.say(&format!("directory {}", directory.name()), checked.map_err(anyhow::Error::msg));
            if let Some(unlocker) = directory.unlocker() {
                let checked = runtime.block_on(unlocker.check()).map_err(anyhow::Error::msg);
                findings.say(&format!("directory {}: the account that unlocks", directory.name()), checked);
                if let Some(remark) = unlocks_for_nobody(unlocking.as_ref(), directory.name()) {
                    println!("note  {remark}");
                }
            }
        }
        if let Some(teams) = &config.teams {
            let settings = crate::app::teams::settings(teams, &config.http.public_url);
            if let Some(settings) = findings.say("Teams: settings", settings) {
                let clock: std::sync::Arc<dyn crate::domain::clock::Clock> = std::sync::Arc::new(SystemClock);
                for looked in runtime.block_on(crate::chat::teams::check::look(&settings, &clock)) {
                    findings.say(&looked.what, looked.wrong.map_or(Ok(()), |wrong| Err(anyhow::Error::msg(wrong))));
                }
            }
        }
        if let Some(slack) = &config.slack {
            let clock = std::sync::Arc::new(SystemClock);
            let channels = config.chat.channels.iter().filter(|c| c.platform == crate::config::chat::Platform::Slack);
            let spaces: Vec<String> = channels.filter_map(|c| c.space.clone()).collect();
            let email = config.identity.email.contains(&crate::domain::conversation::Surface::Slack);
            let wanted = crate::chat::slack::doctor::Wanted { email, spaces: &spaces };
            for finding in runtime.block_on(crate::app::slack::look(slack, &config.http.public_url, wanted, clock)) {
                findings.say(&finding.what, finding.found.map_err(anyhow::Error::msg));
                if let Some(note) = finding.note {
                    println!("note  {}: {note}", finding.what);
                }
            }
        }
        if let Some(section) = &config.discord {
            let made = crate::app::discord::surface(section, &config.http.public_url);
            if let Some(discord) = findings.say("Discord settings", made) {
                let looked = crate::chat::discord::check::check(
                    &discord,
                    section.gateway,
                    section.public_key.is_some(),
                    SystemClock.now(),
                );
                for finding in runtime.block_on(looked) {
                    let wrong = finding.wrong.map_or(Ok(()), |wrong| Err(anyhow::Error::msg(wrong)));
                    match (finding.note, wrong) {
                        (Some(note), Ok(())) => println!("note  {}: {note}", finding.what),
                        (_, wrong) => drop(findings.say(&finding.what, wrong)),
                    }
                }
            }
        }
        if let Some(data) = findings.say("data folder", DataDir::open(&config.storage.data_dir)) {
            let opened = runtime.block_on(async {
                let database = crate::app::serve::open_database(&config, &data).await?;
                crate::ports::store::Shared::ping(database.as_ref()).await?;
                let dead = crate::ports::store::Jobs::dead(database.as_ref()).await?;
                database.close().await;
                anyhow::Ok(dead)
            });
            if let Some(dead) = findings.say("database", opened) {
                let given_up = match dead.first() {
                    None => Ok(()),
                    Some((id, job, error)) => {
                        Err(anyhow::anyhow!("{} given up; the newest is {} {id}: {error}", dead.len(), job.name()))
                    }
                };
                findings.say("jobs", given_up);
            }
            findings.say("record key", crate::app::running::audit_key(&data).map(|_| ()));
        }
    }
    Ok(ExitCode::from(if findings.0 { 3 } else { 0 }))
}
