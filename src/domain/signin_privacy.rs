//! Minimisation of sign-in events that have grown old (RISK.md §10): a raw address becomes its network and a keyed hash, a device a
//! keyed hash, free text goes. What an explanation months later may still say, "the same place as before", can be said; where exactly
//! somebody was cannot.

use std::net::IpAddr;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::domain::signin::SigninEvent;

/// How long a raw address, device and text are kept, in days.
pub const RAW_DAYS: i64 = 90;

/// The secret that keeps hashes of old addresses and devices from being guessed back.
#[derive(Clone)]
pub struct PseudonymKey([u8; 32]);

impl PseudonymKey {
    /// The key with these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Twelve hexadecimal digits for a value, the same for the same value and sort.
    fn hash(&self, sort: &str, value: &str) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(sort.as_bytes());
        mac.update(&[0]);
        mac.update(value.as_bytes());
        Some(hex::encode(&mac.finalize().into_bytes()[..6]))
    }
}

impl std::fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PseudonymKey(…)")
    }
}

/// The event without what may not be kept any longer. The second time changes nothing more, for the caller asks once.
#[must_use]
pub fn minimised(event: SigninEvent, key: &PseudonymKey) -> SigninEvent {
    let ip = event.origin().and_then(|origin| {
        let hash = key.hash("ip", origin)?;
        Some(network(origin).map_or_else(|| format!("#{hash}"), |network| format!("{network}#{hash}")))
    });
    let device = event.device.as_deref().and_then(|device| key.hash("device", device)).map(|hash| format!("#{hash}"));
    let session =
        event.session.as_deref().and_then(|session| key.hash("session", session)).map(|hash| format!("#{hash}"));
    SigninEvent { ip, device, session, reason_text: None, ..event }
}

/// An address's network: /24 for IPv4, /48 for IPv6.
fn network(address: &str) -> Option<String> {
    let address: IpAddr = address.trim().parse().ok()?;
    Some(match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let s = v6.segments();
            format!("{:x}:{:x}:{:x}::/48", s[0], s[1], s[2])
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::digest::Digest;
    use crate::domain::signin::Provider;

    fn event(ip: &str) -> SigninEvent {
        SigninEvent {
            id: "e".into(),
            provider: Provider::Okta,
            event: "user.session.start".into(),
            at: None,
            time: None,
            actor: Some("ana@acme.test".into()),
            subject: None,
            outcome: None,
            reason_code: Some("INVALID_CREDENTIALS".into()),
            reason_class: None,
            reason_text: Some("from 203.0.113.77".into()),
            ip: Some(ip.into()),
            device: Some("Mozilla/5.0".into()),
            application: None,
            session: Some("s-1".into()),
            place: Some("DE".into()),
            risk: None,
            raw_digest: Digest::of(b"x"),
        }
    }

    #[test]
    fn the_raw_values_are_gone_and_sameness_stays() {
        let key = PseudonymKey::new([7; 32]);
        let (one, two) = (minimised(event("203.0.113.77"), &key), minimised(event("203.0.113.78"), &key));
        assert!(one.ip.as_deref().unwrap().starts_with("203.0.113.0/24#"));
        assert_ne!(one.ip, two.ip);
        assert_eq!(one.device, two.device);
        let written = serde_json::to_string(&one).unwrap();
        for raw in ["203.0.113.77", "Mozilla", "s-1"] {
            assert!(!written.contains(raw), "{raw}");
        }
        assert_ne!(minimised(event("203.0.113.77"), &PseudonymKey::new([8; 32])).ip, one.ip);
        assert!(minimised(event("2001:db8:7:1::9"), &key).ip.unwrap().starts_with("2001:db8:7::/48#"));
        assert!(minimised(event("LAPTOP7"), &key).ip.unwrap().starts_with('#'));
        assert_eq!(minimised(event("-"), &key).ip, None);
        assert!(!format!("{key:?}").contains('7'));
    }
}
