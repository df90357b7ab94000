//! What `claviger doctor` looks at for Teams; everything that is wrong comes with what to do.

use std::sync::Arc;

use jiff::SignedDuration;
use jiff::fmt::rfc2822::DateTimeParser;
use url::Url;

use crate::chat::reach;
use crate::chat::teams::http::Http;
use crate::chat::teams::keys;
use crate::chat::teams::outgoing::Outgoing;
use crate::chat::teams::routes::ADDRESS;
use crate::chat::teams::settings::{Settings, is_loopback};
use crate::domain::clock::Clock;
use crate::ports::surface::SurfaceError;

/// How far our clock may be from Microsoft's before it is worth a word; five minutes is where tokens end.
const APART: SignedDuration = SignedDuration::from_secs(120);

/// One thing looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// What.
    pub what: String,
    /// What is wrong and what to do; nothing where all is well.
    pub wrong: Option<String>,
}

impl Looked {
    fn new(what: &str, found: Result<(), String>) -> Self {
        Self { what: format!("Teams: {what}"), wrong: found.err() }
    }
}

/// Looks at everything that can be seen from here.
pub async fn look(settings: &Arc<Settings>, clock: &Arc<dyn Clock>) -> Vec<Looked> {
    let mut all = vec![Looked::new("address of the messaging endpoint", endpoint(settings).await)];
    let http = match Http::new(settings.patience, settings.local_peer()) {
        Ok(http) => http,
        Err(why) => {
            all.push(Looked::new("HTTP client", Err(why)));
            return all;
        }
    };
    let told = keys::read(&http, &settings.metadata, &settings.issuer).await;
    let date = told.as_ref().ok().and_then(|t| t.date.clone());
    let endorsed = told
        .map_err(|why| format!("{why}. Outgoing calls to `{}` have to be allowed", settings.metadata))
        .and_then(|t| {
            let any = t.keys.values().any(|k| k.endorsements.contains("msteams"));
            any.then_some(())
                .ok_or_else(|| "no key there may sign for Teams; check teams.cloud and teams.metadata_url".to_owned())
        });
    all.push(Looked::new("keys that sign deliveries", endorsed));
    if let Some(date) = date {
        all.push(Looked::new("clock", same_time(&date, clock.as_ref())));
    }
    let outgoing = Outgoing::new(Arc::clone(settings), http, Arc::clone(clock));
    all.push(Looked::new(
        "our token (app id, secret, tenant)",
        outgoing.token().await.map(drop).map_err(|e| match e {
            SurfaceError::Later { .. } => {
                format!(
                    "{e}; look whether this machine may call `{}`",
                    settings.token_url.origin().ascii_serialization()
                )
            }
            other => other.to_string(),
        }),
    ));
    all
}

/// Teams calls us, so that the address has to be public and encrypted; a peer on this machine may call this machine.
async fn endpoint(settings: &Settings) -> Result<(), String> {
    let url = &settings.public_url;
    let place = messaging_endpoint(url);
    if !(settings.local_peer() && is_loopback(url)) {
        reach::public(url, "Microsoft").map_err(|why| {
            format!("{why}. Teams sends to `{place}`; it belongs into the bot's “Messaging endpoint” in Azure, too")
        })?;
    }
    let address = Url::parse(&place).map_err(|_| format!("`{place}` is no web address"))?;
    reach::refuses(&address, 403, "Microsoft", "[teams]").await
}

/// What to put into the bot's settings in Azure.
#[must_use]
pub fn messaging_endpoint(public: &Url) -> String {
    format!("{}{ADDRESS}", public.as_str().trim_end_matches('/'))
}

fn same_time(date: &str, clock: &dyn Clock) -> Result<(), String> {
    let theirs =
        DateTimeParser::new().parse_timestamp(date).map_err(|_| "Microsoft's clock cannot be read".to_owned())?;
    let apart = clock.now().duration_since(theirs);
    if apart.abs() <= APART {
        return Ok(());
    }
    let way = if apart.is_negative() { "behind" } else { "ahead of" };
    Err(format!(
        "this machine's clock is {} seconds {way} Microsoft's; from five minutes on every delivery is refused. Turn time synchronisation on",
        apart.abs().as_secs()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    struct At(i64);
    impl Clock for At {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(self.0).unwrap()
        }
    }

    #[test]
    fn a_clock_that_is_off_is_told_which_way() {
        let date = "Thu, 01 Jan 1970 00:16:40 GMT";
        assert_eq!(same_time(date, &At(1_060)), Ok(()));
        assert!(same_time(date, &At(1_300)).unwrap_err().contains("300 seconds ahead of"));
        assert!(same_time(date, &At(700)).unwrap_err().contains("300 seconds behind"));
    }
}
