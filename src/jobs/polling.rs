//! Fetches sign-in logs, round by round, each source in a task of its own.
//!
//! Events are stored before the cursor moves, and an event that is stored already stays once. So whatever breaks off in between, be it the
//! connection, the database or the process, nothing is lost and nothing is doubled: the next round reads again from the cursor.
//!
//! Of several replicas one fetches a source at a time: it holds a right in the store that runs out, renews it before every page, and gives
//! it back when it stops. Where it dies, another one follows once the right has run out. Should two overlap all the same, because a page
//! took longer than the right lasts, that costs calls and changes nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::domain::clock::{Clock, Entropy};
use crate::jobs::backoff;
use crate::ports::signin::SigninLog;
use crate::ports::signin_source::{SigninSource, SourceFault};
use crate::ports::store::StoreError;

/// The most pages of one round; what is left comes in the next.
const MOST_PAGES: u32 = 200;
/// How long the right to fetch a source outlasts the wait for the next round: longer than any page takes.
const HELD_BEYOND: SignedDuration = SignedDuration::from_mins(5);
/// How long a source waits that refused: people have to look first.
const AFTER_REFUSAL: Duration = Duration::from_secs(900);

/// What a round did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Round {
    /// Pages read.
    pub pages: u32,
    /// Events stored.
    pub stored: u64,
    /// Events that were known already.
    pub known: u64,
    /// Records kept aside, by reason.
    pub aside: BTreeMap<String, u64>,
    /// True where the source has more.
    pub more: bool,
    /// True where another replica fetches this source now.
    pub elsewhere: bool,
}

/// Why a round broke off. What was stored before stays.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The source failed.
    #[error(transparent)]
    Source(#[from] SourceFault),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Fetches one source.
pub struct Polling {
    source: Arc<dyn SigninSource>,
    log: Arc<dyn SigninLog>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// Who holds the right to fetch, where it is held here.
    holder: String,
}

impl Polling {
    /// Fetches this source into this log.
    #[must_use]
    pub fn new(
        source: Arc<dyn SigninSource>,
        log: Arc<dyn SigninLog>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let mut own = [0; 16];
        entropy.fill(&mut own);
        Self { source, log, clock, entropy, holder: hex::encode(own) }
    }

    /// Takes the right to fetch, or keeps it for as long again.
    async fn hold(&self, now: Timestamp) -> Result<bool, StoreError> {
        let wait = SignedDuration::try_from(self.source.every()).unwrap_or(SignedDuration::ZERO);
        let until = wait.checked_add(HELD_BEYOND).and_then(|lasts| now.checked_add(lasts).ok());
        self.log.hold_source(self.source.name(), &self.holder, now, until.unwrap_or(now)).await
    }

    /// Lets another replica fetch at once. Where that cannot be written, the right runs out by itself.
    pub async fn leave(&self) {
        if let Err(error) = self.log.leave_source(self.source.name(), &self.holder).await {
            tracing::debug!(%error, "the right to fetch a sign-in log runs out by itself");
        }
    }

    /// Reads on from the cursor until there is nothing more, or nothing at all where another replica does.
    ///
    /// # Errors
    /// [`Broken`]
    pub async fn round(&self) -> Result<Round, Broken> {
        if !self.hold(self.clock.now()).await? {
            return Ok(Round { elsewhere: true, ..Round::default() });
        }
        let mut round = Round { more: true, ..Round::default() };
        let mut cursor = self.log.signin_cursor(self.source.name()).await?;
        let mut stuck = 0;
        while round.more && round.pages < MOST_PAGES {
            let now = self.clock.now();
            if round.pages > 0 && !self.hold(now).await? {
                return Ok(Round { elsewhere: true, more: false, ..round });
            }
            let page = self.source.page(cursor.as_deref(), now).await?;
            let done = self.log.append_signins(&page.events, now).await?;
            self.log.put_signin_cursor(self.source.name(), &page.cursor, now).await?;
            round.pages += 1;
            round.stored += done.stored;
            round.known += done.known;
            for (why, count) in page.aside {
                *round.aside.entry(why).or_default() += count;
            }
            // A page may lead to itself once, where a lost place was read again; one that goes on doing so would be read for ever.
            stuck = if cursor.as_deref() == Some(page.cursor.as_str()) { stuck + 1 } else { 0 };
            round.more = page.more && stuck < 2;
            cursor = Some(page.cursor);
        }
        Ok(round)
    }

    /// How long to wait after a round; `failures` is how many broke off one after the other.
    #[must_use]
    pub fn pause(&self, went: &Result<Round, Broken>, failures: u32) -> Duration {
        let now = self.clock.now();
        let backoff = || {
            let until = backoff::retry_at(now, failures, self.entropy.as_ref());
            Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO)
        };
        match went {
            Ok(round) if round.more => Duration::ZERO,
            Ok(_) => self.source.every(),
            Err(Broken::Source(SourceFault::Later { after, .. })) => after.unwrap_or_default().max(backoff()),
            Err(Broken::Source(SourceFault::Refused(_))) => AFTER_REFUSAL,
            Err(Broken::Store(_)) => backoff(),
        }
    }

    /// Fetches until it is stopped. What is under way when it is stopped is read again later.
    pub async fn run(self, stop: CancellationToken) {
        let mut failures = 0;
        let name = self.source.name().to_owned();
        loop {
            let went = tokio::select! {
                () = stop.cancelled() => return self.leave().await,
                went = self.round() => went,
            };
            failures = if went.is_err() { failures + 1 } else { 0 };
            self.tell(&name, &went);
            tokio::select! {
                () = stop.cancelled() => return self.leave().await,
                () = sleep(self.pause(&went, failures)) => {}
            }
        }
    }

    fn tell(&self, name: &str, went: &Result<Round, Broken>) {
        let outcome = match went {
            Ok(round) if round.elsewhere => "elsewhere",
            Ok(round) => {
                metrics::counter!("claviger_signins_fetched_total", "source" => name.to_owned())
                    .increment(round.stored);
                if round.stored > 0 || !round.aside.is_empty() {
                    let (stored, known) = (round.stored, round.known);
                    tracing::info!(source = name, stored, known, aside = ?round.aside, "sign-in events were fetched");
                }
                "done"
            }
            Err(Broken::Source(SourceFault::Refused(what))) => {
                tracing::error!(source = name, what, "a sign-in log refuses: an operator has to look");
                "refused"
            }
            Err(error) => {
                tracing::warn!(source = name, %error, "sign-in events could not be fetched");
                "failed"
            }
        };
        metrics::counter!("claviger_signin_rounds_total", "source" => name.to_owned(), "outcome" => outcome)
            .increment(1);
    }
}
