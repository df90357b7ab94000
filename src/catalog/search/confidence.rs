//! How sure the first answer is.

/// Basis points of trust in the first answer, from how much of the wish it covers, how much of its name was asked for and how far it is ahead.
///
/// Nine thousand and more (one clear card) needs both: nearly everything said was found, and the second is well behind.
#[must_use]
pub fn of_first(first: i64, second: i64, coverage_bp: i64, name: i64) -> u16 {
    if first <= 0 {
        return 0;
    }
    let margin = ((first - second).max(0) * 10_000 / first).min(10_000);
    // A lead of a quarter is as good as any.
    let lead = (margin * 4).min(10_000);
    let value = coverage_bp * 45 / 100 + lead * 40 / 100 + name.min(1000) * 10 * 15 / 100;
    let clear = coverage_bp >= 8_000 && margin >= 1_200;
    let value = if clear { value } else { value.min(8_900) };
    u16::try_from(value.clamp(0, 10_000)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_clearly_one_reaches_nine_thousand() {
        assert!(of_first(1000, 500, 10_000, 1000) >= 9_000);
        assert!(of_first(1000, 990, 10_000, 1000) < 9_000);
        assert!(of_first(1000, 100, 4_000, 300) < 9_000);
        assert_eq!(of_first(0, 0, 0, 0), 0);
        assert_eq!(of_first(i64::MAX / 20_000, -1, 0, 0), of_first(i64::MAX / 20_000, -1, 0, 0));
    }
}
