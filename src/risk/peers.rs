//! Peer statistics in exact arithmetic (RISK.md §4.2): a shrunk share to find the rare, Wilson's lower bound to trust the common.
//! Asymmetric on purpose: little data must never look safe.

use crate::domain::facts::PeerFacts;
use crate::risk::arithmetic::round_half_up;
use crate::risk::table::Graded;

/// The square of 1.959964, the 97.5 % point of the normal distribution, in millionths.
const Z_SQUARED_PPM: u128 = 3_841_459;

/// Stand-alone points in tenths that a peer share gives: `tenths` where the shrunk share is at `graded.full_at`, none from
/// `graded.nothing_at` on. The share is `(k + m·s0) / (n + m)`.
#[must_use]
pub fn rarity_tenths(peers: &PeerFacts, graded: &Graded, tenths: u16) -> u16 {
    let holders = u64::from(peers.holders.min(peers.peers));
    let count = u64::from(peers.peers) + u64::from(graded.shrink);
    let share = holders * 1_000_000 + u64::from(graded.shrink) * u64::from(peers.organisation_share_ppm.min(1_000_000));
    if count == 0 { 0 } else { graded_tenths(share, count, graded, tenths) }
}

/// Stand-alone points in tenths that a share of `parts / count` parts per million gives.
#[must_use]
pub fn graded_tenths(parts: u64, count: u64, graded: &Graded, tenths: u16) -> u16 {
    let at = |ppm: u32| i128::from(ppm) * i128::from(count);
    let (full, nothing) = (at(graded.full_at), at(graded.nothing_at));
    let (over, width) = (nothing - i128::from(parts), nothing - full);
    // Both negative where more means more points; the quotient is the same.
    let (over, width) = if width < 0 { (-over, -width) } else { (over, width) };
    let over = u128::try_from(over.clamp(0, width)).unwrap_or(0);
    let width = u128::try_from(width).unwrap_or(0);
    u16::try_from(round_half_up(u128::from(tenths) * over, width)).unwrap_or(tenths)
}

/// True where Wilson's 95 % lower bound of `holders / peers` reaches `percent`.
///
/// The interval holds exactly the shares `c` that a score test does not reject, so the bound is at least `c` where
/// `k/n ≥ c` and `(k/n − c)² ≥ z²·c(1−c)/n` (Wilson 1927). Multiplied out there is nothing to round.
#[must_use]
pub fn wilson_at_least(holders: u32, peers: u32, percent: u32) -> bool {
    let (k, n, c) = (u128::from(holders.min(peers)), u128::from(peers), u128::from(percent.min(100)));
    if n == 0 || 100 * k < c * n {
        return false;
    }
    let distance = 100 * k - c * n;
    distance * distance * 1_000_000 >= Z_SQUARED_PPM * c * (100 - c) * n
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RARE: Graded = Graded { full_at: 0, nothing_at: 500_000, shrink: 5 };

    fn facts(holders: u32, peers: u32, ppm: u32) -> PeerFacts {
        PeerFacts { group: "Sales / analyst".to_owned(), holders, peers, organisation_share_ppm: ppm }
    }

    #[test]
    fn nobody_gives_nearly_all_and_half_gives_nothing() {
        assert_eq!(rarity_tenths(&facts(0, 14, 0), &RARE, 480), 480);
        assert_eq!(rarity_tenths(&facts(8, 12, 100_000), &RARE, 480), 0);
        assert_eq!(rarity_tenths(&facts(0, 0, 0), &Graded { shrink: 0, ..RARE }, 480), 0);
    }

    #[test]
    fn more_predicted_denial_gives_more_points() {
        let denial = Graded { full_at: 500_000, nothing_at: 0, shrink: 0 };
        assert_eq!(graded_tenths(0, 1, &denial, 450), 0);
        assert_eq!(graded_tenths(250_000, 1, &denial, 450), 225);
        assert_eq!(graded_tenths(900_000, 1, &denial, 450), 450);
    }

    /// Wilson's formula itself, in floats: good enough away from the border.
    fn wilson(k: u32, n: u32) -> f64 {
        let (k, n, z) = (f64::from(k), f64::from(n), 1.959_963_984_540_054_f64);
        let p = k / n;
        let centre = p + z * z / (2.0 * n);
        let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        (centre - half) / (1.0 + z * z / n)
    }

    proptest! {
        #[test]
        fn the_integer_comparison_is_wilsons(n in 1u32..400, part in 0u32..=100, percent in 1u32..99) {
            let k = n * part / 100;
            let bound = wilson(k, n) * 100.0;
            prop_assume!((bound - f64::from(percent)).abs() > 1e-3);
            prop_assert_eq!(wilson_at_least(k, n, percent), bound > f64::from(percent));
        }

        #[test]
        fn more_holders_never_make_it_rarer(n in 1u32..300, k in 0u32..300, ppm in 0u32..=1_000_000) {
            let k = k % n;
            let (fewer, more) = (rarity_tenths(&facts(k, n, ppm), &RARE, 480), rarity_tenths(&facts(k + 1, n, ppm), &RARE, 480));
            prop_assert!(more <= fewer);
            prop_assert!(fewer <= 480);
        }
    }
}
