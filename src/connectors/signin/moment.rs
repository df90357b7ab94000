//! When, from what logs write: RFC 3339 and its everyday variants, epoch seconds to microseconds, LDAP generalized time (RFC 4517
//! §3.3.13), the American form of some exports. Without a zone it is read as UTC.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The moment a text names; `None` where it names none.
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() < 8 || text.len() > 64 || !text.is_ascii() {
        return None;
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == text.len() {
        return epoch(text);
    }
    if digits == 14 || digits == 12 {
        return generalized(text);
    }
    if digits == 10 && text.as_bytes().get(10) == Some(&b'.') {
        return seconds_with_fraction(text);
    }
    // `2024-05-06 10:11:12,345` is how Java's loggers write fractions.
    let dotted;
    let text = if text.as_bytes().get(19) == Some(&b',') {
        dotted = text.replacen(',', ".", 1);
        &dotted
    } else {
        text
    };
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    if let Some(utc) = text.strip_suffix(" UTC") {
        return civil(utc);
    }
    civil(text).or_else(|| spelled(text))
}

fn civil(text: &str) -> Option<Timestamp> {
    at_utc(text.parse::<DateTime>().ok()?)
}

fn at_utc(when: DateTime) -> Option<Timestamp> {
    when.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

fn epoch(digits: &str) -> Option<Timestamp> {
    let number: i64 = digits.parse().ok()?;
    match digits.len() {
        9 | 10 => Timestamp::from_second(number).ok(),
        13 => Timestamp::from_millisecond(number).ok(),
        14 => generalized(digits),
        16 => Timestamp::from_microsecond(number).ok(),
        17 | 18 => super_filetime(number),
        19 => Timestamp::from_nanosecond(i128::from(number)).ok(),
        _ => None,
    }
}

fn super_filetime(number: i64) -> Option<Timestamp> {
    crate::connectors::signin::filetime::moment(number)
}

fn seconds_with_fraction(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.')?;
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nanos: String = fraction.chars().chain(std::iter::repeat('0')).take(9).collect();
    Timestamp::new(whole.parse().ok()?, nanos.parse().ok()?).ok()
}

/// `20261121020112Z`, `20261121020112.000001Z`, `202611210201+0100`.
fn generalized(text: &str) -> Option<Timestamp> {
    let (digits, rest) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    let (day, hour, minute) = (digits.get(..8)?, digits.get(8..10)?, digits.get(10..12)?);
    let second = digits.get(12..14).unwrap_or("00");
    let cut = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (fraction, zone) = rest.split_at(cut);
    let zone = if zone.is_empty() { "Z" } else { zone };
    let fraction = fraction.replace(',', ".");
    format!("{}-{}-{}T{hour}:{minute}:{second}{fraction}{zone}", &day[..4], &day[4..6], &day[6..8]).parse().ok()
}

fn spelled(text: &str) -> Option<Timestamp> {
    let zoned = ["%d/%b/%Y:%H:%M:%S %z", "%a, %d %b %Y %H:%M:%S %z"];
    if let Some(at) = zoned.iter().find_map(|form| Timestamp::strptime(form, text).ok()) {
        return Some(at);
    }
    let plain = ["%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%a %b %e %H:%M:%S %Y", "%b %e %Y %H:%M:%S"];
    plain.iter().find_map(|form| at_utc(DateTime::strptime(form, text).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_logs_write_moments() {
        for (written, meant) in [
            ("2022-06-22T18:18:29.015Z", "2022-06-22T18:18:29.015Z"),
            ("2022-06-22 18:18:29.015", "2022-06-22T18:18:29.015Z"),
            ("2022-06-22 18:18:29.015000000", "2022-06-22T18:18:29.015Z"),
            ("2025-01-15T10:00:30.0123456Z", "2025-01-15T10:00:30.0123456Z"),
            ("2024-11-27T03:31:26.7088498+00:00", "2024-11-27T03:31:26.7088498Z"),
            ("2026-11-21T02:01:12.123456+0100", "2026-11-21T01:01:12.123456Z"),
            ("2021-06-27 00:08:28.792Z", "2021-06-27T00:08:28.792Z"),
            ("2024-05-06 10:11:12,345", "2024-05-06T10:11:12.345Z"),
            ("4/1/2025 6:42:09 PM", "2025-04-01T18:42:09Z"),
            ("1655921909", "2022-06-22T18:18:29Z"),
            ("1655921909015", "2022-06-22T18:18:29.015Z"),
            ("1655921909.015", "2022-06-22T18:18:29.015Z"),
            ("20261121020112Z", "2026-11-21T02:01:12Z"),
            ("20261121020112.000001Z", "2026-11-21T02:01:12.000001Z"),
            ("20261121030112+0100", "2026-11-21T02:01:12Z"),
            ("132539328000000000", "2021-01-01T00:00:00Z"),
            ("2022-06-22", "2022-06-22T00:00:00Z"),
        ] {
            assert_eq!(parse(written).map(|at| at.to_string()).as_deref(), Some(meant), "{written}");
        }
    }

    #[test]
    fn what_names_no_moment() {
        for written in ["", "redacted", "2022-13-40T99:00:00Z", "12345", "now", "２０２２-06-22", &"9".repeat(80)] {
            assert_eq!(parse(written), None, "{written}");
        }
    }
}
