//! A circuit breaker: after several failures in a row the model is left alone for a while, then tried once.

use jiff::Timestamp;

use crate::domain::window::Seconds;

/// When to stop asking and when to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerSettings {
    /// Failures in a row that open it.
    pub failures: u32,
    /// How long it stays open.
    pub rest: Seconds,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self { failures: 3, rest: Seconds::minutes(1) }
    }
}

/// The breaker. The clock is passed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breaker {
    settings: BreakerSettings,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed {
        failures: u32,
    },
    Open {
        until: Timestamp,
    },
    /// One call is on its way to try; given up on at this moment, so that a call that never reports cannot block for ever.
    Trying {
        until: Timestamp,
    },
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub fn new(settings: BreakerSettings) -> Self {
        Self { settings, state: State::Closed { failures: 0 } }
    }

    /// True where a call may be made now. Once open and rested, exactly one caller is let through until it reports.
    pub fn admits(&mut self, now: Timestamp) -> bool {
        match self.state {
            State::Closed { .. } => true,
            State::Open { until } | State::Trying { until } if now >= until => {
                self.state = State::Trying { until: self.settings.rest.after(now) };
                true
            }
            State::Open { .. } | State::Trying { .. } => false,
        }
    }

    /// Takes note of how a call ended.
    pub fn report(&mut self, now: Timestamp, well: bool) {
        let open = State::Open { until: self.settings.rest.after(now) };
        self.state = match self.state {
            _ if well => State::Closed { failures: 0 },
            State::Closed { failures } if failures + 1 < self.settings.failures.max(1) => {
                State::Closed { failures: failures + 1 }
            }
            // A call that began before it opened does not lengthen the rest.
            State::Open { until } => State::Open { until },
            State::Closed { .. } | State::Trying { .. } => open,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn it_opens_rests_and_tries_once() {
        let mut breaker = Breaker::new(BreakerSettings { failures: 2, rest: Seconds(60) });
        assert!(breaker.admits(at(0)));
        breaker.report(at(0), false);
        assert!(breaker.admits(at(1)));
        breaker.report(at(1), false);
        assert!(!breaker.admits(at(2)));
        assert!(!breaker.admits(at(60)));
        assert!(breaker.admits(at(61)), "rested");
        assert!(!breaker.admits(at(61)), "one at a time");
        breaker.report(at(62), false);
        assert!(!breaker.admits(at(100)));
        assert!(breaker.admits(at(122)));
        breaker.report(at(123), true);
        assert!(breaker.admits(at(123)) && breaker.admits(at(123)));
    }

    #[test]
    fn a_success_forgets_failures() {
        let mut breaker = Breaker::new(BreakerSettings { failures: 2, rest: Seconds(60) });
        for n in 0..10 {
            breaker.report(at(n), n % 2 == 0);
            assert!(breaker.admits(at(n)));
        }
    }

    #[test]
    fn a_try_that_never_reports_does_not_block_for_ever() {
        let mut breaker = Breaker::new(BreakerSettings { failures: 1, rest: Seconds(60) });
        breaker.report(at(0), false);
        assert!(breaker.admits(at(60)));
        assert!(!breaker.admits(at(119)));
        assert!(breaker.admits(at(120)));
    }
}
