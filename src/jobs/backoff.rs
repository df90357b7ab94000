//! How long a job waits before it is tried again, and when it is given up.
//!
//! After the n-th failure a job waits between half and the whole of `FIRST · 2ⁿ⁻¹`, at most [`LONGEST`]: 2 s, 4 s, 8 s … 15 min. Half
//! of the wait is drawn by lot, so that jobs that failed together do not come back together ("equal jitter": Marc Brooker,
//! "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).

use jiff::{SignedDuration, Timestamp};

use crate::domain::clock::Entropy;
use crate::domain::job::Job;

/// The longest wait after the first failure.
pub const FIRST: SignedDuration = SignedDuration::from_secs(2);
/// The longest wait of all.
pub const LONGEST: SignedDuration = SignedDuration::from_mins(15);
/// After so many tries a job is given up: some three hours after its first.
pub const MOST_ATTEMPTS: u32 = 20;

/// When a job that failed now, for the n-th time, is tried again.
#[must_use]
pub fn retry_at(now: Timestamp, attempts: u32, entropy: &dyn Entropy) -> Timestamp {
    let doublings = attempts.saturating_sub(1).min(20);
    let whole = FIRST.as_millis().saturating_mul(1 << doublings).min(LONGEST.as_millis());
    let whole = i64::try_from(whole).unwrap_or(i64::MAX);
    let mut lot = [0; 8];
    entropy.fill(&mut lot);
    let half = whole / 2;
    let drawn = i64::try_from(u64::from_le_bytes(lot) % (half.unsigned_abs() + 1)).unwrap_or(0);
    now.checked_add(SignedDuration::from_millis(half + drawn)).unwrap_or(Timestamp::MAX)
}

/// Whether a job that was tried so often is given up. Jobs that take access away never are: they are tried every quarter of an hour
/// until the target system answers, because access must not outlive its end by our losing patience. Nor is the watch over somebody's
/// sign-ins, which writes its own next turn, nor what came in from a chat platform.
#[must_use]
pub fn gives_up(job: &Job, attempts: u32) -> bool {
    attempts >= MOST_ATTEMPTS
        && !matches!(job, Job::Expire { .. } | Job::Close { .. } | Job::WatchSignins { .. } | Job::Deal { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::GrantId;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn waits_double_and_are_drawn_between_half_and_whole() {
        let now = Timestamp::UNIX_EPOCH;
        let wait = |attempts| retry_at(now, attempts, &Fixed(0)).as_millisecond();
        assert_eq!([1, 2, 3, 9, 10, 400].map(wait), [1_000, 2_000, 4_000, 256_000, 450_000, 450_000]);
        for (attempts, lot) in (1..40).flat_map(|n| [(n, 1), (n, 127), (n, 255)]) {
            let drawn = retry_at(now, attempts, &Fixed(lot)).as_millisecond();
            assert!((wait(attempts)..=2 * wait(attempts)).contains(&drawn), "{attempts} {lot} {drawn}");
        }
    }

    #[test]
    fn taking_access_away_is_never_given_up() {
        let grant = GrantId::from_bytes([1; 16]);
        assert!(gives_up(&Job::Open { grant }, MOST_ATTEMPTS));
        assert!(!gives_up(&Job::Open { grant }, MOST_ATTEMPTS - 1));
        assert!(!gives_up(&Job::Close { grant }, 10_000));
        assert!(!gives_up(&Job::Expire { grant }, 10_000));
    }
}
