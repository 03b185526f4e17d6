//! A command line that opens the same inputs once more.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Options that say where the screen begins: a link writes its own.
const BEGINNINGS: [&str; 5] = ["--filter", "--zone", "--open", "--at", "--window"];

/// The command line without the options of `BEGINNINGS`, inputs by their whole path. Nothing where it cannot be repeated: a
/// name is no UTF-8, or an input is standard input.
pub(super) fn again(arguments: &[OsString], inputs: &[PathBuf], folder: Option<&Path>) -> Vec<String> {
    let mut kept = vec!["logonscope".to_owned()];
    let mut rest = arguments.iter().skip(1);
    while let Some(word) = rest.next() {
        let Some(text) = word.to_str().filter(|text| *text != "-") else { return Vec::new() };
        if BEGINNINGS.contains(&text) {
            rest.next();
            continue;
        }
        if BEGINNINGS.iter().any(|option| text.strip_prefix(*option).is_some_and(|value| value.starts_with('='))) {
            continue;
        }
        if text == "--" {
            // What follows are inputs; a link adds options behind them.
            continue;
        }
        let is_input = inputs.iter().any(|input| input.as_os_str() == word.as_os_str());
        let whole = folder.filter(|_| is_input).map(|folder| folder.join(text));
        match whole {
            Some(path) => match path.to_str() {
                Some(path) => kept.push(path.to_owned()),
                None => return Vec::new(),
            },
            None => kept.push(text.to_owned()),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_repeated_without_what_a_link_writes_itself() {
        let repeated = |line: &str| {
            let words: Vec<OsString> = line.split_whitespace().map(Into::into).collect();
            again(&words, &["a.evtx".into(), "/b".into(), "-x".into()], Some(Path::new("/case"))).join(" ")
        };
        for (line, kept) in [
            ("x a.evtx /b --no-history", "logonscope /case/a.evtx /b --no-history"),
            ("x --filter -host:A a.evtx --zone=local --at -2h --window 9:00..9:30 --open events", "logonscope /case/a.evtx"),
            ("x replay --speed 60 a.evtx", "logonscope replay --speed 60 /case/a.evtx"),
            ("x -- -x", "logonscope /case/-x"),
            ("x demo", "logonscope demo"),
            ("x -", ""),
        ] {
            assert_eq!(repeated(line), kept, "{line}");
        }
    }
}
