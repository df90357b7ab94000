//! Time and randomness as parameters. Product code never reads the system clock elsewhere; `clippy.toml` sees to it.

use jiff::Timestamp;

/// Tells the time. The system's in `app`, a hand-set one in tests.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Gives unpredictable bytes. The operating system's in `app`, a seeded stream in tests.
pub trait Entropy: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]);
}
