//! The known name that is most like one that was written.

/// Changes of one character that make `one` of `other`.
fn changes(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (number, c) in one.chars().enumerate() {
        let mut next = vec![number + 1];
        for ((above, before), d) in row.iter().skip(1).zip(&row).zip(&other) {
            let left = next.last().copied().unwrap_or(0);
            next.push((above + 1).min(left + 1).min(before + usize::from(c != *d)));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

/// ` (did you mean 'failures'?)`, or nothing where no name is near.
pub fn suggestion<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> String {
    let nearest = known.map(|name| (changes(written, name), name)).min();
    match nearest {
        Some((changes, name)) if changes <= (name.len() / 3).max(2) => format!("; did you mean '{name}'?"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_recognised_and_another_is_not() {
        let known = ["failures", "kept", "service_names"];
        let near = |written| suggestion(written, known.into_iter());
        assert_eq!(near("failurs"), "; did you mean 'failures'?");
        assert_eq!(near("service-name"), "; did you mean 'service_names'?");
        assert_eq!(near("colour"), "");
        assert_eq!((changes("", "abc"), changes("abc", "abc"), changes("abc", "acb")), (3, 0, 2));
    }
}
