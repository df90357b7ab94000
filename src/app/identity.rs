//! What counts as proof of who somebody is, from the settings.

use crate::config::sections::{Config, StepUpRoute};
use crate::domain::conversation::Surface;
use crate::workflow::house::IdentityRules;
use crate::workflow::step_up::{Kind, Weighs};

/// What counts as configured.
///
/// # Errors
/// Names the setting that cannot be used.
pub fn rules(config: &Config) -> anyhow::Result<IdentityRules> {
    for surface in &config.identity.email {
        match surface {
            Surface::Slack | Surface::Teams => {}
            Surface::Discord => {
                anyhow::bail!(
                    "[identity] email: Discord tells no mail addresses; accounts there are linked by signing in"
                );
            }
            Surface::Web | Surface::Terminal => {
                anyhow::bail!("[identity] email: name chat platforms, `slack` or `teams`");
            }
        }
    }
    if let Some(class) = config.step_up.acr_values.iter().find(|c| c.is_empty() || c.contains(char::is_whitespace)) {
        anyhow::bail!("[step_up] acr_values: `{class}` is no class of authentication: it is empty or has spaces in it");
    }
    let routes = config.step_up.routes.iter().map(|route| match route {
        StepUpRoute::Manager => Kind::Manager,
        StepUpRoute::Security => Kind::Security,
        StepUpRoute::TwoPerson => Kind::TwoPerson,
        StepUpRoute::BreakGlass => Kind::BreakGlass,
    });
    Ok(IdentityRules {
        email: config.identity.email.iter().copied().collect(),
        step_up: Weighs { routes: routes.collect(), web: config.step_up.web },
        ..IdentityRules::default()
    })
}

/// What an operator should know about the settings, though nothing is wrong with them.
#[must_use]
pub fn remarks(config: &Config) -> Vec<String> {
    let mut remarks = Vec::new();
    if config.step_up.routes.is_empty() {
        remarks.push(
            "[step_up] routes is empty: whoever holds an approver's chat session can approve anything".to_owned(),
        );
    }
    if config.step_up.acr_values.is_empty() && !config.step_up.routes.is_empty() {
        remarks.push(
            "[step_up] acr_values is empty: signing in again in any way counts, with a password alone, too".to_owned(),
        );
    }
    for surface in &config.identity.email {
        remarks.push(format!(
            "[identity] email: whoever can set a mail address in {} becomes that person there",
            format!("{surface:?}").to_lowercase()
        ));
    }
    remarks
}
