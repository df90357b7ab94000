//! Windows FILETIME: 100-nanosecond steps since 1601-01-01T00:00Z (MS-DTYP §2.3.3). 0 and the largest number mean "never".

use jiff::Timestamp;

/// Steps of 100 ns between 1601 and 1970.
const TO_1970: i64 = 116_444_736_000_000_000;

/// The moment; `None` for 0, "never" and what lies outside of the calendar.
#[must_use]
pub fn moment(steps: i64) -> Option<Timestamp> {
    if steps <= 0 || steps == i64::MAX {
        return None;
    }
    let since_1970 = i128::from(steps) - i128::from(TO_1970);
    Timestamp::from_nanosecond(since_1970.checked_mul(100)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_from_1601() {
        assert_eq!(moment(TO_1970), Some(Timestamp::UNIX_EPOCH));
        assert_eq!(moment(132_539_328_000_000_000).unwrap().to_string(), "2021-01-01T00:00:00Z");
        assert_eq!((moment(0), moment(i64::MAX)), (None, None));
    }
}
