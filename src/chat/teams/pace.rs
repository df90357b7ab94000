//! How fast we may send (Microsoft Learn, “Optimize your bot with rate limiting in Teams”): per conversation 7 in 1 s, 8 in 2 s, 60 in 30 s
//! and 1800 in 1 h; opening conversations likewise; 30 calls a second in one tenant. Whoever would be too fast is told how long to wait,
//! before Teams has to.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::domain::clock::Clock;

/// So many within so long.
type Window = (usize, SignedDuration);

/// Per conversation.
const THREAD: &[Window] = &[
    (7, SignedDuration::from_secs(1)),
    (8, SignedDuration::from_secs(2)),
    (60, SignedDuration::from_secs(30)),
    (1_800, SignedDuration::from_secs(3_600)),
];
/// Per tenant.
const TENANT: &[Window] = &[(30, SignedDuration::from_secs(1))];
/// How many conversations are remembered before idle ones are forgotten.
const REMEMBERED: usize = 4_096;

/// What was sent lately.
#[derive(Debug, Default)]
pub struct Pace {
    sent: Mutex<HashMap<String, VecDeque<Timestamp>>>,
}

impl Pace {
    /// Takes the right to send into this conversation of this tenant now, or says how long to wait.
    ///
    /// # Errors
    /// How long to wait.
    pub fn take(&self, tenant: &str, thread: &str, clock: &dyn Clock) -> Result<(), Duration> {
        let now = clock.now();
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = [(format!("{tenant}/{thread}"), THREAD), (tenant.to_owned(), TENANT)];
        for (key, windows) in &keys {
            if let Some(wait) = sent.get_mut(key).and_then(|times| wait(times, windows, now)) {
                return Err(wait);
            }
        }
        if sent.len() >= REMEMBERED {
            sent.retain(|_, times| {
                times.back().is_some_and(|at| now.duration_since(*at) < SignedDuration::from_secs(3_600))
            });
        }
        for (key, _) in keys {
            sent.entry(key).or_default().push_back(now);
        }
        Ok(())
    }
}

/// How long until one more is allowed; `None` where it is now.
fn wait(times: &mut VecDeque<Timestamp>, windows: &[Window], now: Timestamp) -> Option<Duration> {
    let longest = windows.iter().map(|(_, length)| *length).max().unwrap_or_default();
    // A clock that went back must not stop us for as long as it went.
    while times.front().is_some_and(|at| now.duration_since(*at).abs() >= longest) {
        times.pop_front();
    }
    let mut until = None;
    for (most, length) in windows {
        let Some(before) = times.len().checked_sub(*most) else { continue };
        let Some(oldest) = times.get(before) else { continue };
        let left = *length - now.duration_since(*oldest).abs();
        if left > SignedDuration::ZERO {
            until = until.max(Some(left));
        }
    }
    until.and_then(|left| Duration::try_from(left).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Hand(Mutex<Timestamp>);
    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            *self.0.lock().unwrap()
        }
    }
    impl Hand {
        fn later(&self, millis: i64) {
            let mut at = self.0.lock().unwrap();
            *at += SignedDuration::from_millis(millis);
        }
    }

    /// Sends as fast as allowed and answers when each was sent, in milliseconds.
    fn rush(threads: usize, many: usize) -> Vec<i64> {
        let (pace, clock) = (Pace::default(), Hand(Mutex::new(Timestamp::from_second(1_000).unwrap())));
        let start = clock.now();
        let mut at = Vec::new();
        for n in 0..many {
            loop {
                match pace.take("t", &format!("c{}", n % threads), &clock) {
                    Ok(()) => break,
                    Err(wait) => clock.later(i64::try_from(wait.as_millis()).unwrap().max(1)),
                }
            }
            at.push(clock.now().duration_since(start).as_millis().try_into().unwrap());
        }
        at
    }

    fn most(at: &[i64], window: i64) -> usize {
        (0..at.len()).map(|n| at[n..].iter().take_while(|t| **t < at[n] + window).count()).max().unwrap_or(0)
    }

    #[test]
    fn one_conversation_stays_inside_every_window() {
        let at = rush(1, 200);
        for (limit, window) in [(7, 1_000), (8, 2_000), (60, 30_000), (1_800, 3_600_000)] {
            assert!(most(&at, window) <= limit, "{limit} in {window} ms: {}", most(&at, window));
        }
        assert_eq!(at[6], 0, "the first seven go at once");
        assert!(at[199] < 120_000, "and nothing waits longer than it has to: {}", at[199]);
    }

    #[test]
    fn a_tenant_takes_thirty_a_second() {
        let at = rush(100, 100);
        assert_eq!(most(&at, 1_000), 30);
        assert!(at[99] <= 3_000);
    }
}
