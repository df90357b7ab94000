//! The key that signs the record, in the forms of C2SP `signed-note` (<https://c2sp.org/signed-note>) that its tools read:
//! `<name>+<key id>+<base64(0x01 ‖ public key)>` for whoever verifies, and the Go note package's
//! `PRIVATE+KEY+<name>+<key id>+<base64(0x01 ‖ seed)>` for whoever signs. The name is the record's origin.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

/// Why a text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not of this form at all.
    #[error("this is not a key of the form `{0}`")]
    Form(&'static str),
    /// The name is empty, too long, or holds a space, a plus sign or anything that cannot be seen.
    #[error("a key's name has 1 to 200 visible characters and no plus sign")]
    Name,
    /// The short id does not belong to name and key: something was mistyped or altered.
    #[error("the key's id does not fit its name and its bytes")]
    Id,
    /// The bytes are not an Ed25519 key.
    #[error("the bytes are not an Ed25519 key")]
    Bytes,
}

/// The signature algorithm's number in signed notes: Ed25519.
const ED25519: u8 = 1;

/// What verifies signatures. May be given to anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

/// What signs. Never printed, never logged; wiped from memory when dropped.
pub struct SecretKey {
    key: SigningKey,
    public: PublicKey,
}

fn checked_name(name: &str) -> Result<String, KeyError> {
    let fine = (1..=200).contains(&name.chars().count())
        && !name.chars().any(|c| c == '+' || c.is_whitespace() || c.is_control());
    if fine { Ok(name.to_owned()) } else { Err(KeyError::Name) }
}

impl PublicKey {
    fn new(name: String, key: VerifyingKey) -> Self {
        let mut hash = Sha256::new();
        hash.update(name.as_bytes());
        hash.update(b"\n");
        hash.update([ED25519]);
        hash.update(key.as_bytes());
        let full = hash.finalize();
        Self { name, id: [full[0], full[1], full[2], full[3]], key }
    }

    /// Reads the written form.
    ///
    /// # Errors
    /// [`KeyError`] names what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        const FORM: KeyError = KeyError::Form("name+id+base64");
        // The base64 part may hold plus signs, so only the first two separate.
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(data)) = (parts.next(), parts.next(), parts.next()) else { return Err(FORM) };
        let name = checked_name(name)?;
        let bytes = key_bytes(data).ok_or(FORM)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError::Bytes)?;
        let public = Self::new(name, key);
        if hex::encode(public.id) == id { Ok(public) } else { Err(KeyError::Id) }
    }

    /// The written form.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}+{}+{}", self.name, hex::encode(self.id), encoded(self.key.as_bytes()))
    }

    /// The name: the record's origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of the key's hash, which name it in signatures.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// True where this key made this signature over these bytes.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

impl SecretKey {
    /// The key of this name from 32 unpredictable bytes.
    ///
    /// # Errors
    /// [`KeyError::Name`] where the name cannot be used.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let key = SigningKey::from_bytes(seed);
        let public = PublicKey::new(checked_name(name)?, key.verifying_key());
        Ok(Self { key, public })
    }

    /// Reads the written form.
    ///
    /// # Errors
    /// [`KeyError`] names what is wrong with it, without repeating any of it.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        const FORM: KeyError = KeyError::Form("PRIVATE+KEY+name+id+base64");
        let rest = text.trim().strip_prefix("PRIVATE+KEY+").ok_or(FORM)?;
        let mut parts = rest.splitn(3, '+');
        let (Some(name), Some(id), Some(data)) = (parts.next(), parts.next(), parts.next()) else { return Err(FORM) };
        let secret = Self::from_seed(name, &key_bytes(data).ok_or(FORM)?)?;
        if hex::encode(secret.public.id) == id { Ok(secret) } else { Err(KeyError::Id) }
    }

    /// The written form, for a file that only its owner may read.
    #[must_use]
    pub fn to_text(&self) -> SecretString {
        let (name, id) = (&self.public.name, hex::encode(self.public.id));
        SecretString::from(format!("PRIVATE+KEY+{name}+{id}+{}", encoded(self.key.as_bytes())))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs these bytes.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

fn encoded(key: &[u8; 32]) -> String {
    let mut bytes = vec![ED25519];
    bytes.extend(key);
    STANDARD.encode(bytes)
}

fn key_bytes(data: &str) -> Option<[u8; 32]> {
    let bytes = STANDARD.decode(data).ok()?;
    match bytes.split_first() {
        Some((&ED25519, key)) => key.try_into().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    /// The example key of the `golang.org/x/mod/sumdb/note` documentation, which every signed-note tool reads.
    const REFERENCE: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn the_reference_key_reads_and_prints() {
        let key = PublicKey::parse(REFERENCE).unwrap();
        assert_eq!((key.name(), key.to_text().as_str()), ("PeterNeumann", REFERENCE));
        assert_eq!(PublicKey::parse(&REFERENCE.replace("c74f20a3", "c74f20a4")), Err(KeyError::Id));
        assert_eq!(PublicKey::parse("PeterNeumann+c74f20a3"), Err(KeyError::Form("name+id+base64")));
    }

    #[test]
    fn a_secret_key_reads_back_and_its_name_is_checked() {
        let secret = SecretKey::from_seed("claviger.example/record", &[7; 32]).unwrap();
        let again = SecretKey::parse(secret.to_text().expose_secret()).unwrap();
        assert_eq!(again.public(), secret.public());
        assert_eq!(PublicKey::parse(&secret.public().to_text()).as_ref(), Ok(secret.public()));
        assert!(again.public().verifies(b"x", &secret.sign(b"x")));
        assert!(!again.public().verifies(b"y", &secret.sign(b"x")));
        for bad in ["", "a b", "a+b", "a\n"] {
            assert_eq!(SecretKey::from_seed(bad, &[7; 32]).err(), Some(KeyError::Name), "{bad:?}");
        }
    }
}
