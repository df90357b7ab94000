//! Slack's signature of a request (Slack, “Verifying requests from Slack”): `v0=` and the hexadecimal HMAC-SHA-256 of
//! `v0:timestamp:body` under the app's signing secret, not older or newer than five minutes.

use hmac::{Hmac, Mac as _};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

use crate::chat::signed::{SignatureError, sent_lately};

/// Checks `X-Slack-Request-Timestamp` and `X-Slack-Signature` over the body as it came, byte for byte.
///
/// # Errors
/// [`SignatureError`] where the request is not to be believed.
pub fn verify(
    secret: &SecretString,
    timestamp: Option<&str>,
    signature: Option<&str>,
    body: &[u8],
    now: Timestamp,
) -> Result<(), SignatureError> {
    let (Some(timestamp), Some(signature)) = (timestamp, signature) else { return Err(SignatureError::Unreadable) };
    sent_lately(timestamp, now)?;
    let given = signature.strip_prefix("v0=").filter(|s| s.len() == 64).ok_or(SignatureError::Unreadable)?;
    let given = hex::decode(given).map_err(|_| SignatureError::Unreadable)?;
    // HMAC takes keys of any length, so this cannot fail.
    #[expect(clippy::expect_used, reason = "HMAC accepts keys of every length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).expect("any key length");
    mac.update(b"v0:");
    mac.update(timestamp.as_bytes());
    mac.update(b":");
    mac.update(body);
    mac.verify_slice(&given).map_err(|_| SignatureError::Wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Slack's own documentation.
    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const TIME: &str = "1531420618";
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

    fn check(time: &str, signature: &str, body: &str, now: i64) -> Result<(), SignatureError> {
        let secret = SecretString::from(SECRET);
        verify(&secret, Some(time), Some(signature), body.as_bytes(), Timestamp::from_second(now).unwrap())
    }

    #[test]
    fn the_published_example_holds() {
        assert_eq!(check(TIME, SIGNATURE, BODY, 1_531_420_618), Ok(()));
        assert_eq!(check(TIME, SIGNATURE, BODY, 1_531_420_618 + 300), Ok(()));
    }

    #[test]
    fn anything_else_does_not() {
        let now = 1_531_420_618;
        assert_eq!(check(TIME, SIGNATURE, BODY, now + 301), Err(SignatureError::Stale));
        assert_eq!(check(TIME, SIGNATURE, BODY, now - 301), Err(SignatureError::Stale));
        assert_eq!(check(TIME, SIGNATURE, &format!("{BODY}&"), now), Err(SignatureError::Wrong));
        assert_eq!(check("1531420619", SIGNATURE, BODY, now), Err(SignatureError::Wrong));
        for n in 3..SIGNATURE.len() {
            let mut bytes = SIGNATURE.as_bytes().to_vec();
            bytes[n] = if bytes[n] == b'0' { b'1' } else { b'0' };
            assert_eq!(check(TIME, std::str::from_utf8(&bytes).unwrap(), BODY, now), Err(SignatureError::Wrong), "{n}");
        }
        for bad in ["", "v0=", "v1=00", "a2114d", "v0=zz"] {
            assert_eq!(check(TIME, bad, BODY, now), Err(SignatureError::Unreadable), "{bad}");
        }
        for bad in ["", "-1", "1e9", "99999999999999999999", "1531420618 "] {
            assert_eq!(check(bad, SIGNATURE, BODY, now), Err(SignatureError::Unreadable), "{bad}");
        }
        let secret = SecretString::from(SECRET);
        assert_eq!(verify(&secret, None, Some(SIGNATURE), b"", Timestamp::UNIX_EPOCH), Err(SignatureError::Unreadable));
        assert_eq!(verify(&secret, Some(TIME), None, b"", Timestamp::UNIX_EPOCH), Err(SignatureError::Unreadable));
    }
}
