//! Discord's signature of an interaction (Discord, “Security and authorization” of interactions): Ed25519 over the timestamp header and
//! the body as it came, under the application's public key.

use ed25519_dalek::{Signature, VerifyingKey};
use jiff::Timestamp;

use crate::chat::signed::{SignatureError, sent_lately};

/// The application's public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads the key as Discord shows it: 64 hexadecimal digits. Keys of small order, with which a signature fits many messages, are none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = <[u8; 32]>::try_from(hex::decode(text.trim()).ok()?).ok()?;
        VerifyingKey::from_bytes(&bytes).ok().filter(|k| !k.is_weak()).map(Self)
    }

    /// Checks `X-Signature-Timestamp` and `X-Signature-Ed25519` over the body as it came, byte for byte.
    ///
    /// # Errors
    /// [`SignatureError`] where the request is not to be believed.
    pub fn verify(
        &self,
        timestamp: Option<&str>,
        signature: Option<&str>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), SignatureError> {
        let (Some(timestamp), Some(signature)) = (timestamp, signature) else { return Err(SignatureError::Unreadable) };
        sent_lately(timestamp, now)?;
        let bytes = hex::decode(signature).ok().and_then(|b| <[u8; 64]>::try_from(b).ok());
        let signature = Signature::from_bytes(&bytes.ok_or(SignatureError::Unreadable)?);
        let signed = [timestamp.as_bytes(), body].concat();
        self.0.verify_strict(&signed, &signature).map_err(|_| SignatureError::Wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer as _, SigningKey};

    #[test]
    fn only_the_applications_own_words_are_believed() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = PublicKey::parse(&hex::encode(key.verifying_key().as_bytes())).unwrap();
        let body = br#"{"type":1}"#;
        let signed = hex::encode(key.sign(&[b"1700000000".as_slice(), body].concat()).to_bytes());
        let check = |time: &str, signature: &str, body: &[u8], now| {
            public.verify(Some(time), Some(signature), body, Timestamp::from_second(now).unwrap())
        };
        let now = 1_700_000_000;
        assert_eq!(check("1700000000", &signed, body, now), Ok(()));
        assert_eq!(check("1700000000", &signed, br#"{"type":2}"#, now), Err(SignatureError::Wrong));
        assert_eq!(check("1700000001", &signed, body, now), Err(SignatureError::Wrong));
        assert_eq!(check("1700000000", &signed, body, now + 301), Err(SignatureError::Stale));
        assert_eq!(check("x", &signed, body, now), Err(SignatureError::Unreadable));
        assert_eq!(check("1700000000", "00", body, now), Err(SignatureError::Unreadable));
        assert_eq!(public.verify(None, Some(&signed), body, Timestamp::UNIX_EPOCH), Err(SignatureError::Unreadable));
        let other = SigningKey::from_bytes(&[8; 32]).sign(&[b"1700000000".as_slice(), body].concat());
        assert_eq!(check("1700000000", &hex::encode(other.to_bytes()), body, now), Err(SignatureError::Wrong));
        for weak in ["", "00", &"00".repeat(32), &format!("01{}", "00".repeat(31))] {
            assert!(PublicKey::parse(weak).is_none(), "{weak}");
        }
    }

    #[test]
    fn a_signature_of_another_hand_is_believed() {
        // Made with PyNaCl 1.6.2: `SigningKey(bytes(range(32))).sign(timestamp + body)`.
        let key = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
        let signature = "4b71addeacb2d2747200c73f5b89031edd1154c1723dd9bcd720d3822aa996c\
                         354944646015dbda2acde123f3fe11f99eedee678892f6238ac19e9ca6f9f700f";
        let body = "{\"type\":1,\"id\":\"1\",\"token\":\"é\"}".as_bytes();
        let now = Timestamp::from_second(1_700_000_001).unwrap();
        let check = |time| PublicKey::parse(key).unwrap().verify(Some(time), Some(signature), body, now);
        assert_eq!(check("1700000000"), Ok(()));
        assert_eq!(check("1700000001"), Err(SignatureError::Wrong));
    }
}
