//! Spans of time, and the access window: from when until when somebody holds an entitlement.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A whole number of seconds, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Seconds(pub u64);

impl Seconds {
    /// So many minutes.
    #[must_use]
    pub const fn minutes(n: u64) -> Self {
        Self(n * 60)
    }

    /// So many hours.
    #[must_use]
    pub const fn hours(n: u64) -> Self {
        Self(n * 3600)
    }

    /// So many days of 24 hours.
    #[must_use]
    pub const fn days(n: u64) -> Self {
        Self(n * 86_400)
    }

    /// This long after a moment; the end of representable time where the sum lies beyond it.
    #[must_use]
    pub fn after(self, start: Timestamp) -> Timestamp {
        let span = SignedDuration::from_secs(i64::try_from(self.0).unwrap_or(i64::MAX));
        start.checked_add(span).unwrap_or(Timestamp::MAX)
    }

    /// How long from one moment to a later one; zero where it is not later.
    #[must_use]
    pub fn between(from: Timestamp, to: Timestamp) -> Self {
        Self(u64::try_from(to.as_second().saturating_sub(from.as_second())).unwrap_or(0))
    }
}

impl fmt::Display for Seconds {
    /// In the largest units that fit: `30 days`, `8 hours`, `90 minutes`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, unit) = match self.0 {
            s if s >= 86_400 && s % 86_400 == 0 => (s / 86_400, "day"),
            s if s >= 2 * 86_400 => (s / 86_400, "day"),
            s if s >= 3600 && s % 3600 == 0 => (s / 3600, "hour"),
            s if s >= 60 => (s / 60, "minute"),
            s => (s, "second"),
        };
        write!(f, "{n} {unit}{}", if n == 1 { "" } else { "s" })
    }
}

/// The end of an access window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum WindowEnd {
    /// Access ends at this moment.
    At {
        /// The first moment without access.
        #[schemars(with = "String")]
        at: Timestamp,
    },
    /// Access stands until somebody ends it; only where the catalog allows it.
    Open,
}

/// From when until when. The end is after the start; only [`AccessWindow::new`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawWindow", into = "RawWindow")]
#[schemars(with = "RawWindow")]
pub struct AccessWindow {
    start: Timestamp,
    end: WindowEnd,
}

/// A window's end is not after its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the end has to be after the start")]
pub struct EmptyWindow;

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct RawWindow {
    #[schemars(with = "String")]
    start: Timestamp,
    end: WindowEnd,
}

impl AccessWindow {
    /// A window with these ends.
    ///
    /// # Errors
    /// [`EmptyWindow`] where the end is not after the start.
    pub fn new(start: Timestamp, end: WindowEnd) -> Result<Self, EmptyWindow> {
        match end {
            WindowEnd::At { at } if at <= start => Err(EmptyWindow),
            _ => Ok(Self { start, end }),
        }
    }

    /// A window from a moment, this long; at least a second.
    #[must_use]
    pub fn lasting(start: Timestamp, length: Seconds) -> Self {
        Self { start, end: WindowEnd::At { at: Seconds(length.0.max(1)).after(start) } }
    }

    /// When access begins.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// When access ends; `None` where it is open-ended.
    #[must_use]
    pub fn end(&self) -> Option<Timestamp> {
        match self.end {
            WindowEnd::At { at } => Some(at),
            WindowEnd::Open => None,
        }
    }

    /// How long it is; `None` where it is open-ended.
    #[must_use]
    pub fn length(&self) -> Option<Seconds> {
        self.end().map(|end| Seconds::between(self.start, end))
    }

    /// The same window, ending no later than so long after its start. Never longer than before.
    #[must_use]
    pub fn capped(self, longest: Seconds) -> Self {
        let cap = Seconds(longest.0.max(1)).after(self.start);
        let at = self.end().map_or(cap, |end| end.min(cap));
        Self { start: self.start, end: WindowEnd::At { at } }
    }

    /// The same window, ending no later than this moment, where that leaves anything.
    ///
    /// # Errors
    /// [`EmptyWindow`] where the moment is not after the start.
    pub fn ending_by(self, latest: Timestamp) -> Result<Self, EmptyWindow> {
        let at = self.end().map_or(latest, |end| end.min(latest));
        Self::new(self.start, WindowEnd::At { at })
    }
}

impl TryFrom<RawWindow> for AccessWindow {
    type Error = EmptyWindow;
    fn try_from(raw: RawWindow) -> Result<Self, EmptyWindow> {
        Self::new(raw.start, raw.end)
    }
}

impl From<AccessWindow> for RawWindow {
    fn from(window: AccessWindow) -> Self {
        Self { start: window.start, end: window.end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cap_only_shortens() {
        let start = Timestamp::UNIX_EPOCH;
        let open = AccessWindow::new(start, WindowEnd::Open).unwrap();
        assert_eq!(open.capped(Seconds::days(30)).length(), Some(Seconds::days(30)));
        let day = AccessWindow::lasting(start, Seconds::days(1));
        assert_eq!(day.capped(Seconds::days(30)), day);
        assert!(AccessWindow::new(start, WindowEnd::At { at: start }).is_err());
    }

    #[test]
    fn spans_read_as_people_say_them() {
        let said: Vec<_> = [1, 90, 3600, 86_400, 90_000 * 2, 2_592_000].map(|s| Seconds(s).to_string()).into();
        assert_eq!(said, ["1 second", "1 minute", "1 hour", "1 day", "2 days", "30 days"]);
    }
}
