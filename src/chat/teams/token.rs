//! Who may speak to us in Teams' name: the rules of the Bot Connector (Microsoft Learn, “Authenticate requests from the Bot Connector
//! service to your bot”), all of them, in an order in which nothing is believed that is not proven yet. There is no switch that turns any
//! of them off. First the token by itself: signed RS256 with a key that Microsoft publishes, issued by Microsoft, meant for us, in time.
//! Only then is the body read at all; it has to name the service the token was made for, a channel the key is endorsed for, a service that
//! is Microsoft's, and a tenant that the operator allows, which no token proves.

use std::sync::Arc;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde::Deserialize;
use url::Url;

use crate::chat::teams::activity::Activity;
use crate::chat::teams::keys::{Keys, NoKey};
use crate::chat::teams::settings::Settings;
use crate::domain::account::PlatformId;
use crate::domain::clock::Clock;

/// The longest body, in bytes. Teams' own messages end at 100 KB.
pub const BODY: usize = 256 * 1024;
/// The longest token, in bytes.
const TOKEN: usize = 8 * 1024;
/// The longest name of a key, in bytes.
const KEY_NAME: usize = 200;
/// How far our clock and theirs may be apart, in seconds.
const SKEW: i64 = 300;
/// The channel we serve.
const CHANNEL: &str = "msteams";

/// Why a delivery is not let in. The sender learns only that it is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No bearer token.
    #[error("there is no bearer token")]
    NoToken,
    /// Not a token of the right sort.
    #[error("the token is none of the Bot Connector's: {0}")]
    Shape(&'static str),
    /// Its key is unknown.
    #[error(transparent)]
    Key(#[from] NoKey),
    /// Signature, issuer or audience do not hold.
    #[error("the token does not hold: {0}")]
    Token(String),
    /// Too old or too new.
    #[error("the token is not valid at this time; look at this machine's clock")]
    Time,
    /// Too long, or not an activity.
    #[error("the body is no activity")]
    Body,
    /// Made for another service.
    #[error("the token was made for another service than the body names")]
    Service,
    /// Not a service of Microsoft's.
    #[error("the body names a service that is not Microsoft's: `{0}`")]
    Elsewhere(String),
    /// The key may not sign for this channel.
    #[error("the key is not endorsed for the channel")]
    Channel,
    /// Not a tenant of ours.
    #[error("the tenant `{0}` is not in teams.tenants")]
    Tenant(String),
}

impl Refused {
    /// A short name for counting.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoToken => "no_token",
            Self::Shape(_) => "shape",
            Self::Key(NoKey::Unknown) => "unknown_key",
            Self::Key(NoKey::Unreachable(_)) => "keys_unreachable",
            Self::Token(_) => "token",
            Self::Time => "time",
            Self::Body => "body",
            Self::Service => "service_url",
            Self::Elsewhere(_) => "elsewhere",
            Self::Channel => "channel",
            Self::Tenant(_) => "tenant",
        }
    }
}

/// A delivery that was let in.
#[derive(Debug, Clone, PartialEq)]
pub struct Proven {
    /// What was delivered.
    pub activity: Activity,
    /// The tenant, one of those allowed.
    pub tenant: PlatformId,
    /// Where to answer, a service of Microsoft's.
    pub service: Url,
}

#[derive(Deserialize)]
struct Claims {
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default, alias = "serviceUrl")]
    serviceurl: Option<String>,
}

/// The gate.
pub struct Gate {
    settings: Arc<Settings>,
    keys: Keys,
    clock: Arc<dyn Clock>,
}

impl Gate {
    /// A gate with these keys.
    #[must_use]
    pub fn new(settings: Arc<Settings>, keys: Keys, clock: Arc<dyn Clock>) -> Self {
        Self { settings, keys, clock }
    }

    /// Lets a delivery in, or not.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn admit(&self, authorization: Option<&str>, body: &[u8]) -> Result<Proven, Refused> {
        if body.len() > BODY {
            return Err(Refused::Body);
        }
        let token = bearer(authorization).ok_or(Refused::NoToken)?;
        let name = key_name(token)?;
        let key = self.keys.key(&name).await?;
        let claims = self.claims(token, &key.key)?;
        in_time(&claims, self.clock.now())?;
        let activity: Activity = serde_json::from_slice(body).map_err(|_| Refused::Body)?;
        // Without this a token could be brought together with a body that leads our own token to another host.
        let service = activity.service_url.as_deref().filter(|s| !s.is_empty());
        if service.is_none() || service != claims.serviceurl.as_deref() {
            return Err(Refused::Service);
        }
        let channel = activity.channel_id.as_deref();
        if channel != Some(CHANNEL) || !key.endorsements.contains(CHANNEL) {
            return Err(Refused::Channel);
        }
        let written = service.unwrap_or_default();
        let service = self.settings.service(written).ok_or_else(|| Refused::Elsewhere(short(written)))?;
        let named = activity.tenant().unwrap_or_default().to_ascii_lowercase();
        let tenant = PlatformId::parse(named.as_str()).ok().filter(|t| self.settings.tenants.contains(t));
        let tenant = tenant.ok_or_else(|| Refused::Tenant(short(&named)))?;
        Ok(Proven { activity, tenant, service })
    }

    /// Signature, issuer and audience. The library reads the system's clock, so times are compared by [`in_time`].
    fn claims(&self, token: &str, key: &jsonwebtoken::DecodingKey) -> Result<Claims, Refused> {
        let mut rules = Validation::new(Algorithm::RS256);
        rules.set_issuer(&[&self.settings.issuer]);
        rules.set_audience(&[&self.settings.app_id]);
        rules.set_required_spec_claims(&["exp", "iss", "aud"]);
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let decoded = decode::<Claims>(token, key, &rules).map_err(|e| Refused::Token(e.to_string()))?;
        Ok(decoded.claims)
    }
}

fn bearer(authorization: Option<&str>) -> Option<&str> {
    let (scheme, token) = authorization?.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= TOKEN).then_some(token)
}

/// The key a token says it is signed with. Everything but RS256 ends here, unsigned tokens and shared secrets foremost.
fn key_name(token: &str) -> Result<String, Refused> {
    let header = decode_header(token).map_err(|_| Refused::Shape("its header cannot be read"))?;
    if header.alg != Algorithm::RS256 {
        return Err(Refused::Shape("it is not signed with RS256"));
    }
    if header.crit.is_some() {
        return Err(Refused::Shape("it demands what we do not know"));
    }
    header.kid.filter(|kid| !kid.is_empty() && kid.len() <= KEY_NAME).ok_or(Refused::Shape("it names no key"))
}

fn in_time(claims: &Claims, now: Timestamp) -> Result<(), Refused> {
    let now = now.as_second();
    let begun = claims.nbf.is_none_or(|nbf| nbf <= now.saturating_add(SKEW));
    if begun && claims.exp > now.saturating_sub(SKEW) { Ok(()) } else { Err(Refused::Time) }
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_minutes_of_skew_either_way() {
        let now = Timestamp::from_second(10_000).unwrap();
        let ok = |exp, nbf| in_time(&Claims { exp, nbf, serviceurl: None }, now).is_ok();
        assert!(ok(10_000, None) && ok(9_701, None) && !ok(9_700, None) && !ok(9_600, None));
        assert!(ok(20_000, Some(10_300)) && !ok(20_000, Some(10_301)));
        assert!(!ok(i64::MIN, None) && ok(i64::MAX, Some(i64::MIN)));
    }

    #[test]
    fn only_bearer_tokens_of_a_sane_length() {
        assert_eq!(bearer(Some("Bearer abc")), Some("abc"));
        assert_eq!(bearer(Some("bearer  abc ")), Some("abc"));
        for bad in [None, Some(""), Some("Bearer"), Some("Bearer "), Some("Basic abc"), Some("abc")] {
            assert_eq!(bearer(bad), None, "{bad:?}");
        }
        assert_eq!(bearer(Some(&format!("Bearer {}", "a".repeat(TOKEN + 1)))), None);
    }
}
