//! Small tables that ship with the program (`assets/tables/*.csv`): a header line, then one row a line.
//!
//! The files are the program's own, so the reading is plain: comma, no quotes but `"` round a whole last cell.

/// Rows of an embedded table without its header; each row as its cells.
pub fn rows(csv: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    csv.lines().skip(1).filter(|line| !line.trim().is_empty() && !line.starts_with('#')).map(cells)
}

fn cells(line: &'static str) -> Vec<&'static str> {
    match line.split_once(",\"") {
        Some((plain, quoted)) => plain.split(',').map(str::trim).chain([quoted.trim_end().trim_end_matches('"')]).collect(),
        None => line.split(',').map(str::trim).collect(),
    }
}

/// A number written in decimal or as `0x...`.
#[must_use]
pub fn number(cell: &str) -> Option<u64> {
    let cell = cell.trim();
    match cell.strip_prefix("0x").or_else(|| cell.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => cell.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cells_and_the_last_may_hold_commas() {
        let got: Vec<_> = rows("code,class,meaning\n0x6a,guess,wrong password\n# note\n5,\"no, not this\"\n").collect();
        assert_eq!(got, [vec!["0x6a", "guess", "wrong password"], vec!["5", "no, not this"]]);
        assert_eq!([number("0xC000006A"), number("12"), number("x")], [Some(0xC000_006A), Some(12), None]);
    }
}
