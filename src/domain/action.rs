//! What a button carries: an opaque, signed token. It names the action, what it is about, what the person saw and when it stops
//! working, in 64 characters, so that it fits the tightest platform (100 in a Discord `custom_id`). It carries no authority: who
//! clicks, and whether they may, is looked up anew at every click.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use jiff::Timestamp;
use schemars::JsonSchema;
use secrecy::{ExposeSecret as _, SecretBox};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::domain::digest::Digest;
use crate::domain::ids::{ConversationId, DraftId, GrantId, InquiryId, RequestId, TaskId, TicketId};

/// What a button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Verb {
    /// File the draft.
    Submit = 1,
    /// Drop the draft.
    Discard = 2,
    /// Take another of the shown choices (the argument is its number).
    Choose = 3,
    /// Change the draft's end, by the form.
    SetEnd = 4,
    /// Change the draft's reason, by the form.
    SetReason = 5,
    /// Say yes.
    Approve = 6,
    /// Say yes for less time, by the form.
    ApproveShorter = 7,
    /// Say no, by the form.
    Deny = 8,
    /// Ask the requester something, by the form.
    Ask = 9,
    /// Answer, by the form.
    Answer = 10,
    /// Take the request back.
    Cancel = 11,
    /// Give the access back.
    GiveBack = 12,
    /// Ask to keep the access longer.
    Extend = 13,
    /// The task is done, by the form.
    TaskDone = 14,
    /// Standing access is still needed.
    Keep = 15,
    /// Standing access is no longer needed.
    End = 16,
    /// Ask somebody else to look at a refusal again.
    Appeal = 17,
    /// Hand the question to a person.
    Human = 18,
    /// The answer helped.
    Helped = 19,
    /// The answer did not help.
    NotHelped = 20,
    /// "It wasn't me": security has to look.
    NotMe = 21,
    /// Ask for what the answer is about (the argument is its number).
    Request = 22,
    /// Say more about it, by the form.
    Add = 23,
    /// Have an account's lock taken off (the argument is the directory's number); confirmed always.
    Unlock = 24,
}

impl Verb {
    const ALL: [Self; 24] = [
        Self::Submit,
        Self::Discard,
        Self::Choose,
        Self::SetEnd,
        Self::SetReason,
        Self::Approve,
        Self::ApproveShorter,
        Self::Deny,
        Self::Ask,
        Self::Answer,
        Self::Cancel,
        Self::GiveBack,
        Self::Extend,
        Self::TaskDone,
        Self::Keep,
        Self::End,
        Self::Appeal,
        Self::Human,
        Self::Helped,
        Self::NotHelped,
        Self::NotMe,
        Self::Request,
        Self::Add,
        Self::Unlock,
    ];

    fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|v| *v as u8 == code)
    }
}

/// What a button is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "of", content = "id", rename_all = "snake_case")]
pub enum Subject {
    /// A draft.
    Draft(DraftId),
    /// A request.
    Request(RequestId),
    /// A grant.
    Grant(GrantId),
    /// A task.
    Task(TaskId),
    /// A conversation.
    Conversation(ConversationId),
    /// A question to the helpdesk.
    Inquiry(InquiryId),
    /// A ticket.
    Ticket(TicketId),
}

impl fmt::Display for Subject {
    /// Its id, whose first letter says what it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Draft(id) => id.fmt(f),
            Self::Request(id) => id.fmt(f),
            Self::Grant(id) => id.fmt(f),
            Self::Task(id) => id.fmt(f),
            Self::Conversation(id) => id.fmt(f),
            Self::Inquiry(id) => id.fmt(f),
            Self::Ticket(id) => id.fmt(f),
        }
    }
}

impl Subject {
    fn code(&self) -> (u8, &[u8; 16]) {
        match self {
            Self::Draft(id) => (1, id.as_bytes()),
            Self::Request(id) => (2, id.as_bytes()),
            Self::Grant(id) => (3, id.as_bytes()),
            Self::Task(id) => (4, id.as_bytes()),
            Self::Conversation(id) => (5, id.as_bytes()),
            Self::Inquiry(id) => (6, id.as_bytes()),
            Self::Ticket(id) => (7, id.as_bytes()),
        }
    }

    fn from_code(code: u8, bytes: [u8; 16]) -> Option<Self> {
        Some(match code {
            1 => Self::Draft(DraftId::from_bytes(bytes)),
            2 => Self::Request(RequestId::from_bytes(bytes)),
            3 => Self::Grant(GrantId::from_bytes(bytes)),
            4 => Self::Task(TaskId::from_bytes(bytes)),
            5 => Self::Conversation(ConversationId::from_bytes(bytes)),
            6 => Self::Inquiry(InquiryId::from_bytes(bytes)),
            7 => Self::Ticket(TicketId::from_bytes(bytes)),
            _ => return None,
        })
    }
}

/// What a token says once its signature held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    /// What to do.
    pub verb: Verb,
    /// What it is about.
    pub subject: Subject,
    /// First bytes of the digest of what the person saw.
    pub seen: [u8; 8],
    /// A small number, for choices.
    pub argument: u16,
    /// When the button stops working, whole minutes since 1970.
    pub expires_minute: u32,
}

impl Action {
    /// An action on what was shown, good until this moment (rounded up to a minute).
    #[must_use]
    pub fn new(verb: Verb, subject: Subject, seen: Digest, argument: u16, expires: Timestamp) -> Self {
        let minute = u32::try_from(expires.as_second() / 60 + 1).unwrap_or(u32::MAX);
        Self { verb, subject, seen: seen.prefix(), argument, expires_minute: minute }
    }
}

/// The opaque text a button carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ActionToken(pub String);

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not made by this system, or altered.
    #[error("the button was not made here")]
    Forged,
    /// Too old.
    #[error("the button is too old")]
    Expired,
}

/// The key that signs buttons.
pub struct TokenKey(SecretBox<[u8; 32]>);

const MAC_LEN: usize = 16;
const BODY_LEN: usize = 1 + 1 + 16 + 8 + 2 + 4;

impl TokenKey {
    /// A key from 32 secret bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// Signs an action.
    #[must_use]
    pub fn seal(&self, action: &Action) -> ActionToken {
        let (kind, id) = action.subject.code();
        let mut bytes = Vec::with_capacity(BODY_LEN + MAC_LEN);
        bytes.extend([action.verb as u8, kind]);
        bytes.extend(id);
        bytes.extend(action.seen);
        bytes.extend(action.argument.to_be_bytes());
        bytes.extend(action.expires_minute.to_be_bytes());
        let tag = self.mac(&bytes).finalize().into_bytes();
        bytes.extend(&tag[..MAC_LEN]);
        ActionToken(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads a token back.
    ///
    /// # Errors
    /// [`TokenError`] where the signature does not hold or the token is too old.
    pub fn open(&self, token: &ActionToken, now: Timestamp) -> Result<Action, TokenError> {
        let bytes = URL_SAFE_NO_PAD.decode(&token.0).map_err(|_| TokenError::Forged)?;
        if bytes.len() != BODY_LEN + MAC_LEN {
            return Err(TokenError::Forged);
        }
        let (body, tag) = bytes.split_at(BODY_LEN);
        self.mac(body).verify_truncated_left(tag).map_err(|_| TokenError::Forged)?;
        let array = |from: usize| <[u8; 8]>::try_from(&body[from..from + 8]);
        let id = <[u8; 16]>::try_from(&body[2..18]).map_err(|_| TokenError::Forged)?;
        let action = Action {
            verb: Verb::from_code(body[0]).ok_or(TokenError::Forged)?,
            subject: Subject::from_code(body[1], id).ok_or(TokenError::Forged)?,
            seen: array(18).map_err(|_| TokenError::Forged)?,
            argument: u16::from_be_bytes([body[26], body[27]]),
            expires_minute: u32::from_be_bytes([body[28], body[29], body[30], body[31]]),
        };
        if now.as_second() / 60 >= i64::from(action.expires_minute) {
            return Err(TokenError::Expired);
        }
        Ok(action)
    }

    fn mac(&self, body: &[u8]) -> Hmac<Sha256> {
        // HMAC takes keys of any length, so this cannot fail.
        #[expect(clippy::expect_used, reason = "HMAC accepts keys of every length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).expect("any key length");
        mac.update(b"claviger action v1");
        mac.update(body);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Action {
        let until = Timestamp::from_second(600).unwrap();
        Action::new(Verb::Approve, Subject::Request(RequestId::from_bytes([3; 16])), Digest::of(b"x"), 7, until)
    }

    #[test]
    fn a_token_is_short_reads_back_and_dies_in_time() {
        let key = TokenKey::new([9; 32]);
        let token = key.seal(&sample());
        assert_eq!(token.0.len(), 64);
        assert_eq!(key.open(&token, Timestamp::UNIX_EPOCH), Ok(sample()));
        assert_eq!(key.open(&token, Timestamp::from_second(660).unwrap()), Err(TokenError::Expired));
        assert_eq!(TokenKey::new([8; 32]).open(&token, Timestamp::UNIX_EPOCH), Err(TokenError::Forged));
    }

    #[test]
    fn any_altered_character_is_a_forgery() {
        let key = TokenKey::new([9; 32]);
        let token = key.seal(&sample()).0;
        for n in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[n] = if bytes[n] == b'A' { b'B' } else { b'A' };
            let altered = ActionToken(String::from_utf8(bytes).unwrap());
            assert_eq!(key.open(&altered, Timestamp::UNIX_EPOCH), Err(TokenError::Forged), "character {n}");
        }
    }
}
