//! Names in the file: a letter for what it is, and the text. The same text is one row, however often it is used.

use crate::detect::baseline::Dimension;
use crate::detect::baseline::past::Named;
use crate::model::logon_type::LogonType;

/// Between the two parts of a value of two texts.
const PARTS: char = '\u{1f}';

#[must_use]
pub fn account(name: &str) -> String {
    format!("a:{name}")
}

#[must_use]
pub fn host(name: &str) -> String {
    format!("h:{name}")
}

#[must_use]
pub fn source(name: &str) -> String {
    format!("s:{name}")
}

/// What a dimension is called in the file.
#[must_use]
pub fn dimension(dimension: Dimension) -> String {
    format!("d:{dimension:?}")
}

/// The text behind the letter.
#[must_use]
pub fn text(name: &str) -> &str {
    name.get(2..).unwrap_or_default()
}

#[must_use]
pub fn write(value: &Named) -> String {
    match value {
        Named::Account(name) => account(name),
        Named::Host(name) => host(name),
        Named::Source(name) => source(name),
        Named::Text(text) => format!("t:{text}"),
        Named::Texts(one, other) => format!("p:{one}{PARTS}{other}"),
        Named::Number(number) => format!("n:{number}"),
        Named::LogonType(logon_type) => format!("l:{}", logon_type.number().map_or_else(String::new, |number| number.to_string())),
        Named::Subnet(subnet) => format!("u:{subnet:x}"),
        Named::Cell(north, east) => format!("g:{north},{east}"),
    }
}

/// `None` for names that are no value: dimensions, words, and what a newer version writes.
#[must_use]
pub fn read(name: &str) -> Option<Named> {
    let (letter, text) = name.split_once(':')?;
    Some(match letter {
        "a" => Named::Account(text.to_owned()),
        "h" => Named::Host(text.to_owned()),
        "s" => Named::Source(text.to_owned()),
        "t" => Named::Text(text.to_owned()),
        "p" => text.split_once(PARTS).map(|(one, other)| Named::Texts(one.to_owned(), other.to_owned()))?,
        "n" => Named::Number(text.parse().ok()?),
        "l" if text.is_empty() => Named::LogonType(LogonType::None),
        "l" => Named::LogonType(LogonType::from_number(text.parse().ok()?)),
        "g" => {
            let (north, east) = text.split_once(',')?;
            Named::Cell(north.parse().ok()?, east.parse().ok()?)
        }
        "u" => Named::Subnet(u64::from_str_radix(text, 16).ok()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_read_as_it_was_written() {
        for value in [
            Named::Account("corp\\x:y".into()),
            Named::Host("fs01.corp.example".into()),
            Named::Source("fe80::1".into()),
            Named::Text(String::new()),
            Named::Texts("Windows 11".into(), String::new()),
            Named::Number(64_500),
            Named::LogonType(LogonType::RemoteInteractive),
            Named::LogonType(LogonType::None),
            Named::Subnet(u64::MAX),
            Named::Cell(-37, 145),
        ] {
            assert_eq!(read(&write(&value)), Some(value));
        }
        assert_eq!((read("d:Host"), read("n:x"), read("")), (None, None, None));
    }

    #[test]
    fn dimensions_have_names_of_their_own() {
        let mut names: Vec<String> = Dimension::ALL.into_iter().map(dimension).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Dimension::COUNT);
    }
}
