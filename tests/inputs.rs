//! What is typed as INPUT becomes a list of files, or a sentence that says what to do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::PathBuf;

use logonscope::source::{Input, expand};

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["b.evtx", "a.EVTX", "notes.txt", "deep/er/c.jsonl", "deep/d.log"] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "x").unwrap();
    }
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    folder
}

/// Names below the folder, in order; `-` for standard input.
fn names(folder: &tempfile::TempDir, arguments: &[&str]) -> Result<Vec<String>, String> {
    let arguments: Vec<PathBuf> = arguments
        .iter()
        .map(|argument| match *argument {
            "-" => PathBuf::from("-"),
            argument => folder.path().join(argument),
        })
        .collect();
    let inputs = expand(&arguments).map_err(|error| error.to_string())?;
    Ok(inputs
        .into_iter()
        .map(|input| match input {
            Input::File(path) => path.strip_prefix(folder.path()).unwrap().to_string_lossy().replace('\\', "/"),
            Input::Stdin => "-".to_owned(),
        })
        .collect())
}

#[test]
fn folders_give_their_logs_at_any_depth_and_named_files_are_taken_as_they_are() {
    let folder = folder();
    assert_eq!(names(&folder, &[""]).unwrap(), ["a.EVTX", "b.evtx", "deep/d.log", "deep/er/c.jsonl"]);
    assert_eq!(names(&folder, &["notes.txt"]).unwrap(), ["notes.txt"]);
    assert_eq!(names(&folder, &["-", "b.evtx"]).unwrap(), ["b.evtx", "-"]);
}

#[test]
fn patterns_give_what_they_match_and_nothing_is_given_twice() {
    let folder = folder();
    assert_eq!(names(&folder, &["*.evtx"]).unwrap(), ["b.evtx"]);
    assert_eq!(names(&folder, &["**/*.jsonl"]).unwrap(), ["deep/er/c.jsonl"]);
    assert_eq!(names(&folder, &["deep", "deep/d.log", "deep/../deep/d.log"]).unwrap(), ["deep/../deep/d.log", "deep/er/c.jsonl"]);
}

#[test]
fn what_gives_nothing_to_read_is_told_with_what_to_do() {
    let folder = folder();
    for (argument, part) in
        [("nowhere.evtx", "does not exist"), ("empty", "holds no .evtx"), ("*.nothing", "nothing matches"), ("[.evtx", "is no pattern")]
    {
        let error = names(&folder, &[argument]).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
}
