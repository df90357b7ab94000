//! What directories say of an account right now, beside what logs said before.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::domain::signin::{Provider, SigninEvent};
use crate::domain::signin_actor::Aliases;
use crate::helpdesk::lockout::explain::Lasting;
use crate::ports::account_state::{AccountReport, AccountState};

/// What is known of a person's account, from logs and directories.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The events.
    pub events: Vec<SigninEvent>,
    /// How long locks last, by provider.
    pub lasting: Lasting,
    /// How many directories did not answer.
    pub silent: usize,
    /// Of the events, those a directory told just now and no log holds.
    pub fresh: Vec<SigninEvent>,
}

/// Asks all directories at once and puts their answers beside what is known already.
pub async fn ask(directories: &[Arc<dyn AccountState>], whose: &Aliases, now: Timestamp, mut known: Known) -> Known {
    let answers = join_all(directories.iter().map(|directory| directory.account(whose, now))).await;
    let (mut heard, mut unheard) = (BTreeSet::new(), BTreeSet::new());
    for (directory, answer) in directories.iter().zip(&answers) {
        match answer {
            Ok(report) => heard.extend(directory.provider().or(report.events.first().map(|e| e.provider))),
            Err(_) => unheard.extend(directory.provider()),
        }
    }
    // How an account stood when somebody asked before is of no account any more where its directories say how it stands now.
    let stands = |old: &SigninEvent| heard.contains(&old.provider) && !unheard.contains(&old.provider);
    let before: BTreeSet<(Provider, String)> = known.events.iter().map(|e| (e.provider, e.id.clone())).collect();
    known.events.retain(|old| !(is_state(old) && stands(old)));
    for answer in answers {
        match answer {
            Ok(report) => known.learn(report, &before),
            Err(error) => {
                tracing::warn!(%error, "a directory could not be asked how an account stands");
                metrics::counter!("claviger_directory_faults_total").increment(1);
                known.silent += 1;
            }
        }
    }
    known
}

/// True for what a directory's attribute said, and not a line of a log: its id is made of account, attribute and value.
fn is_state(event: &SigninEvent) -> bool {
    let directory = matches!(event.provider, Provider::ActiveDirectory | Provider::OpenldapPpolicy);
    let made = |account: &str| event.id.strip_prefix(account)?.strip_prefix(':')?.strip_prefix(event.event.as_str());
    directory && event.actor.as_deref().and_then(made).is_some_and(|rest| rest.starts_with(':'))
}

impl Known {
    /// What logs say.
    #[must_use]
    pub fn logged(events: Vec<SigninEvent>, lasting: Lasting) -> Self {
        Self { events, lasting, silent: 0, fresh: Vec::new() }
    }

    /// Takes a directory's word: how it stands now replaces what was read from the same attributes before, and how long locks last
    /// there is the directory's to say. `before` are the events that logs hold.
    fn learn(&mut self, report: AccountReport, before: &BTreeSet<(Provider, String)>) {
        let Some(provider) = report.events.first().map(|event| event.provider) else { return };
        self.events.retain(|old| !report.events.iter().any(|new| new.provider == old.provider && new.id == old.id));
        let is_new = |e: &&SigninEvent| !before.contains(&(e.provider, e.id.clone()));
        self.fresh.extend(report.events.iter().filter(is_new).cloned());
        self.events.extend(report.events);
        match report.lock_lasts {
            Some((whose, lasts)) => self.lasting.insert(whose, lasts),
            None => self.lasting.remove(&provider),
        };
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::domain::digest::Digest;
    use crate::domain::signin::Provider;
    use crate::domain::window::Seconds;
    use crate::ports::account_state::AccountStateError;

    struct Says(Result<AccountReport, AccountStateError>);

    /// Answers of a provider, even where there is nothing to say.
    struct Of(Provider, Result<AccountReport, AccountStateError>);

    #[async_trait]
    impl AccountState for Of {
        fn name(&self) -> &str {
            "of"
        }
        fn provider(&self) -> Option<Provider> {
            Some(self.0)
        }
        async fn account(&self, _: &Aliases, _: Timestamp) -> Result<AccountReport, AccountStateError> {
            self.1.clone()
        }
    }

    #[async_trait]
    impl AccountState for Says {
        fn name(&self) -> &str {
            "says"
        }
        async fn account(&self, _: &Aliases, _: Timestamp) -> Result<AccountReport, AccountStateError> {
            self.0.clone()
        }
    }

    fn event(provider: Provider, id: &str, text: &str) -> SigninEvent {
        SigninEvent {
            id: id.into(),
            provider,
            event: "lockoutTime".into(),
            at: None,
            time: None,
            actor: Some("ada".into()),
            subject: None,
            outcome: None,
            reason_code: None,
            reason_class: None,
            reason_text: Some(text.into()),
            ip: None,
            device: None,
            application: None,
            session: None,
            place: None,
            risk: None,
            raw_digest: Digest::of(text.as_bytes()),
        }
    }

    #[tokio::test]
    async fn a_directory_knows_better_than_what_was_read_before() {
        use Provider::{ActiveDirectory, Okta, OpenldapPpolicy};
        let logged = vec![event(ActiveDirectory, "ada:lockoutTime:1", "old"), event(Okta, "o-1", "other")];
        let lasting: Lasting =
            [(ActiveDirectory, Seconds(60)), (OpenldapPpolicy, Seconds(60)), (Okta, Seconds(60))].into();
        let ad = AccountReport {
            events: vec![event(ActiveDirectory, "ada:lockoutTime:1", "new")],
            lock_lasts: Some((ActiveDirectory, Seconds(900))),
        };
        let ldap = AccountReport { events: vec![event(OpenldapPpolicy, "ada:pwdReset:TRUE", "new")], lock_lasts: None };
        let silent = AccountStateError::Unavailable { directory: "x".into(), what: "gone".into() };
        let directories: Vec<Arc<dyn AccountState>> = vec![
            Arc::new(Says(Ok(ad))),
            Arc::new(Says(Err(silent))),
            Arc::new(Says(Ok(ldap))),
            Arc::new(Says(Ok(AccountReport::default()))),
        ];
        let known = Known::logged(logged, lasting);
        let known = ask(&directories, &Aliases::default(), Timestamp::UNIX_EPOCH, known).await;
        let told: Vec<_> = known.events.iter().map(|e| (e.id.as_str(), e.reason_text.as_deref().unwrap())).collect();
        assert_eq!(told, [("o-1", "other"), ("ada:lockoutTime:1", "new"), ("ada:pwdReset:TRUE", "new")]);
        assert_eq!(known.lasting, [(ActiveDirectory, Seconds(900)), (Okta, Seconds(60))].into());
        assert_eq!(known.silent, 1);
    }

    #[tokio::test]
    async fn what_stood_before_falls_away_once_all_its_directories_say_how_it_stands() {
        use Provider::{ActiveDirectory, Okta};
        let logged = || {
            let line = SigninEvent { event: "bind".into(), ..event(ActiveDirectory, "line-7", "a log's own") };
            Known::logged(
                vec![
                    event(ActiveDirectory, "ada:lockoutTime:1", "stood"),
                    event(Okta, "ada:lockoutTime:1", "other"),
                    line,
                ],
                Lasting::new(),
            )
        };
        let ids = |known: &Known| known.events.iter().map(|e| e.id.clone()).collect::<Vec<_>>();
        let open = || Arc::new(Of(ActiveDirectory, Ok(AccountReport::default()))) as Arc<dyn AccountState>;
        let silent = AccountStateError::Unavailable { directory: "x".into(), what: "gone".into() };
        let silent = Arc::new(Of(ActiveDirectory, Err(silent))) as Arc<dyn AccountState>;
        let whose = Aliases::default();
        let known = ask(&[open()], &whose, Timestamp::UNIX_EPOCH, logged()).await;
        assert_eq!(ids(&known), ["ada:lockoutTime:1", "line-7"], "the lock is gone, and another log's line stays");
        assert_eq!(known.events[0].provider, Okta);
        let known = ask(&[open(), silent], &whose, Timestamp::UNIX_EPOCH, logged()).await;
        assert_eq!(known.events.len(), 3, "the other directory of this kind could still say that it is locked");
        // What a directory tells of now is fresh only where no log holds it already.
        let report = AccountReport {
            events: vec![
                event(ActiveDirectory, "ada:lockoutTime:1", "stands"),
                event(ActiveDirectory, "ada:lockoutTime:2", "stands"),
            ],
            lock_lasts: None,
        };
        let locked = Arc::new(Of(ActiveDirectory, Ok(report))) as Arc<dyn AccountState>;
        let known = ask(&[open(), locked], &whose, Timestamp::UNIX_EPOCH, logged()).await;
        assert_eq!(known.fresh.iter().map(|e| e.id.as_str()).collect::<Vec<_>>(), ["ada:lockoutTime:2"]);
        assert_eq!(known.events.len(), 4);
    }
}
