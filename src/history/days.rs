//! Counts by day as bytes: for each day, oldest first, its distance to the one before and its count, seven bits a byte.

/// Days since 1970 with the count of each, oldest first.
pub type Counts = Vec<(i64, u32)>;

fn put(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(u8::try_from(number & 0x7f).unwrap_or(0) | 0x80);
        number >>= 7;
    }
    out.push(u8::try_from(number).unwrap_or(0));
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Days before 1970 do not come: logs with such clocks are kept under the first day.
#[must_use]
pub fn write(counts: &[(i64, u32)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(counts.len() * 3);
    let mut last = 0;
    for (day, count) in counts {
        let day = (*day).max(last);
        put(day.abs_diff(last), &mut out);
        put(u64::from(*count), &mut out);
        last = day;
    }
    out
}

/// `None` for bytes that `write` did not make.
#[must_use]
pub fn read(mut bytes: &[u8]) -> Option<Counts> {
    let (mut counts, mut day) = (Counts::new(), 0_i64);
    while !bytes.is_empty() {
        day = day.checked_add(i64::try_from(take(&mut bytes)?).ok()?)?;
        counts.push((day, u32::try_from(take(&mut bytes)?).ok()?));
    }
    Some(counts)
}

/// The larger count of each day stays. Says whether something changed.
pub fn merge(counts: &mut Counts, day: i64, count: u32) -> bool {
    let day = day.max(0);
    match counts.binary_search_by_key(&day, |(day, _)| *day) {
        Ok(place) => match counts.get_mut(place) {
            Some((_, known)) if *known < count => {
                *known = count;
                true
            }
            _ => false,
        },
        Err(place) => {
            counts.insert(place, (day, count));
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_come_back_and_the_larger_one_stays() {
        let mut counts = Counts::new();
        for (day, count) in [(20_000, 3), (19_999, 1), (20_500, 100_000), (20_000, 2), (20_000, 3), (-4, 1)] {
            merge(&mut counts, day, count);
        }
        assert_eq!(counts, [(0, 1), (19_999, 1), (20_000, 3), (20_500, 100_000)]);
        assert_eq!(read(&write(&counts)).as_deref(), Some(counts.as_slice()));
        assert!(!merge(&mut counts, 20_000, 3) && merge(&mut counts, 20_000, 4));
    }

    #[test]
    fn other_bytes_are_no_counts() {
        assert_eq!(read(&[0x80]), None);
        assert_eq!(read(&[1]), None);
        assert_eq!(read(&[0xff; 30]), None);
        assert_eq!(read(&[]), Some(Vec::new()));
    }
}
