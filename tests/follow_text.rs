//! Watching text files that are appended to, cut short, renamed, copied, deleted: every byte is given once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use logonscope::source::follow::{FollowText, TextPiece};
use logonscope::source::identity::identity;
use std::fs::OpenOptions;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// What the looks give until one gives nothing.
fn pieces(follow: &mut FollowText) -> Vec<TextPiece> {
    let mut all = Vec::new();
    loop {
        let before = all.len();
        let more = follow.poll(&mut all, &|_| false).unwrap();
        if all.len() == before && !more {
            return all;
        }
    }
}

fn texts(follow: &mut FollowText) -> Vec<(u64, u32, String)> {
    pieces(follow).into_iter().map(|piece| (piece.offset, piece.line, String::from_utf8(piece.bytes).unwrap())).collect()
}

/// All that is new, as one text.
fn text(follow: &mut FollowText) -> String {
    texts(follow).into_iter().map(|(_, _, text)| text).collect()
}

fn append(path: &Path, text: &str) {
    OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

/// Writes over the file in place, as `copytruncate` and `>` do.
fn rewrite(path: &Path, text: &str) {
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(0).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn lines(range: std::ops::Range<u32>) -> String {
    range.map(|number| format!("{{\"time\":\"2026-03-14T09:00:{number:05}\",\"name\":\"ada\",\"type\":\"logon\"}}\n")).collect()
}

struct Place {
    _folder: tempfile::TempDir,
    path: std::path::PathBuf,
}

fn place(text: &str) -> (Place, FollowText) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signins.jsonl");
    std::fs::write(&path, text).unwrap();
    let line = text.lines().count() as u32 + 1;
    let follow = FollowText::after(path.clone(), text.as_bytes(), line);
    (Place { _folder: folder, path }, follow)
}

#[test]
fn appended_text_is_given_once() {
    let (at, mut follow) = place("one\ntwo\n");
    assert!(texts(&mut follow).is_empty());
    append(&at.path, "thr");
    assert_eq!(texts(&mut follow), [(8, 3, "thr".to_owned())]);
    append(&at.path, "ee\nfour\n");
    assert_eq!(texts(&mut follow), [(11, 3, "ee\nfour\n".to_owned())]);
    assert!(texts(&mut follow).is_empty());
}

#[test]
fn text_that_is_cut_short_begins_again_even_if_it_has_grown_past_the_old_place() {
    let (at, mut follow) = place("one\ntwo\n");
    rewrite(&at.path, "a\n");
    assert_eq!(texts(&mut follow), [(0, 1, "a\n".to_owned())]);
    rewrite(&at.path, "b\nlonger than before\n");
    assert_eq!(texts(&mut follow), [(0, 1, "b\nlonger than before\n".to_owned())]);
    // Shrunk and grown again with the same end.
    let (at, mut follow) = place(&lines(0..50));
    let mut other = lines(50..51);
    other.push_str(&lines(1..50));
    rewrite(&at.path, &format!("{other}more\n"));
    assert_eq!(text(&mut follow), format!("{other}more\n"));
}

#[test]
fn a_file_of_the_same_size_with_another_content_is_another_text() {
    for in_place in [true, false] {
        let (at, mut follow) = place(&lines(0..20));
        assert!(texts(&mut follow).is_empty());
        if in_place {
            rewrite(&at.path, &lines(20..40));
        } else {
            let new = at.path.with_extension("new");
            std::fs::write(&new, lines(20..40)).unwrap();
            std::fs::rename(&new, &at.path).unwrap();
        }
        assert_eq!(text(&mut follow), lines(20..40), "in place: {in_place}");
        assert!(texts(&mut follow).is_empty());
    }
}

#[test]
fn replaced_text_is_read_to_its_end_before_the_new_file() {
    let (at, mut follow) = place("one\n");
    let long = "y".repeat(6 << 20);
    append(&at.path, &long);
    std::fs::rename(&at.path, at.path.with_extension("1")).unwrap();
    std::fs::write(&at.path, "new\n").unwrap();
    let pieces = texts(&mut follow);
    assert_eq!(pieces.iter().map(|(_, _, text)| text.len()).sum::<usize>(), long.len() + 4);
    assert_eq!(pieces.last().unwrap(), &(0, 1, "new\n".to_owned()));
}

#[test]
fn a_writer_that_still_writes_to_the_renamed_file_is_heard() {
    let (at, mut follow) = place("one\n");
    let mut old = OpenOptions::new().append(true).open(&at.path).unwrap();
    std::fs::rename(&at.path, at.path.with_extension("1")).unwrap();
    std::fs::write(&at.path, "new\n").unwrap();
    assert_eq!(text(&mut follow), "new\n");
    old.write_all(b"two\n").unwrap();
    append(&at.path, "newer\n");
    let found = pieces(&mut follow);
    let of = |text: &[u8]| found.iter().find(|piece| piece.bytes == text).unwrap();
    assert_eq!((of(b"two\n").offset, of(b"newer\n").offset), (4, 4));
    assert_ne!(of(b"two\n").file, of(b"newer\n").file, "they are two texts");
}

#[test]
fn what_was_written_before_a_copy_was_taken_and_the_file_emptied_is_read_from_the_copy() {
    let (at, mut follow) = place(&lines(0..30));
    append(&at.path, &lines(30..40));
    std::fs::copy(&at.path, at.path.with_extension("1")).unwrap();
    rewrite(&at.path, "");
    assert_eq!(text(&mut follow), lines(30..40));
    append(&at.path, &lines(40..45));
    assert_eq!(text(&mut follow), lines(40..45));
    // Emptied and already filled again between two looks.
    append(&at.path, &lines(45..50));
    std::fs::copy(&at.path, at.path.with_extension("2")).unwrap();
    rewrite(&at.path, &lines(50..80));
    assert_eq!(text(&mut follow), lines(45..80));
}

#[test]
fn a_deleted_file_is_read_to_its_end_and_its_successor_from_the_beginning() {
    let (at, mut follow) = place("one\n");
    append(&at.path, "two\n");
    std::fs::remove_file(&at.path).unwrap();
    assert_eq!(text(&mut follow), "two\n");
    assert_eq!(text(&mut follow), "");
    // The system may give it the number of the deleted one.
    std::fs::write(&at.path, "one\ntwo\nthree\n").unwrap();
    assert_eq!(text(&mut follow), "one\ntwo\nthree\n");
    append(&at.path, "four\n");
    assert_eq!(text(&mut follow), "four\n");
    assert!(follow.files_open() <= 1, "a deleted file does not hold its room on the disk");
}

#[test]
fn a_file_that_is_not_held_open_is_found_again() {
    let (at, mut follow) = place(&lines(0..10));
    follow.let_go();
    append(&at.path, &lines(10..12));
    assert_eq!(text(&mut follow), lines(10..12));
    follow.let_go();
    assert!(texts(&mut follow).is_empty());
    assert_eq!(follow.files_open(), 0, "nothing new, nothing opened");
    // Renamed while nobody held it.
    append(&at.path, &lines(12..14));
    std::fs::rename(&at.path, at.path.with_extension("1")).unwrap();
    std::fs::write(&at.path, lines(14..15)).unwrap();
    assert_eq!(text(&mut follow), lines(12..15));
    // Deleted while nobody held it: what was written last is lost, and that is said.
    append(&at.path, &lines(15..16));
    follow.let_go();
    std::fs::remove_file(&at.path).unwrap();
    std::fs::write(&at.path, lines(16..17)).unwrap();
    let mut found = Vec::new();
    let said = follow.poll(&mut found, &|_| false).unwrap_err();
    assert!(said.to_string().contains("lost"), "{said}");
    follow.poll(&mut found, &|_| false).unwrap();
    assert_eq!(found.iter().flat_map(|piece| piece.bytes.clone()).collect::<Vec<_>>(), lines(16..17).into_bytes());
}

#[test]
fn permission_that_is_lost_and_regained_costs_nothing() {
    let (at, mut follow) = place("one\n");
    let aside = at.path.with_extension("aside");
    // A link to itself cannot be opened by anyone; permissions do not stop the administrator.
    for name_is_blocked in [false, true] {
        follow.let_go();
        append(&at.path, "two\n");
        std::fs::rename(&at.path, &aside).unwrap();
        #[cfg(unix)]
        if name_is_blocked {
            std::os::unix::fs::symlink(&at.path, &at.path).unwrap();
        }
        let mut found = Vec::new();
        let _ = follow.poll(&mut found, &|_| false);
        if name_is_blocked {
            let _ = std::fs::remove_file(&at.path);
        }
        std::fs::rename(&aside, &at.path).unwrap();
        while follow.poll(&mut found, &|_| false).unwrap() {}
        assert_eq!(found.iter().flat_map(|piece| piece.bytes.clone()).collect::<Vec<_>>(), b"two\n");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        follow.let_go();
        append(&at.path, "three\n");
        std::fs::set_permissions(&at.path, std::fs::Permissions::from_mode(0o0)).unwrap();
        let mut found = Vec::new();
        let looked = follow.poll(&mut found, &|_| false);
        // The administrator may read it all the same.
        assert!(looked.is_err() == found.is_empty());
        std::fs::set_permissions(&at.path, std::fs::Permissions::from_mode(0o600)).unwrap();
        follow.poll(&mut found, &|_| false).unwrap();
        assert_eq!(found.iter().flat_map(|piece| piece.bytes.clone()).collect::<Vec<_>>(), b"three\n");
    }
}

#[test]
fn a_file_that_another_follows_is_left_to_it() {
    let (at, mut follow) = place("one\n");
    let other = at.path.with_extension("other");
    std::fs::write(&other, "theirs\n").unwrap();
    let theirs = identity(&std::fs::metadata(&other).unwrap());
    std::fs::rename(&at.path, at.path.with_extension("1")).unwrap();
    std::fs::rename(&other, &at.path).unwrap();
    let mut found = Vec::new();
    follow.poll(&mut found, &|id| id == theirs).unwrap();
    assert!(found.is_empty());
    append(&at.path.with_extension("1"), "two\n");
    follow.poll(&mut found, &|id| id == theirs).unwrap();
    assert_eq!(found[0].bytes, b"two\n");
}

#[test]
fn a_file_that_begins_alike_is_no_copy() {
    let header = "TimeGenerated,Category,ResultType,UserPrincipalName,Id,IPAddress,CreatedDateTime,Type,AppDisplayName,ClientAppUsed,Location,ConditionalAccessStatus,AuthenticationRequirement,CorrelationId,DeviceDetail,Identity,RiskLevelAggregated,RiskState,UniqueTokenIdentifier,UserAgent,UserType\n";
    let (at, mut follow) = place(header);
    let other = at.path.with_extension("csv");
    std::fs::write(&other, format!("{header}a,b,c\n")).unwrap();
    assert!(!follow.adopt(&other), "one line alone may be the header of any table");
    append(&at.path, "d,e,f\n");
    assert_eq!(text(&mut follow), "d,e,f\n");
    assert!(!follow.adopt(&other));
    std::fs::copy(&at.path, &other).unwrap();
    assert!(follow.adopt(&other));
}

#[test]
fn what_replaced_the_file_while_it_was_read_is_no_continuation_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signins.jsonl");
    // Read, then written to and renamed before it is watched.
    std::fs::write(folder.path().join("signins.1"), lines(0..35)).unwrap();
    std::fs::write(&path, lines(35..36)).unwrap();
    let mut follow = FollowText::after(path, lines(0..30).as_bytes(), 31);
    assert_eq!(text(&mut follow), lines(30..36));
}
