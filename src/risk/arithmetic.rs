//! Whole-number arithmetic of the score: evidence, shares, scores (RISK.md §2.2). No float, no overflow, no platform library.

use crate::risk::tables::{MILLINATS, SCORE_FROM};

/// The most stand-alone points a factor can have, in tenths.
pub const MOST_TENTHS: u16 = 950;

/// Evidence in millinats of so many stand-alone points, in tenths; above 95.0 points it stays at 95.0.
#[must_use]
pub fn millinats(tenths: u16) -> u64 {
    MILLINATS.get(usize::from(tenths.min(MOST_TENTHS))).copied().map_or(0, u64::from)
}

/// The score of so much evidence, 0 to 100.
#[must_use]
pub fn score_of(millinats: u64) -> u8 {
    let reached = SCORE_FROM.partition_point(|&from| u64::from(from) <= millinats);
    u8::try_from(reached).unwrap_or(100)
}

/// Shares a whole number among weights in proportion, by largest remainder; ties go to the earlier one. With all weights zero
/// everybody gets nothing.
///
/// The callers pass weights in the order of their ids, so that ties go to the smallest id.
#[must_use]
pub fn apportion(total: u64, weights: &[u64]) -> Vec<u64> {
    let sum: u64 = weights.iter().sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let product = |w: &u64| u128::from(total) * u128::from(*w);
    let whole = |w: &u64| u64::try_from(product(w) / u128::from(sum)).unwrap_or(total);
    let mut shares: Vec<u64> = weights.iter().map(whole).collect();
    let left = total.saturating_sub(shares.iter().sum());
    let mut order: Vec<(usize, u128)> = weights.iter().map(|w| product(w) % u128::from(sum)).enumerate().collect();
    // A stable sort keeps the order of ids among equal remainders.
    order.sort_by_key(|(_, remainder)| std::cmp::Reverse(*remainder));
    for (n, _) in order.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
        if let Some(share) = shares.get_mut(n) {
            *share += 1;
        }
    }
    shares
}

/// `value / per`, rounded to the nearest whole number, halves up. Nothing per nothing is nothing.
#[must_use]
pub fn round_half_up(value: u128, per: u128) -> u128 {
    if per == 0 { 0 } else { (2 * value + per) / (2 * per) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_factor_scores_its_own_points() {
        for points in 0..=95u16 {
            assert_eq!(u16::from(score_of(millinats(points * 10))), points);
        }
    }

    #[test]
    fn the_score_never_leaves_its_bounds() {
        assert_eq!(score_of(0), 0);
        assert_eq!(score_of(u64::MAX), 100);
        assert_eq!(millinats(u16::MAX), millinats(950));
    }

    #[test]
    fn equal_remainders_go_to_the_first() {
        assert_eq!(apportion(1, &[1, 1, 1]), [1, 0, 0]);
        assert_eq!(apportion(10, &[0, 0]), [0, 0]);
        assert_eq!(apportion(5, &[]), Vec::<u64>::new());
    }

    proptest! {
        #[test]
        fn shares_sum_to_the_whole(total in 0u64..100_000, weights in proptest::collection::vec(0u64..5000, 1..20)) {
            let shares = apportion(total, &weights);
            if weights.iter().any(|&w| w > 0) {
                prop_assert_eq!(shares.iter().sum::<u64>(), total);
            }
            for (share, weight) in shares.iter().zip(&weights) {
                prop_assert!(*weight > 0 || *share == 0);
            }
        }
    }
}
