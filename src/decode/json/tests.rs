use super::*;
use crate::model::fields::{Family, Field, Fields};
use crate::model::shape::{Rule, Shape, Slot};
use proptest::prelude::*;

static SAMPLE: Shape = Shape {
    name: "sample",
    about: "a test",
    note: "",
    family: Family::Windows,
    rule: Rule { all: &["id"], any: &[], none: &["no"], any_ending: &[] },
    tables: &[(
        "",
        &[("id", Slot::EventId), ("at", Slot::Time(1)), ("later", Slot::Time(2)), ("data", Slot::EventData), ("more", Slot::UserData)],
    )],
};
static OTHER: Shape = Shape {
    name: "other",
    about: "a test",
    note: "",
    family: Family::Windows,
    rule: Rule { all: &["wrapped/code"], any: &[], none: &[], any_ending: &[] },
    tables: &[("wrapped/", &[("code", Slot::EventId), ("list", Slot::Positions)])],
};
static SHAPES: Shapes = &[&SAMPLE, &OTHER];

#[derive(Default)]
struct Seen(Vec<String>);

impl RecordSink for Seen {
    fn record(&mut self, fields: &Fields<'_>) {
        let user = fields.text(Field::TargetUserName);
        self.0.push(format!("{} {} line {} at {} {user}", fields.shape, fields.event_id, fields.line, fields.offset).trim_end().to_owned());
    }
    fn unreadable(&mut self, what: Unreadable) {
        self.0.push(format!("bad line {} at {}: {}", what.line, what.offset, what.reason));
    }
    fn unknown(&mut self, offset: u64, line: u32, reason: &str) {
        self.0.push(format!("unknown line {line} at {offset}: {reason}"));
    }
}

fn read_in_blocks(bytes: &[u8], block: usize) -> Vec<String> {
    let mut seen = Seen::default();
    let mut decoder = Decoder::new(SHAPES);
    let (mut from, mut to, mut line) = (0, 0, 1);
    loop {
        to = bytes.len().min(to + block);
        let last = to == bytes.len();
        let taken = decoder.feed(&bytes[from..to], from as u64, line, last, &mut seen);
        assert!(taken <= to - from);
        let newlines = bytes[from..from + taken].iter().filter(|byte| **byte == b'\n').count();
        line += u32::try_from(newlines).unwrap();
        from += taken;
        if last {
            assert_eq!(from, bytes.len());
            return seen.0;
        }
    }
}

fn read(text: &str) -> Vec<String> {
    let whole = read_in_blocks(text.as_bytes(), usize::MAX / 2);
    for block in [1, 5, 17] {
        assert_eq!(read_in_blocks(text.as_bytes(), block), whole, "in blocks of {block}: {text}");
    }
    whole
}

#[test]
fn records_are_found_in_every_layout() {
    let two = ["sample 1 line 1 at 0", "sample 2 line 2 at 9"];
    assert_eq!(read("{\"id\":1}\n{\"id\":2}\n"), two);
    assert_eq!(read("{\"id\":1}\n{\"id\":2}"), two);
    assert_eq!(read("{\"id\":1}{\"id\":2}"), ["sample 1 line 1 at 0", "sample 2 line 1 at 8"]);
    assert_eq!(read("\u{feff}[\n{\"id\":1},\n {\"id\":\"2\"}\n]\n"), ["sample 1 line 2 at 5", "sample 2 line 3 at 16"]);
    assert_eq!(
        read("{\"next\":null,\"value\":[{\"id\":1},{\"id\":2}],\"count\":{\"a\":[2]}}"),
        ["sample 1 line 1 at 22", "sample 2 line 1 at 31"]
    );
    assert_eq!(read("{\"records\":[{\"id\":1}]}\n{\"records\":[]}\n{\"id\":2}\n"), ["sample 1 line 1 at 12", "sample 2 line 3 at 38"]);
    assert_eq!(read("{\"id\":1}\n{\"records\":[{\"id\":2}]}\n{\"id\":3}\n").len(), 3);
    assert_eq!(read("{\"hits\":{\"total\":1,\"hits\":[{\"_source\":{\"id\":7}}]}}"), ["sample 7 line 1 at 27"]);
    assert_eq!(read("{\"preview\":false,\"result\":{\"id\":8}}\n"), ["sample 8 line 1 at 0"]);
    assert_eq!(read("Record 1\n{\n \"id\": 1\n}\nRecord 2\n{\n \"id\": 2\n}\n"), ["sample 1 line 2 at 9", "sample 2 line 6 at 31"]);
    assert_eq!(read("tag: [1.5, {\"id\":1}]\ntag: [1.6, {\"id\":2}]\n"), ["sample 1 line 1 at 11", "sample 2 line 2 at 32"]);
    assert_eq!(read(" \n\n"), Vec::<String>::new());
    assert_eq!(read("[]"), Vec::<String>::new());
}

#[test]
fn utf16_is_read_with_places_of_the_input() {
    let text = "[{\"id\":1,\"data\":{\"TargetUserName\":\"j\u{f6}rg \u{1f600}\"}},\r\n{\"id\":2}]";
    for big in [false, true] {
        let units = std::iter::once('\u{feff}').chain(text.chars()).collect::<String>();
        let bytes: Vec<u8> = units.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect();
        let second = 2 + text.split_once('\n').unwrap().0.encode_utf16().count() * 2 + 2;
        let expected = ["sample 1 line 1 at 4 j\u{f6}rg \u{1f600}".to_owned(), format!("sample 2 line 2 at {second}")];
        for block in [1, 3, 4, 31, 1_000] {
            assert_eq!(read_in_blocks(&bytes, block), expected, "blocks of {block}");
        }
        let raw = raw_record(&bytes[second..]).unwrap();
        assert_eq!(raw.fields, [("id".to_owned(), "2".to_owned())]);
    }
}

#[test]
fn a_broken_record_is_named_with_its_place_and_the_next_one_is_read() {
    let cases = [
        ("{\"id\":1,\"a\":\"cut\n{\"id\":2}\n", "bad line 1 at 0: column 17: no valid JSON, expected a closing quote before the line ends"),
        ("{\"id\":1,\n{\"id\":2}\n", "bad line 2 at 0: column 1: no valid JSON, expected a key in quotes"),
        ("{\"id\":1,}\n{\"id\":2}\n", "bad line 1 at 0: column 9: no valid JSON, expected a key in quotes (there is a comma before `}`)"),
        ("{\"id\":1,\"a\":[1 2]}\n{\"id\":2}\n", "bad line 1 at 0: column 16: no valid JSON, expected `,` or `]`"),
        ("{\"id\":0x1}\n{\"id\":2}\n", "bad line 1 at 0: column 7: no valid JSON, expected a value"),
        ("not json\n{\"id\":2}\n", "bad line 1 at 0: no JSON object in this line"),
        ("[{\"id\":1,},{\"id\":2}]", "bad line 1 at 1: column 10: no valid JSON, expected a key in quotes (there is a comma before `}`)"),
        // Whatever walks there says the same.
        (
            "{\"x\":{\"a\":1,},\"id\":1}\n{\"id\":2}\n",
            "bad line 1 at 0: column 13: no valid JSON, expected a key in quotes (there is a comma before `}`)",
        ),
        ("{\"x\":[1,],\"id\":1}\n{\"id\":2}\n", "bad line 1 at 0: column 9: no valid JSON, expected a value (there is a comma before `]`)"),
        ("[\n  {\n   \"id\":1,\n   \"a\":{\n}}},\n  {\n    \"id\":2\n  }\n]", "bad line 5"),
    ];
    for (text, reason) in cases {
        let seen = read(text);
        assert!(seen.iter().any(|line| line.starts_with("sample 2")), "{text}: {seen:?}");
        assert!(seen[0].starts_with(reason) || reason == "bad line 5", "{text}: {seen:?}");
    }
    assert_eq!(read("{\"id\":1}\n{\"id\":2"), ["sample 1 line 1 at 0", "bad line 2 at 9: cut off: the input ends inside this record"]);
}

#[test]
fn text_that_is_no_utf8_spoils_its_own_record_only() {
    let bytes = b"{\"id\":1,\"a\":\"\xff\"}\n{\"id\":2}\n";
    let expected = ["bad line 1 at 0: column 14: not valid UTF-8", "sample 2 line 2 at 17"];
    assert_eq!(read_in_blocks(bytes, 1_000), expected);
    assert_eq!(read_in_blocks(bytes, 3), expected);
}

#[test]
fn shapes_may_change_from_record_to_record() {
    let text = "{\"id\":1}\n{\"wrapped\":{\"code\":4634,\"list\":[\"S-1-5-7\",{\"Value\":\"eve\"}]}}\n{\"id\":3,\"no\":1}\n{\"ID\":4}\n";
    assert_eq!(
        read(text),
        [
            "sample 1 line 1 at 0",
            "other 4634 line 2 at 9 eve",
            "unknown line 3 at 70: no known log shape (keys: id, no)",
            "sample 4 line 4 at 86"
        ]
    );
}

#[test]
fn values_are_taken_as_they_stand() {
    struct Check(usize);
    impl RecordSink for Check {
        fn record(&mut self, fields: &Fields<'_>) {
            use crate::model::fields::Value;
            self.0 += 1;
            assert_eq!(fields.value(Field::TargetUserName), Value::Text("a\"\u{e4}\u{1f600}\u{fffd}/\n"));
            assert_eq!(fields.value(Field::TargetLogonId), Value::Number(18_446_744_073_709_551_615));
            assert_eq!(fields.number(Field::SubjectLogonId), Some(0x3e7));
            assert_eq!(fields.value(Field::Param2), Value::Text("two"));
            assert_eq!(fields.value(Field::IpAddress), Value::Text("10.0.0.1"));
            assert_eq!(fields.value(Field::LogonGuid), Value::Absent);
            assert_eq!(fields.at.unwrap().rfc3339(), "2026-03-14T09:42:17.000000Z");
        }
        fn unreadable(&mut self, what: Unreadable) {
            panic!("{what:?}");
        }
        fn unknown(&mut self, _: u64, _: u32, reason: &str) {
            panic!("{reason}");
        }
    }
    let text = r#"{"id":1,"later":"2026-01-01T00:00:00Z","at":"2026-03-14T09:42:17Z","data":{"targetusername":"a\"\u00e4\ud83d\ude00\ud83d\/\n",
        "TargetLogonId":18446744073709551615,"SubjectLogonId":"0x00000000000003e7","LogonGuid":null,"Data":["one","two"],"Junk":[[{"x":1}]]},
        "more":{"EventXML":{"IpAddress":"10.0.0.1"}}}"#;
    let mut check = Check(0);
    Decoder::new(SHAPES).feed(text.as_bytes(), 0, 1, true, &mut check);
    assert_eq!(check.0, 1);
}

#[test]
fn hostile_sizes_end_well() {
    let deep = format!("{{\"id\":1,\"data\":{}\n{{\"id\":2}}\n", "{\"_source\":".repeat(50_000));
    assert!(read_in_blocks(deep.as_bytes(), usize::MAX / 2).iter().any(|line| line.starts_with("sample 2")));
    let wrapped = format!("{}{{\"id\":1}}{}\n{{\"id\":2}}\n", "{\"_source\":".repeat(200), "}".repeat(200));
    assert!(read_in_blocks(wrapped.as_bytes(), usize::MAX / 2).iter().any(|line| line.starts_with("sample 2")));
    let giant = format!("{{\"id\":1,\"a\":\"{}\"}}\n{{\"id\":2}}\n", "\\u00e4".repeat(500_000));
    assert_eq!(read_in_blocks(giant.as_bytes(), usize::MAX / 2).len(), 2);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_and_blocks_do_not_matter(
        mut bytes in prop::sample::select(vec![
            &b"{\"id\":1,\"data\":{\"TargetUserName\":\"a\\u00e4\"}}\n{\"id\":2}\n{\"wrapped\":{\"code\":3}}\n"[..],
            b"[{\"id\":1},\n {\"id\":2,\"a\":[1,{\"b\":null}]}]\n",
            b"{\"value\":[{\"id\":1}],\"x\":1}\n{\"id\":2}",
            b"\xff\xfe{\0\"\0i\0d\0\"\0:\x001\0}\0",
        ]).prop_map(<[u8]>::to_vec),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b"{}[]\",:\\\n 0u\xff\x00".to_vec())), 0..6),
        block in 1_usize..40,
    ) {
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let whole = read_in_blocks(&bytes, usize::MAX / 2);
        let pieces = read_in_blocks(&bytes, block);
        prop_assert_eq!(whole, pieces);
    }
}
