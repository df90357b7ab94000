//! What an adapter fills in, and how it becomes an event: cut to size, control characters gone, id and class filled in.

use jiff::Timestamp;

use crate::connectors::signin::moment;
use crate::domain::digest::Digest;
use crate::domain::signin::{Provider, ReasonClass, SigninEvent, SigninOutcome};
use crate::domain::signin_codes;
use crate::domain::signin_factor;
use crate::domain::signin_risk::Risk;

/// The most characters of one field that are kept.
pub const LONGEST_FIELD: usize = 400;

/// An event under construction. Everything as the log writes it.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The provider's own id.
    pub id: Option<String>,
    /// What happened.
    pub event: Option<String>,
    /// When, as written.
    pub time: Option<String>,
    /// When, where it does not follow from what is written alone.
    pub at: Option<Timestamp>,
    /// Whose account.
    pub actor: Option<String>,
    /// The account it is about, where that is another one or a second spelling.
    pub subject: Option<String>,
    /// How it went.
    pub outcome: Option<SigninOutcome>,
    /// Why, in a code or word.
    pub code: Option<String>,
    /// What the code means, where the table of codes does not know it and the record's own words do.
    pub class: Option<ReasonClass>,
    /// Why, in a sentence.
    pub text: Option<String>,
    /// Where from.
    pub ip: Option<String>,
    /// With what.
    pub device: Option<String>,
    /// To what.
    pub application: Option<String>,
    /// Session or correlation id.
    pub session: Option<String>,
    /// Country or place.
    pub place: Option<String>,
    /// Whether it was the second factor that was looked at, where the record says so.
    pub factor: Option<bool>,
    /// What the provider says of danger.
    pub risk: Option<Risk>,
}

impl Draft {
    /// The event. `nth` counts what one record holds, from 0.
    #[must_use]
    pub fn finish(self, provider: Provider, raw: Digest, nth: usize) -> SigninEvent {
        let mut id = clean(self.id).unwrap_or_else(|| format!("{}-{}", provider.name(), hex::encode(raw.prefix())));
        if nth > 0 {
            id = format!("{id}.{nth}");
        }
        let code = clean(self.code);
        let text = clean(self.text);
        // Some providers have sentences instead of codes; the table may know those.
        let known = [&code, &text].into_iter().flatten().find_map(|said| signin_codes::meaning(provider, said));
        let time = clean(self.time);
        let event = clean(self.event).unwrap_or_default();
        let class = known.map(|known| known.class).or(self.class);
        let second = self.factor.unwrap_or_else(|| signin_factor::is_second(provider, &event));
        let subject = clean(self.subject).filter(|s| self.actor.as_deref() != Some(s.as_str()));
        SigninEvent {
            id,
            provider,
            event,
            at: self.at.or_else(|| moment::parse(time.as_deref()?)),
            time,
            actor: clean(self.actor),
            subject,
            outcome: self.outcome,
            reason_class: if second { signin_factor::of_second(self.outcome, class, self.factor) } else { class },
            reason_code: code,
            reason_text: text,
            ip: clean(self.ip),
            device: clean(self.device),
            application: clean(self.application),
            session: clean(self.session),
            place: clean(self.place),
            risk: self.risk,
            raw_digest: raw,
        }
    }
}

/// A text without control characters, cut on a character's boundary.
fn clean(text: Option<String>) -> Option<String> {
    let text = text?;
    let fine = text.len() <= LONGEST_FIELD && !text.chars().any(char::is_control);
    let text = if fine {
        text
    } else {
        text.chars().take(LONGEST_FIELD).map(|c| if c.is_control() { ' ' } else { c }).collect()
    };
    (!text.trim().is_empty()).then_some(text)
}

/// The outcome a word stands for; `None` for words that are no outcome.
#[must_use]
pub fn outcome(word: &str) -> Option<SigninOutcome> {
    use SigninOutcome as O;
    match word.trim().to_ascii_lowercase().as_str() {
        "success" | "succeeded" | "successful" | "allow" | "allowed" | "yes" | "ok" | "granted" => Some(O::Success),
        "failure" | "failed" | "fail" | "error" | "no" | "invalid" => Some(O::Failure),
        "deny" | "denied" | "fraud" | "rejected" => Some(O::Deny),
        "blocked" | "block" | "locked" => Some(O::Blocked),
        "challenge" | "challenged" => Some(O::Challenge),
        _ => None,
    }
}

/// What is told apart by a comma: the parts that are there.
#[must_use]
pub fn joined<const N: usize>(parts: [Option<String>; N]) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
