//! Signs every platform can show: a tone as a picture beside its word, and bars of a score made of letters, so that they stay bars on a
//! phone, in a notification and in a screen reader's log.

use std::fmt::Write as _;

use crate::domain::card::{Bar, Tone};

/// Letters in the longest bar.
const LONGEST: i64 = 10;
/// The same where there is little room.
const SHORT: i64 = 5;

/// The picture that goes before a badge's word. Shapes differ, not only colours.
#[must_use]
pub fn sign(tone: Tone) -> &'static str {
    match tone {
        Tone::Neutral => "⚪",
        Tone::Info => "🔵",
        Tone::Good => "✅",
        Tone::Warning => "⚠️",
        Tone::Danger => "⛔",
    }
}

/// A tone as a colour, for platforms with a coloured edge. The word always stands beside it.
#[must_use]
pub fn colour(tone: Tone) -> u32 {
    match tone {
        Tone::Neutral => 0x00_8A_94_A6,
        Tone::Info => 0x00_2F_6F_DE,
        Tone::Good => 0x00_1F_8A_4C,
        Tone::Warning => 0x00_C9_84_00,
        Tone::Danger => 0x00_C6_2F_2F,
    }
}

/// Tenths of a point as people read them: `+12.0`, `−3.5` (with a real minus sign).
#[must_use]
pub fn points(tenths: i32) -> String {
    let sign = match tenths {
        0 => "",
        t if t < 0 => "−",
        _ => "+",
    };
    let size = tenths.unsigned_abs();
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write!(out, "{sign}{}.{}", size / 10, size % 10);
    out
}

/// The size that fills a whole bar.
#[must_use]
pub fn longest(bars: &[Bar]) -> u32 {
    bars.iter().map(|b| b.tenths.unsigned_abs()).max().unwrap_or(0).max(1)
}

/// A bar of always the same width: full blocks for what speaks against, shaded ones for what speaks in favour, the rest empty.
#[must_use]
pub fn bar(tenths: i32, longest: u32) -> String {
    of(LONGEST, tenths, longest)
}

/// The same, half as wide.
#[must_use]
pub fn short_bar(tenths: i32, longest: u32) -> String {
    of(SHORT, tenths, longest)
}

fn of(letters: i64, tenths: i32, longest: u32) -> String {
    let size = i64::from(tenths.unsigned_abs());
    let whole = i64::from(longest.max(1));
    let filled = usize::try_from(((size * letters + whole - 1) / whole).min(letters)).unwrap_or(0);
    let empty = usize::try_from(letters).unwrap_or(0).saturating_sub(filled);
    let mark = if tenths < 0 { "▒" } else { "█" };
    format!("{}{}", mark.repeat(filled), "░".repeat(empty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_equally_wide_and_never_overflow() {
        assert_eq!(bar(200, 200), "██████████");
        assert_eq!(bar(-40, 200), "▒▒░░░░░░░░");
        assert_eq!(bar(1, 200), "█░░░░░░░░░");
        assert_eq!(bar(i32::MIN, 1), "▒▒▒▒▒▒▒▒▒▒");
        assert_eq!(bar(0, 1), "░░░░░░░░░░");
        assert_eq!((short_bar(200, 200), short_bar(-41, 200)), ("█████".into(), "▒▒░░░".into()));
        assert_eq!((points(-35), points(120), points(0)), ("−3.5".into(), "+12.0".into(), "0.0".into()));
        assert_eq!(points(i32::MIN), "−214748364.8");
    }
}
