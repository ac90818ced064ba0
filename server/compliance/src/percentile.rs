//! Percentiles of what was measured, by nearest rank: always a value that occurred.

/// The smallest value that at least `percent` of a hundred of all values do not exceed; nothing when
/// there are none, or of a percentage that is none.
pub fn percentile(values: &[i64], percent: u32) -> Option<i64> {
    if !(1..=100).contains(&percent) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let percent = usize::try_from(percent).ok()?;
    let rank = sorted.len().checked_mul(percent)?.div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn a_percentile_is_the_value_at_the_nearest_rank() {
        let ten: Vec<i64> = (1..=10).map(|n| n * 10).collect();
        let table: [(&[i64], u32, Option<i64>); 13] = [
            (&[], 50, None),
            (&[7], 1, Some(7)),
            (&[7], 100, Some(7)),
            (&[1, 2], 50, Some(1)),
            (&[1, 2], 51, Some(2)),
            (&[3, 1, 2], 50, Some(2)),
            (&ten, 50, Some(50)),
            (&ten, 90, Some(90)),
            (&ten, 91, Some(100)),
            (&ten, 100, Some(100)),
            (&[5, 5, 5, 9], 75, Some(5)),
            (&ten, 0, None),
            (&ten, 101, None),
        ];
        for (values, percent, expected) in table {
            assert_eq!(percentile(values, percent), expected, "{percent} % of {values:?}");
        }
    }
}
