//! How fast we write. Slack takes about one message a second in a channel (“Rate limits”: `chat.postMessage`) and some fifty updates a
//! minute (tier 3); slack-morphism's own control holds a whole workspace to one message a second, so that twenty approvers would wait
//! twenty seconds. Here every channel has its own measure: a leaky bucket by arrival times (GCRA, ITU-T I.371), without tasks or sleeping:
//! whoever comes too early is told when to come again.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Channels remembered before those that are free again are forgotten.
const REMEMBERED: usize = 4_096;

/// How often something may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Once in this time on average.
    pub every: Duration,
    /// So many at once.
    pub burst: u32,
}

/// Messages in one channel: one a second, two in one breath (Slack lets short bursts pass).
pub const POST: Rate = Rate { every: Duration::from_secs(1), burst: 2 };
/// Updates in the whole workspace: tier 3, fifty a minute.
pub const UPDATE: Rate = Rate { every: Duration::from_millis(1_200), burst: 30 };

/// Who may do what when.
#[derive(Debug, Default)]
pub struct Pace {
    /// When the bucket of each key will be empty again.
    empty: BTreeMap<String, Timestamp>,
    /// What Slack itself told us to wait for.
    held: BTreeMap<String, Timestamp>,
}

impl Pace {
    /// Takes a turn, or says after how long there is one.
    ///
    /// # Errors
    /// How long to wait.
    pub fn take(&mut self, key: &str, rate: Rate, now: Timestamp) -> Result<(), Duration> {
        if let Some(until) = self.held.get(key).copied() {
            if until > now {
                return Err(between(now, until));
            }
            self.held.remove(key);
        }
        let every = signed(rate.every);
        let empty = self.empty.get(key).copied().unwrap_or(now).max(now);
        let allowed = every.saturating_mul(i32::try_from(rate.burst.saturating_sub(1)).unwrap_or(0));
        let over = empty.duration_since(now) - allowed;
        if over.is_positive() {
            return Err(Duration::try_from(over).unwrap_or_default());
        }
        if self.empty.len() >= REMEMBERED {
            self.empty.retain(|_, at| *at > now);
        }
        self.empty.insert(key.to_owned(), empty.saturating_add(every).unwrap_or(Timestamp::MAX));
        Ok(())
    }

    /// Slack told us to wait.
    pub fn hold(&mut self, key: &str, after: Duration, now: Timestamp) {
        if self.held.len() >= REMEMBERED {
            self.held.retain(|_, at| *at > now);
        }
        // Nobody is made to wait longer than an hour by a header.
        let after = signed(after.min(Duration::from_secs(3_600)));
        self.held.insert(key.to_owned(), now.saturating_add(after).unwrap_or(Timestamp::MAX));
    }
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

fn between(now: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(now)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + millis).unwrap()
    }

    #[test]
    fn sharp_edge_7_every_channel_has_its_own_second() {
        let mut pace = Pace::default();
        for channel in 0..20 {
            assert_eq!(
                pace.take(&format!("C{channel}"), POST, at(0)),
                Ok(()),
                "twenty approvers do not wait for each other"
            );
        }
        assert_eq!(pace.take("C0", POST, at(0)), Ok(()), "a second message in one breath");
        assert_eq!(pace.take("C0", POST, at(0)), Err(Duration::from_secs(1)));
        assert_eq!(pace.take("C0", POST, at(400)), Err(Duration::from_millis(600)));
        assert_eq!(pace.take("C0", POST, at(1_000)), Ok(()));
        assert_eq!(pace.take("C1", POST, at(1_000)), Ok(()));
    }

    #[test]
    fn over_a_minute_no_more_than_one_a_second_passes() {
        let mut pace = Pace::default();
        let passed = (0..6_000).filter(|n| pace.take("C", POST, at(n * 10)).is_ok()).count();
        assert!((60..=61).contains(&passed), "{passed}");
    }

    #[test]
    fn what_slack_says_is_kept() {
        let mut pace = Pace::default();
        pace.hold("C", Duration::from_secs(7), at(0));
        assert_eq!(pace.take("C", POST, at(1_000)), Err(Duration::from_secs(6)));
        assert_eq!(pace.take("D", POST, at(1_000)), Ok(()));
        assert_eq!(pace.take("C", POST, at(7_000)), Ok(()));
        pace.hold("C", Duration::from_secs(999_999), at(0));
        assert_eq!(pace.take("C", POST, at(3_600_000)), Ok(()));
    }
}
