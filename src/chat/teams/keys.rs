//! The keys that sign what Teams sends. They are read from the metadata's address, kept, and read again when they are a day old or when a
//! token names one we have not seen. Whoever sends made-up key names costs one reading a minute at most, and each made-up name one an
//! hour; a real new key is found by whichever reading comes next, so that they cannot keep it from us either.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::chat::teams::http::Http;
use crate::chat::teams::settings::{address, is_loopback};
use crate::domain::clock::Clock;

/// After this long keys are read again though nobody asks for a new one.
const FRESH: SignedDuration = SignedDuration::from_hours(24);
/// After this long keys that could not be read again are no longer believed (Microsoft: “valid for up to five days”).
const KEPT: SignedDuration = SignedDuration::from_hours(5 * 24);
/// How long an unknown name is not looked for again.
const UNKNOWN: SignedDuration = SignedDuration::from_hours(1);
/// The least time between two readings.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// The least time between two readings when the last one failed.
const PAUSE_AFTER_FAILURE: SignedDuration = SignedDuration::from_secs(5);
/// How many unknown names are remembered.
const NAMES: usize = 256;
/// The most keys taken from one answer.
const KEYS: usize = 100;
/// The fewest bytes of a modulus: 2048 bits.
const MODULUS: usize = 256;

/// A key and what it is good for.
pub struct Key {
    /// The key.
    pub key: DecodingKey,
    /// The channels whose deliveries it may sign.
    pub endorsements: BTreeSet<String>,
}

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoKey {
    /// Nobody told us of a key by this name.
    #[error("the token is signed with an unknown key")]
    Unknown,
    /// The keys could not be read, so that nothing can be believed.
    #[error("the signing keys cannot be read: {0}")]
    Unreachable(String),
}

#[derive(Default)]
struct Held {
    keys: BTreeMap<String, Arc<Key>>,
    read: Option<Timestamp>,
    tried: Option<Timestamp>,
    failed: Option<String>,
    unknown: BTreeMap<String, Timestamp>,
}

/// The keys, kept.
pub struct Keys {
    http: Http,
    metadata: Url,
    issuer: String,
    clock: Arc<dyn Clock>,
    held: RwLock<Held>,
    reading: tokio::sync::Mutex<()>,
}

impl Keys {
    /// No keys yet; they are read when first needed.
    #[must_use]
    pub fn new(http: Http, metadata: Url, issuer: String, clock: Arc<dyn Clock>) -> Self {
        Self { http, metadata, issuer, clock, held: RwLock::default(), reading: tokio::sync::Mutex::default() }
    }

    /// The key of this name.
    ///
    /// # Errors
    /// [`NoKey`].
    pub async fn key(&self, name: &str) -> Result<Arc<Key>, NoKey> {
        if let Some(found) = self.held_key(name, FRESH) {
            return Ok(found);
        }
        let _one = self.reading.lock().await;
        // Somebody else may have read them while we waited.
        if let Some(found) = self.held_key(name, FRESH) {
            return Ok(found);
        }
        if self.may_read(name) {
            let now = self.clock.now();
            let told = read(&self.http, &self.metadata, &self.issuer).await;
            let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
            held.tried = Some(now);
            match told {
                Ok(keys) => {
                    held.keys = keys.keys;
                    held.read = Some(now);
                    held.failed = None;
                }
                Err(why) => {
                    tracing::warn!(why, "the keys that sign deliveries from Teams cannot be read");
                    held.failed = Some(why);
                }
            }
            if held.failed.is_none() && !held.keys.contains_key(name) {
                note(&mut held.unknown, name, now);
            }
        }
        if let Some(found) = self.held_key(name, KEPT) {
            return Ok(found);
        }
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        match &held.failed {
            Some(why) if held.read.is_none_or(|at| self.clock.now().duration_since(at) >= FRESH) => {
                Err(NoKey::Unreachable(why.clone()))
            }
            _ => Err(NoKey::Unknown),
        }
    }

    fn held_key(&self, name: &str, young: SignedDuration) -> Option<Arc<Key>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let read = held.read?;
        (self.clock.now().duration_since(read) < young).then(|| held.keys.get(name).cloned()).flatten()
    }

    fn may_read(&self, name: &str) -> bool {
        let now = self.clock.now();
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let pause = if held.failed.is_some() { PAUSE_AFTER_FAILURE } else { PAUSE };
        if held.tried.is_some_and(|at| now.duration_since(at).abs() < pause) {
            return false;
        }
        let old = held.read.is_none_or(|at| now.duration_since(at) >= FRESH);
        old || held.unknown.get(name).is_none_or(|at| now.duration_since(*at) >= UNKNOWN)
    }
}

fn note(unknown: &mut BTreeMap<String, Timestamp>, name: &str, now: Timestamp) {
    if unknown.len() >= NAMES {
        unknown.retain(|_, at| now.duration_since(*at) < UNKNOWN);
    }
    if unknown.len() >= NAMES
        && let Some(oldest) = unknown.iter().min_by_key(|(_, at)| **at).map(|(name, _)| name.clone())
    {
        unknown.remove(&oldest);
    }
    unknown.insert(name.to_owned(), now);
}

/// The keys as told, and the other side's clock.
pub struct Told {
    /// Keys by name.
    pub keys: BTreeMap<String, Arc<Key>>,
    /// What the `Date` header said.
    pub date: Option<String>,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// Reads the metadata and the keys it names.
///
/// # Errors
/// What is wrong, in a sentence.
pub async fn read(http: &Http, metadata: &Url, issuer: &str) -> Result<Told, String> {
    let get = async |url: Url| {
        let shown = url.to_string();
        let answer = http.send(http.client().get(url)).await.map_err(|e| format!("{shown}: {e}"))?;
        if answer.status.is_success() { Ok(answer) } else { Err(format!("{shown}: {}", answer.said())) }
    };
    let told = get(metadata.clone()).await?;
    let page: Metadata = serde_json::from_slice(&told.body).map_err(|_| format!("{metadata}: this is no metadata"))?;
    if page.issuer != issuer {
        return Err(format!(
            "{metadata}: it speaks for `{}`, not for `{issuer}`",
            page.issuer.chars().take(100).collect::<String>()
        ));
    }
    let place = address(&page.jwks_uri).map_err(|e| e.to_string())?;
    if is_loopback(&place) && !is_loopback(metadata) {
        return Err(format!("{metadata}: it leads to this machine"));
    }
    let keys = get(place.clone()).await?;
    let set: KeySet = serde_json::from_slice(&keys.body).map_err(|_| format!("{place}: these are no keys"))?;
    let keys: BTreeMap<String, Arc<Key>> = set.keys.iter().take(KEYS).filter_map(usable).collect();
    if keys.is_empty() {
        return Err(format!("{place}: none of its keys can be used"));
    }
    Ok(Told { keys, date: told.date })
}

/// An RSA key for signatures, long enough, with a name. Others are passed over.
fn usable(written: &Value) -> Option<(String, Arc<Key>)> {
    let jwk: Jwk = serde_json::from_value(written.clone()).ok()?;
    if jwk.common.public_key_use.as_ref().is_some_and(|for_what| *for_what != PublicKeyUse::Signature) {
        return None;
    }
    let AlgorithmParameters::RSA(rsa) = &jwk.algorithm else { return None };
    // Base64 has four letters for three bytes.
    if rsa.n.len() * 3 / 4 < MODULUS {
        return None;
    }
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    let name = jwk.common.key_id.filter(|name| !name.is_empty())?;
    let endorsements = written.get("endorsements").and_then(Value::as_array).into_iter().flatten();
    let endorsements = endorsements.filter_map(|e| e.as_str().map(str::to_owned)).collect();
    Some((name, Arc::new(Key { key, endorsements })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_names_do_not_pile_up() {
        let mut unknown = BTreeMap::new();
        for n in 0..1_000 {
            note(&mut unknown, &format!("kid-{n}"), Timestamp::from_second(n).unwrap());
        }
        assert_eq!(unknown.len(), NAMES);
        assert!(unknown.contains_key("kid-999") && !unknown.contains_key("kid-0"));
    }

    #[test]
    fn only_long_rsa_keys_for_signatures_are_taken() {
        let n = "A".repeat(342);
        let key = |kty: &str, n: &str, use_: &str| serde_json::json!({ "kty": kty, "n": n, "e": "AQAB", "kid": "k", "use": use_ });
        assert!(usable(&key("RSA", &n, "sig")).is_some());
        assert!(usable(&key("RSA", &n[..171], "sig")).is_none(), "1024 bits");
        assert!(usable(&key("RSA", &n, "enc")).is_none());
        assert!(usable(&serde_json::json!({ "kty": "oct", "k": "aGVsbG8", "kid": "k" })).is_none());
        assert!(usable(&serde_json::json!({ "kty": "RSA", "n": n, "e": "AQAB" })).is_none(), "no name");
    }
}
