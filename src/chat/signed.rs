//! What signed deliveries have in common, whichever way a platform signs them: a header with the time they were sent, and three reasons not
//! to believe one.

use jiff::Timestamp;

/// How far the time of sending may be from ours, in seconds: what Slack advises (“Verifying requests from Slack”); Discord names none.
pub const WINDOW: u64 = 300;

/// Why a delivery is not believed. What failed is for the log; whoever sent it is told nothing but “no”.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// A header is missing or cannot be read.
    #[error("the signature or its time is missing or cannot be read")]
    Unreadable,
    /// Too old, or from the future.
    #[error("the request is older than five minutes or from the future")]
    Stale,
    /// Not signed with the key or secret that was set up.
    #[error("the signature is not of the key or secret that was set up")]
    Wrong,
}

/// Checks the header with the time of sending: seconds since 1970 in decimal digits, near enough to `now`.
///
/// # Errors
/// [`SignatureError::Unreadable`] or [`SignatureError::Stale`].
pub fn sent_lately(header: &str, now: Timestamp) -> Result<(), SignatureError> {
    if header.is_empty() || header.len() > 12 || !header.bytes().all(|b| b.is_ascii_digit()) {
        return Err(SignatureError::Unreadable);
    }
    let sent: i64 = header.parse().map_err(|_| SignatureError::Unreadable)?;
    if now.as_second().abs_diff(sent) > WINDOW { Err(SignatureError::Stale) } else { Ok(()) }
}
