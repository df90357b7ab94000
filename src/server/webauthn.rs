//! Passkeys (Web Authentication Level 3): making one, and using one as proof. User verification is always required, the challenge is ours
//! and good once, the origin is exactly our own, and the counter must grow where the authenticator keeps one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Serialize;
use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::{
    AllowedCredentials, AuthenticationVerificationOptions, NonDiscoverableCredentialRequestOptions,
    SignatureCounterEnforcement,
};
use webauthn_rp::request::register::{
    CredProtect, PublicKeyCredentialCreationOptions, PublicKeyCredentialUserEntity, RegistrationVerificationOptions,
    UserHandle64,
};
use webauthn_rp::request::{
    AsciiDomain, Credentials as _, PublicKeyCredentialDescriptor, RpId, UserVerificationRequirement,
};
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, NonDiscoverableAuthentication64, NonDiscoverableAuthenticationServerState, Registration,
    RegistrationServerState,
};

use crate::domain::person::Person;
use crate::ports::accounts::Passkey;

/// The longest answer of an authenticator that is read, bytes.
pub const ANSWER: usize = 16 * 1024;

/// The site passkeys are bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    rp: RpId,
    origin: String,
}

/// What to ask the browser for, and what to keep until it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceremony {
    /// The options, as `PublicKeyCredential.parse…OptionsFromJSON` takes them.
    pub options: String,
    /// What the answer is held against.
    pub state: String,
}

/// Why a passkey was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The answer, or what it is held against, is not well formed.
    #[error("the answer is not well formed: {0}")]
    Malformed(String),
    /// It does not hold.
    #[error("the answer does not hold: {0}")]
    Refused(String),
    /// There is none to use.
    #[error("there is no passkey of theirs")]
    None,
}

type Key = StaticState<CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>>;

impl Site {
    /// The site of this host and origin; `None` where browsers know no passkeys, as for addresses written as numbers.
    #[must_use]
    pub fn new(host: &str, origin: &str) -> Option<Self> {
        if host.parse::<std::net::IpAddr>().is_ok() || host.starts_with('[') {
            return None;
        }
        let domain = AsciiDomain::try_from(host.to_owned()).ok()?;
        Some(Self { rp: RpId::Domain(domain), origin: origin.to_owned() })
    }

    /// The host passkeys are bound to.
    #[must_use]
    pub fn host(&self) -> &str {
        self.rp.as_ref()
    }

    /// The origin pages must have.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Begins to make a passkey for somebody who has these already.
    ///
    /// # Errors
    /// [`Fault::Malformed`] where what is kept of the old ones cannot be read.
    pub fn begin_making(&self, person: &Person, old: &[Passkey]) -> Result<Ceremony, Fault> {
        let user = match old.first() {
            Some(passkey) => handle(&passkey.user)?,
            None => UserHandle64::new(),
        };
        let known = old.iter().map(descriptor).collect::<Result<Vec<_>, _>>()?;
        let name = person.id.as_str().chars().take(64).collect::<String>();
        let entity = PublicKeyCredentialUserEntity {
            name: name.try_into().map_err(malformed)?,
            id: &user,
            // A name the library does not take is left out: it only helps people to choose.
            display_name: person.name.as_str().try_into().ok(),
        };
        let mut options = PublicKeyCredentialCreationOptions::passkey(&self.rp, entity, known);
        // Many authenticators cannot promise this for all uses; each use of ours requires user verification, and is refused without.
        options.extensions.cred_protect = CredProtect::None;
        let (server, client) = options.start_ceremony().map_err(malformed)?;
        let state = server.encode().map_err(malformed)?;
        Ok(Ceremony { options: json(&client)?, state: text(&state) })
    }

    /// Takes what the browser made.
    ///
    /// # Errors
    /// [`Fault`] where it does not hold.
    pub fn finish_making(
        &self,
        state: &str,
        answer: &str,
        person: &Person,
        name: &str,
        now: Timestamp,
    ) -> Result<Passkey, Fault> {
        let state = RegistrationServerState::<64>::decode(&bytes(state)?).map_err(malformed)?;
        let registration: Registration = read(answer)?;
        let options = RegistrationVerificationOptions::<&str, &str> {
            allowed_origins: &[self.origin.as_str()],
            ..RegistrationVerificationOptions::default()
        };
        let made = state.verify(&self.rp, &registration, &options).map_err(refused)?;
        let (id, transports, user, key, changing, _) = made.into_parts();
        let Ok(key) = key.encode();
        let Ok(changing) = changing.encode();
        let Ok(transports) = transports.encode();
        Ok(Passkey {
            id: text(id.into_inner()),
            version: 1,
            person: person.id.clone(),
            name: name.to_owned(),
            user: text(user.as_ref()),
            key: text(&key),
            state: text(&changing),
            transports: text(&[transports]),
            at: now,
            used: None,
        })
    }

    /// Begins to use one of somebody's passkeys.
    ///
    /// # Errors
    /// [`Fault::None`] where they have none.
    pub fn begin_using(&self, own: &[Passkey]) -> Result<Ceremony, Fault> {
        let mut allowed = AllowedCredentials::with_capacity(own.len());
        for passkey in own {
            allowed.push(descriptor(passkey)?.into());
        }
        let mut options =
            NonDiscoverableCredentialRequestOptions::second_factor(&self.rp, allowed).map_err(|_| Fault::None)?;
        options.options().user_verification = UserVerificationRequirement::Required;
        let (server, client) = options.start_ceremony().map_err(malformed)?;
        let state = server.encode().map_err(malformed)?;
        Ok(Ceremony { options: json(&client)?, state: text(&state) })
    }

    /// Takes a use; answers with the passkey after it.
    ///
    /// # Errors
    /// [`Fault`] where it does not hold.
    pub fn finish_using(&self, state: &str, answer: &str, own: &[Passkey], now: Timestamp) -> Result<Passkey, Fault> {
        let state = NonDiscoverableAuthenticationServerState::decode(&bytes(state)?).map_err(malformed)?;
        let answer: NonDiscoverableAuthentication64 = read(answer)?;
        let id = text(answer.raw_id().into_inner());
        let passkey = own.iter().find(|p| p.id == id).ok_or(Fault::None)?;
        let user = handle(&passkey.user)?;
        let key = Key::decode(&bytes(&passkey.key)?).map_err(malformed)?;
        let changing = bytes(&passkey.state)?.try_into().map_err(|_| malformed("the kept state"))?;
        let changing = DynamicState::decode(changing).map_err(malformed)?;
        let mut credential = AuthenticatedCredential::new(answer.raw_id(), &user, key, changing).map_err(malformed)?;
        let options = AuthenticationVerificationOptions::<&str, &str> {
            allowed_origins: &[self.origin.as_str()],
            sig_counter_enforcement: SignatureCounterEnforcement::Fail,
            ..AuthenticationVerificationOptions::default()
        };
        state.verify(&self.rp, &answer, &mut credential, &options).map_err(refused)?;
        let Ok(changed) = credential.dynamic_state().encode();
        Ok(Passkey { version: passkey.version + 1, state: text(&changed), used: Some(now), ..passkey.clone() })
    }
}

fn descriptor(passkey: &Passkey) -> Result<PublicKeyCredentialDescriptor<Vec<u8>>, Fault> {
    let id = CredentialId::<Vec<u8>>::decode(bytes(&passkey.id)?).map_err(malformed)?;
    let transports = bytes(&passkey.transports)?;
    let transports = AuthTransports::decode(transports.first().copied().unwrap_or_default()).map_err(malformed)?;
    Ok(PublicKeyCredentialDescriptor { id, transports })
}

fn handle(user: &str) -> Result<UserHandle64, Fault> {
    let user: [u8; 64] = bytes(user)?.try_into().map_err(|_| malformed("the kept name"))?;
    let Ok(user) = UserHandle64::decode(user);
    Ok(user)
}

fn read<'de, T: serde::Deserialize<'de>>(answer: &'de str) -> Result<T, Fault> {
    if answer.len() > ANSWER {
        return Err(malformed("it is too long"));
    }
    serde_json::from_str(answer).map_err(malformed)
}

fn json<T: Serialize>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(malformed)
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn bytes(text: &str) -> Result<Vec<u8>, Fault> {
    URL_SAFE_NO_PAD.decode(text).map_err(malformed)
}

fn malformed(what: impl std::fmt::Display) -> Fault {
    Fault::Malformed(what.to_string())
}

fn refused(what: impl std::fmt::Display) -> Fault {
    Fault::Refused(what.to_string())
}
