//! Desks outside from their settings.

use std::sync::Arc;

use anyhow::Context as _;

use crate::config::sections::{Helpdesk, MailPrivacy, TicketDesk as Desk};
use crate::connectors::outgoing::Limits;
use crate::connectors::tickets::email::{self, Email, Privacy};
use crate::connectors::tickets::jira::{self, Jira};
use crate::connectors::tickets::servicenow::{self, ServiceNow};
use crate::connectors::tickets::soc::Soc;
use crate::connectors::tickets::webhook::{self, Signed, WebhookDesk};
use crate::domain::clock::Clock;
use crate::ports::alerts::AlertSink;
use crate::ports::signin::SigninLog;
use crate::ports::tickets::TicketDesk;
use crate::workflow::house::Outside;
use crate::workflow::notices::Notices;

/// Desks outside as configured.
///
/// # Errors
/// Names the section that cannot be used.
pub fn outside(
    settings: &Helpdesk,
    public_url: &str,
    log: Arc<dyn SigninLog>,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Outside> {
    let tickets = match &settings.tickets {
        Some(desk) => Some(desk_of(desk, &clock).context("[helpdesk.tickets] cannot be used")?),
        None => None,
    };
    let soc = match &settings.soc {
        Some(soc) => {
            let settings = webhook::Settings {
                url: soc.url.clone(),
                secret: soc.secret.clone(),
                allow_private: soc.allow_private,
                limits: Limits::default(),
            };
            let signed = Signed::new(&settings, Arc::clone(&clock)).context("[helpdesk.soc] cannot be used")?;
            Some(Arc::new(Soc(signed)) as Arc<dyn AlertSink>)
        }
        None => None,
    };
    let notices = Some(Notices { log, realms: Vec::new(), a_day: settings.notices_a_day });
    Ok(Outside { tickets, soc, public_url: public_url.to_owned(), notices, ..Outside::default() })
}

fn desk_of(desk: &Desk, clock: &Arc<dyn Clock>) -> anyhow::Result<Arc<dyn TicketDesk>> {
    let limits = Limits::default();
    Ok(match desk.clone() {
        Desk::Webhook { url, secret, allow_private } => {
            let settings = webhook::Settings { url, secret, allow_private, limits };
            Arc::new(WebhookDesk(Signed::new(&settings, Arc::clone(clock))?))
        }
        Desk::Jira { url, user, token, project, issue_type, priorities, allow_private } => {
            let settings = jira::Settings { url, user, token, project, issue_type, priorities, allow_private, limits };
            Arc::new(Jira::new(settings)?)
        }
        Desk::ServiceNow { url, user, secret, assignment_group, allow_private } => {
            Arc::new(ServiceNow::new(servicenow::Settings {
                url,
                user,
                secret,
                assignment_group,
                allow_private,
                limits,
            })?)
        }
        Desk::Email { host, port, tls, user, password, from, to } => {
            let (privacy, usual) = match tls {
                MailPrivacy::Implicit => (Privacy::Implicit, 465),
                MailPrivacy::Starttls => (Privacy::StartTls, 587),
                MailPrivacy::None => (Privacy::Plain, 25),
            };
            let port = port.unwrap_or(usual);
            Arc::new(Email::new(&email::Settings { host, port, privacy, user, password, from, to })?)
        }
    })
}
