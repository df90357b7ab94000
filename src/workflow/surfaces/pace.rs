//! How much one account may send us: a bucket that holds so many deliveries and fills again at a steady pace. Per process, and generous:
//! it is there so that a runaway script costs us little, not to count anybody's words.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::domain::account::Account;

/// How many may come at once.
const BURST: i64 = 30;
/// Milliseconds until there is room for one more.
const REFILL_MS: i64 = 1_000;
/// How many accounts are remembered. Those that have been quiet are forgotten first.
const REMEMBERED: usize = 10_000;

/// How much each account sent of late: when its bucket will be full again, in milliseconds since 1970 (a "virtual scheduling" leaky
/// bucket, ITU-T I.371).
#[derive(Debug, Default)]
pub struct Pace(Mutex<BTreeMap<Account, i64>>);

impl Pace {
    /// True where there is room for one more; it is taken then.
    pub fn admits(&self, account: &Account, now: Timestamp) -> bool {
        let now = now.as_millisecond();
        let mut full_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= REMEMBERED && !full_at.contains_key(account) {
            full_at.retain(|_, at| *at > now);
        }
        let at = full_at.get(account).copied().unwrap_or(now).max(now);
        if at - now > (BURST - 1) * REFILL_MS {
            return false;
        }
        full_at.insert(account.clone(), at + REFILL_MS);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::PlatformId;
    use crate::domain::conversation::Surface;

    #[test]
    fn a_burst_then_one_a_second() {
        let account = |id: &str| Account {
            surface: Surface::Slack,
            space: PlatformId::parse("T1").unwrap(),
            id: PlatformId::parse(id).unwrap(),
        };
        let at = |ms: i64| Timestamp::from_millisecond(ms).unwrap();
        let pace = Pace::default();
        let sent = |id: &str, ms| (0..100).filter(|_| pace.admits(&account(id), at(ms))).count();
        assert_eq!(sent("U1", 0), 30);
        assert_eq!(sent("U2", 0), 30, "each has its own");
        assert_eq!(sent("U1", 2_500), 2);
        assert_eq!(sent("U1", 1_000_000), 30);
    }
}
