//! Containers become the logs in them, whatever they are called, however deep; what cannot be unpacked is said and costs
//! nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support {
    pub mod digest;
    pub mod packed;
}

use logonscope::engine::load::Opened;
use logonscope::engine::opener::Opener;
use logonscope::source::archive::{DEPTH, Member, Unpacker, Unpacking};
use logonscope::source::file::{Mapped, Part};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use support::digest;
use support::packed::{deflated, gz, gz_small, stored, tar, tar_member, zip, zip_streamed, zip_with, zst};
use zip::unstable::write::FileOptionsExt as _;

const EVTX: &[u8] = b"ElfFile\0rest";
const JSON: &[u8] = b"{\"a\":1}\n";

struct Found(Vec<Member>, u64);

impl Found {
    fn names(&self) -> Vec<String> {
        self.0.iter().filter(|member| !member.part.bytes().is_empty()).map(|member| member.path.display().to_string()).collect()
    }
    fn problems(&self) -> Vec<&str> {
        self.0.iter().filter_map(|member| member.problem.as_deref()).collect()
    }
    fn bytes(&self, name: &str) -> &[u8] {
        self.0.iter().find(|member| member.path == Path::new(name)).unwrap_or_else(|| panic!("{name} in {:?}", self.names())).part.bytes()
    }
    fn no_problems(self) -> Self {
        assert!(self.problems().is_empty(), "{:?}", self.problems());
        self
    }
}

fn unpack_with(unpacking: Unpacking, name: &str, bytes: Vec<u8>) -> Found {
    let mut members = Vec::new();
    let left = Unpacker::new(unpacking).unpack(Path::new(name), &Part::of(Mapped::Read(bytes)), &mut |member| members.push(member));
    Found(members, left)
}

fn unpack(name: &str, bytes: Vec<u8>) -> Found {
    unpack_with(Unpacking::default(), name, bytes)
}

/// Bytes that do not pack, the same every time.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// The one problem of a container.
#[track_caller]
fn one_problem(found: &Found) -> &str {
    let [problem] = found.problems()[..] else { panic!("{:?}", found.problems()) };
    problem
}

#[test]
fn a_compressed_log_is_called_as_its_file() {
    let big = noise(3 << 20);
    for (name, packed) in [("a.json.gz", gz(&big)), ("a.json.zst", zst(&big)), ("called.anything", gz(&big))] {
        let found = unpack(name, packed).no_problems();
        assert_eq!(found.names(), [name]);
        assert!(found.bytes(name) == big, "{name}");
    }
}

#[test]
fn streams_of_many_parts_are_read_to_their_end() {
    let parts = |pack: fn(&[u8]) -> Vec<u8>| [pack(b"one\n"), pack(b""), pack(b"two\n")].concat();
    assert_eq!(unpack("x", parts(gz)).no_problems().bytes("x"), b"one\ntwo\n");
    assert_eq!(unpack("x", parts(zst)).no_problems().bytes("x"), b"one\ntwo\n");
    let skipped = [&b"\x50\x2a\x4d\x18\x03\0\0\0abc"[..], &zst(b"one\n")].concat();
    assert_eq!(unpack("x", skipped).no_problems().bytes("x"), b"one\n");
    let padded = [gz(b"one\n"), vec![0; 700]].concat();
    assert_eq!(unpack("x", padded).no_problems().bytes("x"), b"one\n");
}

#[test]
fn damage_of_a_stream_is_said_and_what_came_before_is_read() {
    let text = noise(300_000);
    let mut garbage = gz(b"one\n");
    garbage.extend_from_slice(b"this is no gzip");
    for (packed, says, least) in [
        (garbage.clone(), "not compressed follow", 4),
        ([zst(b"one\n"), b"and more".to_vec()].concat(), "not compressed follow", 4),
        (gz(&text)[..200_000].to_vec(), "is cut", 100_000),
        (zst(&text)[..200_000].to_vec(), "is cut", 100_000),
    ] {
        let found = unpack("x.gz", packed);
        assert!(one_problem(&found).contains(says), "{:?}", found.problems());
        assert!(found.bytes("x.gz").len() >= least, "{says}: {}", found.bytes("x.gz").len());
    }
    let mut wrong = gz(b"one\n");
    let sum = wrong.len() - 8;
    wrong[sum] ^= 1;
    let found = unpack("x.gz", wrong);
    assert!(one_problem(&found).contains("damaged"));
    assert_eq!(found.bytes("x.gz"), b"one\n");
}

#[test]
fn logs_are_found_in_containers_in_containers() {
    let inner = tar(&[("deep/b.json", JSON), ("deep/c.evtx.gz", &gz(EVTX)), ("deep/readme.txt", b"no log")]);
    let outer =
        zip(&[("Logs/Security.evtx", EVTX), ("in/inner.tgz", &gz(&inner)), ("in/i.zip", &zip(&[("d.csv", b"a,b,c\n")])), ("x.doc", b"?")]);
    let expected =
        ["t.zip/Logs/Security.evtx", "t.zip/in/inner.tgz/deep/b.json", "t.zip/in/inner.tgz/deep/c.evtx.gz", "t.zip/in/i.zip/d.csv"];
    let found = unpack("t.zip", outer.clone()).no_problems();
    assert_eq!((found.names(), found.1), (expected.map(str::to_owned).to_vec(), 2));
    assert_eq!(found.bytes("t.zip/in/inner.tgz/deep/c.evtx.gz"), EVTX);
    // The same by way of a stream, where nothing can be looked up.
    let found = unpack("t.zip", gz(&outer)).no_problems();
    assert_eq!(found.names(), expected);
    let found = unpack("t.tar", tar(&[("x/t.zip", &outer)])).no_problems();
    assert_eq!(found.names().len(), 4);
    assert_eq!(found.bytes("t.tar/x/t.zip/in/i.zip/d.csv"), b"a,b,c\n");
}

#[test]
fn members_are_known_by_name_or_by_their_first_bytes() {
    let members: &[(&str, &[u8])] = &[
        ("Security", EVTX),
        ("data", JSON),
        ("old/Security.evtx.1", EVTX),
        ("pack", &gz(JSON)),
        ("picture.evtx.png", EVTX),
        ("._a.evtx", b"x"),
    ];
    for packed in [zip(members), tar(members), zip_with(stored(), members), zst(&tar(members))] {
        let found = unpack("a", packed).no_problems();
        assert_eq!((found.names(), found.1), (["a/Security", "a/old/Security.evtx.1", "a/pack"].map(str::to_owned).to_vec(), 3));
    }
}

#[test]
fn names_of_members_never_leave_their_archive_and_are_never_the_same() {
    let file = tar::EntryType::Regular;
    let packed = [
        tar_member(b"/etc/a.json", file, JSON),
        tar_member(b"../../b.json", file, JSON),
        tar_member(b"C:\\logs\\c.json", file, JSON),
        tar_member(b"d\x1b]0;x\x07.json", file, JSON),
        tar_member(b"Gl\xfcck.json", file, JSON),
        tar_member(b"a/../a.json", file, JSON),
        tar_member(b"a/a.json", file, EVTX),
        tar_member(b"link.json", tar::EntryType::Symlink, b""),
        tar_member(b"hard.json", tar::EntryType::Link, b""),
        tar_member(b"folder.json/", tar::EntryType::Directory, b""),
        vec![0; 1024],
    ]
    .concat();
    let found = unpack("x.tar", packed).no_problems();
    assert_eq!(
        found.names(),
        [
            "x.tar/etc/a.json",
            "x.tar/b.json",
            "x.tar/logs/c.json",
            "x.tar/d^[]0;x^G.json",
            "x.tar/Glⁿck.json",
            "x.tar/a/a.json",
            "x.tar/a/a.json#2"
        ]
    );
    assert_eq!(found.bytes("x.tar/a/a.json#2"), EVTX);
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    std::io::Write::write_all(&mut writer.start_file("../up.json", deflated()).map(|()| &mut writer).unwrap(), JSON).unwrap();
    writer.add_symlink("link.json", "/etc/passwd", deflated()).unwrap();
    writer.add_directory("logs.json", deflated()).unwrap();
    let found = unpack("x.zip", writer.finish().unwrap().into_inner()).no_problems();
    assert_eq!(found.names(), ["x.zip/up.json"]);
}

#[test]
fn long_names_of_every_kind_of_tar_are_whole() {
    let long = format!("{}/Security.json", "folder/".repeat(40));
    let shown = format!("x.tar/{}Security.json", "folder/".repeat(40));
    assert_eq!(unpack("x.tar", tar(&[(&long, JSON)])).no_problems().names(), [shown.as_str()]);
    let mut writer = tar::Builder::new(Vec::new());
    writer.append_pax_extensions([("path", long.as_bytes()), ("size", b"8")]).unwrap();
    let mut packed = writer.into_inner().unwrap();
    packed.truncate(packed.len() - 1024);
    packed.extend(tar_member(b"short", tar::EntryType::Regular, JSON));
    assert_eq!(unpack("x.tar", packed).no_problems().names(), [shown.as_str()]);
}

#[test]
fn zips_are_read_without_their_directory_and_with_sizes_behind_the_data() {
    let big = noise(200_000);
    let members: &[(&str, &[u8])] = &[("a.json", JSON), ("b.json", &big), ("c.evtx", EVTX)];
    for packed in [zip(members), zip_streamed(members), zip_with(stored(), members)] {
        let found = unpack("x.zip", packed.clone()).no_problems();
        assert!(found.bytes("x.zip/b.json") == big);
        // Something stands before it, as in archives that unpack themselves.
        let found = unpack("x.zip", [b"PK\x03\x04 stub".to_vec(), packed.clone()].concat()).no_problems();
        assert_eq!(found.names().len(), 3);
        // The directory is gone.
        let directory = packed.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        let found = unpack("x.zip", packed[..directory].to_vec());
        assert_eq!(found.names(), ["x.zip/a.json", "x.zip/b.json", "x.zip/c.evtx"]);
        assert!(found.bytes("x.zip/b.json") == big && found.bytes("x.zip/c.evtx") == EVTX);
        assert!(one_problem(&found).contains("its directory is missing"));
        // Half of it is gone.
        let found = unpack("x.zip", packed[..100_000].to_vec());
        assert_eq!(found.bytes("x.zip/a.json"), JSON);
        assert!(found.bytes("x.zip/b.json").len() > 50_000 && big.starts_with(found.bytes("x.zip/b.json")));
        assert!(found.problems().iter().any(|problem| problem.contains("x.zip/b.json is cut")), "{:?}", found.problems());
    }
}

#[test]
fn what_a_zip_cannot_give_is_said_for_that_member_alone() {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, options) in [("locked.evtx", deflated().with_deprecated_encryption(b"secret").unwrap()), ("plain.evtx", deflated())] {
        writer.start_file(name, options).unwrap();
        std::io::Write::write_all(&mut writer, EVTX).unwrap();
    }
    let found = unpack("x.zip", writer.finish().unwrap().into_inner());
    assert_eq!(found.names(), ["x.zip/plain.evtx"]);
    assert!(one_problem(&found).contains("x.zip/locked.evtx is encrypted"));

    // A method nobody knows, in both headers.
    let mut packed = zip_with(stored(), &[("a.json", JSON), ("b.json", JSON)]);
    packed[8] = 12;
    let central = packed.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    packed[central + 10] = 12;
    let found = unpack("x.zip", packed);
    assert_eq!(found.names(), ["x.zip/b.json"]);
    assert!(one_problem(&found).contains("packed with bzip2"));

    for options in [stored(), deflated()] {
        let mut packed = zip_with(options, &[("a.json", JSON), ("b.json", JSON)]);
        let central = packed.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        packed[central + 16] ^= 1;
        let found = unpack("x.zip", packed);
        assert_eq!(found.names(), ["x.zip/a.json", "x.zip/b.json"]);
        assert!(one_problem(&found).contains("x.zip/a.json is damaged: its checksum"));
    }
}

#[test]
fn a_cut_or_damaged_tar_gives_what_is_whole() {
    let big = noise(100_000);
    let packed = tar(&[("a.json", JSON), ("b.json", &big), ("c.json", JSON)]);
    for packed in [packed[..50_000].to_vec(), gz(&packed[..50_000]), gz(&packed)[..50_000].to_vec()] {
        let found = unpack("x.tar", packed);
        assert_eq!(found.names(), ["x.tar/a.json", "x.tar/b.json"]);
        assert!(found.bytes("x.tar/b.json").len() > 20_000 && big.starts_with(found.bytes("x.tar/b.json")));
        assert!(one_problem(&found).starts_with("x.tar/b.json is cut"));
    }
    let mut damaged = packed;
    damaged[1024 + 5] ^= 0xff;
    let found = unpack("x.tar", damaged);
    assert_eq!(found.names(), ["x.tar/a.json", "x.tar/c.json"]);
    assert!(one_problem(&found).contains("damaged in 1 places"));
}

#[test]
fn bombs_stop_at_a_limit_that_is_said() {
    // 10 GiB in 10 MiB.
    let zeros = gz_small(&vec![0; 16 << 20]).repeat(640);
    let found = unpack("bomb.gz", zeros.clone());
    assert!(one_problem(&found).contains("more than 200 times its size"), "{:?}", found.problems());
    assert!((256 << 20..260 << 20).contains(&found.bytes("bomb.gz").len()), "{}", found.bytes("bomb.gz").len());

    let limited = |bytes| Unpacking { limit: Some(bytes), ..Unpacking::default() };
    let inner = zip(&[("a.json", &[0; 20 << 20])]);
    let packed = zip(&[("first.json", JSON), ("1.zip", &inner), ("2.zip", &inner), ("3.zip", &inner)]);
    let found = unpack_with(limited(30 << 20), "bomb.zip", packed);
    assert_eq!(found.names(), ["bomb.zip/first.json", "bomb.zip/1.zip/a.json", "bomb.zip/2.zip/a.json"]);
    assert!(one_problem(&found).contains("the limit for unpacked bytes is reached (30 MiB): raise it with --unpack-limit"));
    // The same in a compressed tar: the limit ends it, what is before it is read.
    let packed = gz(&tar(&[("a.json", JSON), ("b.json", &[0; 20 << 20]), ("c.json", JSON)]));
    let found = unpack_with(limited(8 << 20), "bomb.tgz", packed);
    assert_eq!(found.names(), ["bomb.tgz/a.json", "bomb.tgz/b.json"]);
    assert!(one_problem(&found).contains("(8 MiB)"));
    // Whoever names a limit may have dense logs.
    let found = unpack_with(limited(1 << 30), "dense.gz", zeros[..zeros.len() / 32].to_vec()).no_problems();
    assert_eq!(found.bytes("dense.gz").len(), 320 << 20);
}

#[test]
fn containers_are_opened_to_a_depth_that_is_said() {
    let nest = |levels: u32| (0..levels).fold(gz(JSON), |packed, _| zip(&[("n.zip", &packed)]));
    assert_eq!(unpack("x", nest(DEPTH - 1)).no_problems().names().len(), 1);
    let found = unpack("x", nest(DEPTH));
    assert!(one_problem(&found).contains(&format!("more than {DEPTH} containers deep")), "{:?}", found.problems());
}

#[test]
fn what_is_known_but_not_unpacked_is_named() {
    for (bytes, says) in [
        (&b"7z\xbc\xaf\x27\x1c\0\0"[..], "7z archive"),
        (b"Rar!\x1a\x07\x01\0", "RAR archive"),
        (b"\xfd7zXZ\0\0", "xz"),
        (b"BZh91AY&SY", "bzip2"),
    ] {
        let found = unpack("x.evtx", bytes.to_vec());
        assert!(one_problem(&found).contains(says) && one_problem(&found).contains("unpack it first"), "{:?}", found.problems());
    }
    let found = unpack("x.zip", zip(&[("a.txt", b"a"), ("b.exe", b"b")]));
    assert!(one_problem(&found).contains("holds no logs (2 other members)"));
}

#[test]
fn a_folder_that_takes_nothing_is_said_with_what_to_do() {
    let unpacking = Unpacking { folder: Some("/nowhere/at/all".into()), limit: None };
    let packed = tar(&[("big.json", &noise(3 << 20)), ("small.json", JSON)]);
    let found = unpack_with(unpacking.clone(), "x.tgz", gz(&packed));
    assert!(one_problem(&found).contains("cannot be unpacked into /nowhere/at/all") && one_problem(&found).contains("--temp"));
    // What stands in a tar as it is needs no room.
    assert_eq!(unpack_with(unpacking, "x.tar", packed).no_problems().names().len(), 2);
}

#[test]
fn many_members_lie_in_one_file_without_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let members: Vec<(String, Vec<u8>)> =
        (0..60_u8).map(|number| (format!("{number}.json"), vec![number; 1_000_000 + usize::from(number)])).collect();
    let list: Vec<(&str, &[u8])> = members.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let unpacking = Unpacking { folder: Some(folder.path().to_path_buf()), limit: None };
    let found = unpack_with(unpacking, "x.zip", zip(&list)).no_problems();
    for (name, bytes) in &members {
        assert!(found.bytes(&format!("x.zip/{name}")) == bytes, "{name}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn damaged_containers_never_end_the_run() {
    let members: &[(&str, &[u8])] = &[("a.json", JSON), ("b.evtx", EVTX), ("c.json.gz", &gz(JSON)), ("d.json.zst", &zst(JSON))];
    for packed in [zip(members), zip_with(stored(), members), tar(members), gz(&tar(members)), zst(&tar(members)), zip_streamed(members)] {
        let noise = noise(4 * packed.len());
        for turn in 0..300 {
            let mut damaged = packed.clone();
            for hit in noise.iter().skip(turn * 5).take(3).zip(noise.iter().skip(turn * 7 + 3)).enumerate() {
                let (number, (one, other)) = hit;
                let at = (usize::from(*one) * 251 + usize::from(*other) * 17 + turn * 31 + number) % damaged.len();
                damaged[at] ^= one.wrapping_add(1) | 1;
            }
            damaged.truncate(damaged.len() - turn % 40);
            let found = unpack("x", damaged);
            assert!(!found.problems().iter().any(|problem| problem.contains("defect")), "{:?}", found.problems());
        }
    }
}

const RECORDING: &[u8] = include_bytes!("../assets/demo/windows.jsonl");

fn opened(path: &Path) -> Vec<Opened> {
    let mut list = Vec::new();
    Opener::new(Unpacking::default()).file(path.to_path_buf(), &mut list);
    list
}

#[test]
fn a_packed_recording_gives_the_same_sessions_as_the_plain_one() {
    let folder = tempfile::tempdir().unwrap();
    let sessions = |files: &[(&str, &[u8])]| {
        let paths = files.iter().map(|(name, bytes)| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        });
        let inputs: Vec<Opened> = paths.flat_map(|path| opened(&path)).collect();
        digest::of(&digest::at_once(&inputs))
    };
    let half = RECORDING.len() / 2 + memchr::memchr(b'\n', &RECORDING[RECORDING.len() / 2..]).unwrap() + 1;
    let halves: &[(&str, &[u8])] = &[("a.jsonl", &RECORDING[..half]), ("b.jsonl", &RECORDING[half..])];
    let (whole, in_halves) = (sessions(&[("plain.jsonl", RECORDING)]), sessions(halves));
    assert!(whole.lines().count() > 20 && in_halves.lines().count() > 20);
    for (name, packed, expected) in [
        ("x.gz", gz(RECORDING), &whole),
        ("x.zst", zst(RECORDING), &whole),
        ("x.zip", zip(halves), &in_halves),
        ("x.tgz", gz(&tar(halves)), &in_halves),
        ("x.tar", tar(halves), &in_halves),
    ] {
        assert!(sessions(&[(name, &packed)]) == *expected, "{name}");
    }
}

/// What `logonscope report` prints and says for these arguments and this standard input.
fn report(arguments: &[&str], stdin: &[u8]) -> (String, String, Option<i32>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_logonscope"))
        .arg("report")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

#[test]
fn standard_input_may_be_packed() {
    let arguments = ["-", "--what", "sessions", "--format", "jsonl"];
    let (expected, said, status) = report(&arguments, RECORDING);
    assert!(expected.lines().count() > 20 && said.is_empty() && status == Some(0), "{said}");
    for packed in [gz(RECORDING), zst(RECORDING), zip(&[("a.jsonl", RECORDING)]), gz(&tar(&[("a.jsonl", RECORDING)]))] {
        assert_eq!(report(&arguments, &packed), (expected.clone(), String::new(), Some(0)));
    }
    assert!(report(&arguments, b" \n").1.contains("standard input is empty"));
    assert!(report(&arguments, &gz(b"")).1.contains("standard input is empty"));
    let (cut, said, status) = report(&arguments, &gz(RECORDING)[..20_000]);
    assert!(cut.lines().count() > 1 && said.contains("- is cut: its end is missing") && status == Some(0), "{said}");
}

#[test]
fn what_was_not_read_is_said_beside_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.zip");
    std::fs::write(&path, zip(&[("logs/a.jsonl", RECORDING), ("x.7z.log", b"7z\xbc\xaf\x27\x1c\0\0")])).unwrap();
    let (table, said, status) = report(&[path.to_str().unwrap(), "--what", "summary", "--format", "jsonl"], b"");
    assert!(table.contains("case.zip/logs/a.jsonl") && status == Some(0), "{table}");
    assert!(said.contains("case.zip/x.7z.log is a 7z archive: unpack it first"), "{said}");
}
