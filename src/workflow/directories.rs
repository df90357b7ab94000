//! What directories say of an account right now, beside what logs said before.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::domain::signin::SigninEvent;
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
}

/// Asks all directories at once and puts their answers beside what is known already.
pub async fn ask(directories: &[Arc<dyn AccountState>], whose: &Aliases, now: Timestamp, mut known: Known) -> Known {
    let answers = join_all(directories.iter().map(|directory| directory.account(whose, now))).await;
    for answer in answers {
        match answer {
            Ok(report) => known.learn(report),
            Err(error) => {
                tracing::warn!(%error, "a directory could not be asked how an account stands");
                metrics::counter!("claviger_directory_faults_total").increment(1);
                known.silent += 1;
            }
        }
    }
    known
}

impl Known {
    /// Takes a directory's word: how it stands now replaces what was read from the same attributes before, and how long locks last
    /// there is the directory's to say.
    fn learn(&mut self, report: AccountReport) {
        let Some(provider) = report.events.first().map(|event| event.provider) else { return };
        self.events.retain(|old| !report.events.iter().any(|new| new.provider == old.provider && new.id == old.id));
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
        let known = Known { events: logged, lasting, silent: 0 };
        let known = ask(&directories, &Aliases::default(), Timestamp::UNIX_EPOCH, known).await;
        let told: Vec<_> = known.events.iter().map(|e| (e.id.as_str(), e.reason_text.as_deref().unwrap())).collect();
        assert_eq!(told, [("o-1", "other"), ("ada:lockoutTime:1", "new"), ("ada:pwdReset:TRUE", "new")]);
        assert_eq!(known.lasting, [(ActiveDirectory, Seconds(900)), (Okta, Seconds(60))].into());
        assert_eq!(known.silent, 1);
    }
}
