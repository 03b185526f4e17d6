use super::*;

fn at(folder: &tempfile::TempDir, name: &str) -> PathBuf {
    folder.path().join(name)
}

fn header(path: &Path, place: usize, bytes: &[u8]) {
    let mut all = std::fs::read(path).unwrap();
    all[place..place + bytes.len()].copy_from_slice(bytes);
    std::fs::write(path, all).unwrap();
}

#[test]
fn a_new_history_is_whole_and_leaves_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = at(&folder, "new folder/history.db");
    assert_eq!(inspect(&path).unwrap(), Found::Nothing);
    assert!(matches!(open_to_read(&path), Err(HistoryError::Absent { .. })) && !path.exists(), "reading makes none");
    open(&path).unwrap().close().unwrap();
    assert_eq!(inspect(&path).unwrap(), Found::History(VERSION));
    let there: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(there, ["history.db"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    open(&path).unwrap();
    open_to_read(&path).unwrap();
    std::fs::write(at(&folder, "empty"), "").unwrap();
    open(&at(&folder, "empty")).unwrap();
}

#[test]
fn a_history_of_version_1_is_brought_up_to_date_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = at(&folder, "old.db");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(&format!("PRAGMA journal_mode = WAL; PRAGMA application_id = {APPLICATION}; {VERSION_1} PRAGMA user_version = 1;"))
        .unwrap();
    old.execute_batch("INSERT INTO names VALUES (7, 'a:corp\\x'); INSERT INTO accounts VALUES (7, 's-1-5-21-1');").unwrap();
    old.close().unwrap();
    assert_eq!(inspect(&path).unwrap(), Found::History(1));
    let read: (String, String) = open_to_read(&path)
        .unwrap()
        .query_row("SELECT sid, class FROM accounts WHERE name = 7", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(read, ("s-1-5-21-1".to_owned(), String::new()));
    assert_eq!(inspect(&path).unwrap(), Found::History(VERSION));
    let connection = open(&path).unwrap();
    connection.execute("UPDATE accounts SET class = 'human' WHERE name = 7", []).unwrap();
}

#[test]
fn what_is_no_history_is_refused_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(at(&folder, "text"), "dear diary\n".repeat(20)).unwrap();
    let other = Connection::open(at(&folder, "other")).unwrap();
    other.execute_batch("CREATE TABLE t (x)").unwrap();
    other.close().unwrap();
    for (name, place, bytes) in [("newer", 60, &[0, 0, 0, 99][..]), ("none", 60, &[0, 0, 0, 0])] {
        open(&at(&folder, name)).unwrap().close().unwrap();
        header(&at(&folder, name), place, bytes);
    }
    open(&at(&folder, "cut")).unwrap().close().unwrap();
    let whole = std::fs::read(at(&folder, "cut")).unwrap();
    std::fs::write(at(&folder, "cut"), &whole[..whole.len() - 4096]).unwrap();
    open(&at(&folder, "rubbish")).unwrap().close().unwrap();
    header(&at(&folder, "rubbish"), 100, &[0x5a; 3000]);
    std::fs::create_dir(at(&folder, "folder")).unwrap();
    for (name, says) in [
        ("text", "it is no database"),
        ("other", "another program made this database"),
        ("newer", "is of version 99, this program knows 2: use a newer logonscope"),
        ("none", "is damaged: its header states no version"),
        ("cut", "is damaged: it is shorter than its header says"),
        ("rubbish", "is damaged: "),
        ("folder", "it is no file"),
    ] {
        let path = at(&folder, name);
        let before = std::fs::read(&path).ok();
        for told in [open(&path).map(drop), open_to_read(&path).map(drop)] {
            let told = told.unwrap_err().to_string();
            assert!(told.contains(says) && told.contains("--no-history") && told.contains(name), "{name}: {told}");
        }
        assert_eq!(std::fs::read(&path).ok(), before, "{name}");
        assert!(!beside(&path, "-wal").exists(), "{name}");
    }
}

#[test]
fn a_history_that_is_held_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = at(&folder, "held.db");
    let one = open(&path).unwrap();
    one.execute_batch("BEGIN IMMEDIATE").unwrap();
    let other = open(&path).unwrap();
    other.busy_timeout(Duration::ZERO).unwrap();
    let error = HistoryError::of(&path, &other.execute_batch("BEGIN IMMEDIATE").unwrap_err());
    assert!(error.to_string().contains("another program holds the history"), "{error}");
    let names: u32 = open_to_read(&path).unwrap().query_row("SELECT count(*) FROM names", [], |row| row.get(0)).unwrap();
    assert_eq!(names, 0, "readers do not wait");
}
