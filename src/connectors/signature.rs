//! Signing outgoing calls by the Standard Webhooks specification 1.0 (<https://www.standardwebhooks.com>): the headers `webhook-id`,
//! `webhook-timestamp` (seconds since 1970) and `webhook-signature`, which is `v1,` and the base64 of HMAC-SHA256 over
//! `id.timestamp.body`. Receivers refuse timestamps more than five minutes off and ids they know already.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use sha2::Sha256;

use crate::connectors::outgoing::Outgoing;

/// The secret is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a webhook secret is `whsec_` followed by 24 to 64 bytes in base64")]
pub struct BadSecret;

/// The shared secret that signs.
pub struct WebhookSecret(SecretSlice<u8>);

impl WebhookSecret {
    /// Reads `whsec_` and base64 of 24 to 64 bytes, as the specification demands.
    ///
    /// # Errors
    /// [`BadSecret`] without repeating any of it.
    pub fn parse(text: &SecretString) -> Result<Self, BadSecret> {
        let data = text.expose_secret().trim().strip_prefix("whsec_").ok_or(BadSecret)?;
        let bytes = STANDARD.decode(data).map_err(|_| BadSecret)?;
        if (24..=64).contains(&bytes.len()) { Ok(Self(SecretSlice::from(bytes))) } else { Err(BadSecret) }
    }

    /// The `webhook-signature` header.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        format!("v1,{}", STANDARD.encode(self.mac(id, timestamp, body).finalize().into_bytes()))
    }

    /// A `POST` of the body to the configured address, signed. `id` is what the receiver knows a repetition by.
    pub fn post(&self, out: &Outgoing, id: &str, timestamp: i64, body: Vec<u8>) -> reqwest::RequestBuilder {
        out.post(out.url().clone())
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp.to_string())
            .header("webhook-signature", self.sign(id, timestamp, &body))
            .body(body)
    }

    /// True where one of the header's signatures is ours. Takes the same time whichever byte is wrong.
    #[must_use]
    pub fn verifies(&self, header: &str, id: &str, timestamp: i64, body: &[u8]) -> bool {
        header
            .split(' ')
            .filter_map(|one| one.strip_prefix("v1,"))
            .any(|data| STANDARD.decode(data).is_ok_and(|tag| self.mac(id, timestamp, body).verify_slice(&tag).is_ok()))
    }

    fn mac(&self, id: &str, timestamp: i64, body: &[u8]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC accepts keys of every length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).expect("any key length");
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn the_reference_signature_comes_out() {
        let secret = WebhookSecret::parse(&SECRET.into()).unwrap();
        let (id, timestamp, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        let signature = secret.sign(id, timestamp, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(secret.verifies(&format!("v2,xx {signature}"), id, timestamp, body));
        assert!(!secret.verifies(&signature, id, timestamp + 1, body));
        assert!(!secret.verifies(&signature, "msg_other", timestamp, body));
    }

    #[test]
    fn weak_or_malformed_secrets_are_refused() {
        for bad in ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_not base64 at all!!"] {
            assert!(WebhookSecret::parse(&bad.into()).is_err(), "{bad}");
        }
    }
}
