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
    for name in ["empty", "other"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    for name in ["other/a.txt", "other/b.exe"] {
        std::fs::write(folder.path().join(name), "x").unwrap();
    }
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
            Input::Unreadable(_, problem) => problem.replace(&folder.path().display().to_string(), ""),
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
fn names_decide_what_a_folder_gives_and_the_first_bytes_where_they_say_nothing() {
    let folder = folder();
    for (name, bytes) in [
        ("pack/case.zip", &b"?"[..]),
        ("pack/x.json.gz", b"?"),
        ("pack/logs.tgz", b"?"),
        ("pack/beat.ndjson.1", b"?"),
        ("pack/Security", b"ElfFile\0"),
        ("pack/bundle", b"\x1f\x8b\x08\0"),
        ("pack/README", b"{\"a\":1}"),
        ("pack/tool.exe", b"ElfFile\0"),
    ] {
        std::fs::create_dir_all(folder.path().join("pack")).unwrap();
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let expected = ["Security", "beat.ndjson.1", "bundle", "case.zip", "logs.tgz", "x.json.gz"].map(|name| format!("pack/{name}"));
    assert_eq!(names(&folder, &["pack"]).unwrap(), expected);
}

#[cfg(unix)]
#[test]
fn links_are_followed_once_and_what_they_do_not_lead_to_is_said() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    symlink(at("deep"), at("again")).unwrap();
    symlink(at("."), at("deep/round")).unwrap();
    symlink(at("nowhere"), at("gone.evtx")).unwrap();
    symlink(at("nowhere"), at("gone.txt")).unwrap();
    assert_eq!(
        names(&folder, &[""]).unwrap(),
        ["a.EVTX", "again/d.log", "again/er/c.jsonl", "b.evtx", "/gone.evtx is a link to something that is not there"]
    );
    std::fs::remove_file(at("deep/round")).unwrap();
    std::fs::set_permissions(at("deep/er"), std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read_dir(at("deep/er")).is_ok() {
        eprintln!("skipped: whoever runs this may enter every folder");
    } else {
        assert_eq!(
            names(&folder, &["deep"]).unwrap(),
            ["deep/d.log", "/deep/er cannot be looked into: permission denied; open it with more rights"]
        );
    }
    std::fs::set_permissions(at("deep/er"), std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_folder_that_got_something_is_noticed_by_its_time() {
    let folder = folder();
    let mut changes = logonscope::source::folder::Changes::default();
    let found = logonscope::source::look(&[folder.path().to_path_buf()]).unwrap();
    assert_eq!(found.folders.len(), 5);
    assert!(changes.watch(found.folders.clone()), "to be listed again: what came since the list is not noticed");
    assert!(!changes.watch(found.folders));
    assert!(!changes.look());
    std::fs::write(folder.path().join("empty/new.evtx"), "x").unwrap();
    assert!(changes.look());
    assert!(!changes.look());
    // A second file may come within the same tick of a share's clock: one that shows whole seconds is looked at again.
    let at = std::fs::File::open(folder.path().join("empty")).unwrap();
    at.set_modified(std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_800_000_000)).unwrap();
    assert_eq!([(); 5].map(|()| changes.look()), [true, true, true, true, false]);
    std::fs::remove_file(folder.path().join("empty/new.evtx")).unwrap();
    assert!(changes.look());
}

#[test]
fn what_gives_nothing_to_read_is_told_with_what_to_do() {
    let folder = folder();
    for (argument, part) in [
        ("nowhere.evtx", "does not exist"),
        ("empty", "holds no .evtx, .json"),
        ("other", "(2 others)"),
        ("*.nothing", "nothing matches"),
        ("[.evtx", "is no pattern"),
    ] {
        let error = names(&folder, &[argument]).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
}
