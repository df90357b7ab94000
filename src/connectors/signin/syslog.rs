//! The head of a log line: RFC 3164 (`Nov 21 06:31:39 host sshd[4711]: …`, without a year), RFC 5424, and the ISO time that today's
//! daemons write instead.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::connectors::signin::moment;

/// A line taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// When, as written.
    pub time: &'a str,
    /// When. A time without a year is in the year that makes it the latest before `now`.
    pub at: Option<Timestamp>,
    /// Which machine.
    pub host: &'a str,
    /// Which program.
    pub program: &'a str,
    /// Which process.
    pub process: Option<&'a str>,
    /// What it said.
    pub message: &'a str,
}

/// Takes a line apart; `None` for lines of another shape.
#[must_use]
pub fn line(text: &str, now: Timestamp) -> Option<Line<'_>> {
    let text = text.trim_end();
    let text = match text.strip_prefix('<').and_then(|t| t.split_once('>')) {
        Some((priority, rest)) if priority.len() <= 3 && priority.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => text,
    };
    if let Some(rest) = text.strip_prefix("1 ") {
        return modern(rest);
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        let (time, rest) = text.split_once(' ')?;
        let (host, rest) = rest.split_once(' ')?;
        return tagged(time, moment::parse(time), host, rest);
    }
    // `Nov  1 06:31:39` has fifteen characters, the day filled up with a space.
    let (time, rest) = (text.get(..15)?, text.get(16..)?);
    let at = without_year(time, now)?;
    let (host, rest) = rest.split_once(' ')?;
    tagged(time, Some(at), host, rest)
}

fn modern(rest: &str) -> Option<Line<'_>> {
    let mut parts = rest.splitn(6, ' ');
    let (time, host, program, process, _id) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let rest = parts.next()?;
    // Structured data: `-` or one or more bracketed elements.
    let message = match rest.strip_prefix('-') {
        Some(after) => after.trim_start(),
        None => rest.rsplit_once("] ").map_or("", |(_, message)| message),
    };
    Some(Line { time, at: moment::parse(time), host, program, process: Some(process), message })
}

fn tagged<'a>(time: &'a str, at: Option<Timestamp>, host: &'a str, rest: &'a str) -> Option<Line<'a>> {
    let (tag, message) = rest.split_once(": ")?;
    let (program, process) = match tag.strip_suffix(']').and_then(|t| t.split_once('[')) {
        Some((program, process)) => (program, Some(process)),
        None => (tag, None),
    };
    (!program.contains(' ')).then_some(Line { time, at, host, program, process, message })
}

fn without_year(time: &str, now: Timestamp) -> Option<Timestamp> {
    let year = now.to_zoned(TimeZone::UTC).year();
    let in_year = |year: i16| {
        let when = DateTime::strptime("%Y %b %e %H:%M:%S", format!("{year} {time}")).ok()?;
        when.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp())
    };
    // A clock may run ahead by a little.
    let latest = now.checked_add(SignedDuration::from_hours(24)).ok()?;
    in_year(year).filter(|at| *at <= latest).or_else(|| in_year(year - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_heads() {
        let now: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
        let old = line("Dec 31 23:59:58 gate sshd[4711]: hello: there", now).unwrap();
        assert_eq!((old.host, old.program, old.process, old.message), ("gate", "sshd", Some("4711"), "hello: there"));
        assert_eq!(old.at.unwrap().to_string(), "2025-12-31T23:59:58Z");
        assert_eq!(line("Jan  1 01:02:03 gate sshd: x", now).unwrap().at.unwrap().to_string(), "2026-01-01T01:02:03Z");
        let new = line("<38>1 2026-01-01T01:02:03.5Z gate sshd 7 - - hello", now).unwrap();
        assert_eq!((new.message, new.at.unwrap().to_string()), ("hello", "2026-01-01T01:02:03.5Z".to_owned()));
        let iso = line("2026-01-01T01:02:03+01:00 gate sshd-session[9]: hello", now).unwrap();
        assert_eq!((iso.program, iso.at.unwrap().to_string()), ("sshd-session", "2026-01-01T00:02:03Z".to_owned()));
        for odd in ["", "Jan", "ééééééééééééééééééé", "12 a", "<999>1 ", "1 a b c d e"] {
            assert!(line(odd, now).is_none_or(|l| l.at.is_none()), "{odd}");
        }
    }
}
