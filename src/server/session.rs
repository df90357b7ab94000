//! Sessions: a random name in a cookie, everything else in the store. The store knows only the name's digest, so that reading the
//! database does not let anyone in.

use axum::http::{HeaderMap, HeaderValue, header};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::domain::card::Card;
use crate::domain::ids::PersonId;
use crate::ports::store::StoreError;
use crate::server::state::House;

/// How long a visitor who has not signed in is remembered.
const VISITOR: SignedDuration = SignedDuration::from_mins(30);
/// The most cards kept for the next page.
const FLASH: usize = 4;

/// What is kept of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionData {
    /// Who it is, once signed in.
    pub person: Option<PersonId>,
    /// What every form must send back.
    pub csrf: String,
    /// When it ends.
    pub ends: Timestamp,
    /// What the next page says once.
    #[serde(default)]
    pub flash: Vec<Card>,
    /// A sign-in at the provider that was begun.
    #[serde(default)]
    pub begun: Option<Begun>,
    /// When they last proved, while signed in, that it is them.
    #[serde(default)]
    pub fresh: Option<Timestamp>,
    /// A proof that was given and not used yet.
    #[serde(default)]
    pub proved: Option<Proved>,
    /// A passkey that is being made or used.
    #[serde(default)]
    pub ceremony: Option<Ceremony>,
    /// What they were about to confirm, to find back to it.
    #[serde(default)]
    pub confirming: Option<Confirming>,
}

/// A confirming link that was opened and not used yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirming {
    /// Its secret.
    pub secret: String,
    /// Until when it works.
    pub ends: Timestamp,
}

/// A sign-in at the provider that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// The `state` parameter.
    pub state: String,
    /// The `nonce` of the ID token.
    pub nonce: String,
    /// The PKCE verifier.
    pub verifier: String,
    /// Where to go afterwards.
    pub then: String,
    /// Set where somebody who is signed in proves that it is them.
    #[serde(default)]
    pub again: Option<Again>,
}

/// A sign-in by somebody who is signed in, to prove that it is them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// When it was begun: only a later sign-in counts.
    pub since: Timestamp,
    /// The confirming link it is for.
    pub confirms: Option<String>,
}

/// A proof that was given and not used yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proved {
    /// When they signed in, as the provider says.
    pub at: Timestamp,
    /// In which class of authentication, where the provider says.
    pub class: Option<String>,
    /// The confirming link it is for.
    pub confirms: String,
}

/// A passkey that is being made or used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ceremony {
    /// What the answer is held against.
    pub state: String,
    /// What it is for.
    pub about: String,
}

/// A session with its name.
#[derive(Debug, Clone)]
pub struct Session {
    name: String,
    /// What is kept.
    pub data: SessionData,
}

impl Session {
    /// A new session, not yet kept.
    #[must_use]
    pub fn new(house: &House, person: Option<PersonId>) -> Self {
        let length = if person.is_some() {
            SignedDuration::try_from(house.state.limits.session).unwrap_or(VISITOR)
        } else {
            VISITOR
        };
        let ends = house.state.clock.now().checked_add(length).unwrap_or(Timestamp::MAX);
        let data = SessionData {
            person,
            csrf: house.secret(),
            ends,
            flash: Vec::new(),
            begun: None,
            fresh: None,
            proved: None,
            ceremony: None,
            confirming: None,
        };
        Self { name: house.secret(), data }
    }

    /// The session these headers name, while it lasts.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn find(house: &House, headers: &HeaderMap) -> Result<Option<Self>, StoreError> {
        let Some(name) = cookie(house, headers) else { return Ok(None) };
        let now = house.state.clock.now();
        let Some(text) = house.state.sessions.session(&key(&name), now).await? else { return Ok(None) };
        let data = serde_json::from_str::<SessionData>(&text).ok().filter(|data| now < data.ends);
        Ok(data.map(|data| Self { name, data }))
    }

    /// Keeps the session as it is now.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn keep(&self, house: &House) -> Result<(), StoreError> {
        let text = serde_json::to_string(&self.data).unwrap_or_default();
        house.state.sessions.put_session(&key(&self.name), &text, self.data.ends).await
    }

    /// Ends the session.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be written.
    pub async fn end(&self, house: &House) -> Result<(), StoreError> {
        house.state.sessions.end_session(&key(&self.name)).await
    }

    /// True while the session lasts.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub async fn is_kept(&self, house: &House) -> Result<bool, StoreError> {
        let now = house.state.clock.now();
        Ok(now < self.data.ends && house.state.sessions.session(&key(&self.name), now).await?.is_some())
    }

    /// Puts cards aside for the next page.
    pub fn say_later(&mut self, cards: Vec<Card>) {
        self.data.flash = cards.into_iter().take(FLASH).collect();
    }

    /// The proof that was given for this confirming link.
    #[must_use]
    pub fn proved(&self, secret: &str) -> Option<&Proved> {
        self.data.proved.as_ref().filter(|p| p.confirms == secret)
    }

    /// True for the token of this session, whatever the time it takes to compare.
    #[must_use]
    pub fn accepts(&self, csrf: &str) -> bool {
        self.data.csrf.as_bytes().ct_eq(csrf.as_bytes()).into()
    }

    /// The header that gives the browser this session.
    #[must_use]
    pub fn cookie(&self, house: &House) -> HeaderValue {
        set_cookie(house, &self.name, None)
    }
}

/// The header that makes the browser forget its session.
#[must_use]
pub fn forget(house: &House) -> HeaderValue {
    set_cookie(house, "", Some(0))
}

fn set_cookie(house: &House, value: &str, max_age: Option<u32>) -> HeaderValue {
    let secure = if house.https { "; Secure" } else { "" };
    let age = max_age.map(|s| format!("; Max-Age={s}")).unwrap_or_default();
    let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", cookie_name(house));
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// `__Host-` makes browsers refuse the cookie from a sibling host or over plain HTTP (RFC 6265bis §4.1.3.2). The demo's name carries
/// its port, because cookies do not keep ports apart.
fn cookie_name(house: &House) -> String {
    match &house.state.sign_in {
        crate::server::state::SignIn::Demo(at) => format!("claviger-demo-{}", at.address().port()),
        crate::server::state::SignIn::Oidc(_) if house.https => "__Host-claviger".to_owned(),
        crate::server::state::SignIn::Oidc(_) => "claviger".to_owned(),
    }
}

fn cookie(house: &House, headers: &HeaderMap) -> Option<String> {
    let wanted = cookie_name(house);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == wanted && value.len() == 43)
        .map(|(_, value)| value.to_owned())
}

fn key(name: &str) -> String {
    hex::encode(Sha256::digest(name.as_bytes()))
}
