//! Reports: contracts of the JSON lines, one set of columns for all formats, and nothing hostile in any of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/tables.rs"]
mod tables;

use logonscope::base::text::is_unsafe;
use logonscope::base::time::Zone;
use logonscope::export::{self, Format, Scope, What};
use logonscope::model::anomaly::Anomaly;
use logonscope::model::ids::EventId;
use logonscope::model::input::{InputState, InputStatus, Tally};
use logonscope::model::session::SessionEnd;
use logonscope::query;
use logonscope::store::path::trail::Trails;
use serde_json::Value;
use tables::{Builder, Logon, SPRAY, at};

const ALL: [What; 7] = [What::Summary, What::Sessions, What::Anomalies, What::Accounts, What::Hosts, What::Sources, What::Events];

fn world() -> Builder {
    let mut b = Builder::default();
    let spray = Logon { source: "10.0.9.66", host: "dc01.corp.local", workstation: "WS41", ..Logon::default() };
    b.logon(&Logon { at: "2026-03-14T09:19:40Z", status: 0xC000_006A, ..spray.clone() });
    b.logon(&Logon { at: "2026-03-14T09:19:41Z", account: "adm_kl@CORP", status: 0xC000_006A, ..spray.clone() });
    let rdp = Logon { at: "2026-03-14T09:31:20.123456Z", account: "svc_backup@CORP", logon_type: 10, logon_id: 0x1f3_a8c2, ..spray };
    b.logon(&Logon { host: "fs01.corp.local", ..rdp });
    b.logon(&Logon {
        at: "2026-03-14T02:00:00Z",
        account: "svc_backup@CORP",
        source: "",
        logon_type: 5,
        logon_id: 0x55,
        end: Some(("2026-03-14T02:10:00Z", SessionEnd::Boot)),
        ..Logon::default()
    });
    b.sign_in("2026-03-14T09:25:00Z", "jdoe@corp.example", "203.0.113.9", "GB", "Azure Portal", 50126);
    b.anomaly(&SPRAY, 88, &[EventId::new(0), EventId::new(1), EventId::new(2), EventId::new(4)], "3 logons of 3 accounts from 10.0.9.66");
    b
}

fn inputs() -> Vec<InputStatus> {
    let input = |path: &str, tally: Tally| InputStatus { path: path.into(), state: InputState::Done, tally, ..Default::default() };
    vec![
        input("dc01/Security.evtx", Tally { records: 18_402, events: 17_000, ..Tally::default() }),
        input("bad.evtx", Tally { records: 12, events: 3, unreadable: 2, ..Tally::default() }),
    ]
}

fn report_with(b: &Builder, what: What, format: Format, filter: &str, width: Option<usize>) -> String {
    let (names, inputs) = (b.names(), inputs());
    let filter = query::parse(filter, at("2026-03-14T10:00:00Z")).unwrap();
    let trails = Trails::default();
    let scope = Scope {
        names: &names,
        tables: b.tables(),
        trails: &trails,
        inputs: &inputs,
        filter: &filter,
        case: &logonscope::casefile::Case::default(),
        zone: Zone::Utc,
        width,
        more: export::More::default(),
    };
    let mut out = Vec::new();
    export::write(what, format, &scope, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn report(b: &Builder, what: What, format: Format) -> String {
    report_with(b, what, format, "", None)
}

fn keys(line: &str) -> Vec<String> {
    serde_json::from_str::<Value>(line).unwrap().as_object().unwrap().keys().cloned().collect()
}

#[test]
fn session_lines_keep_their_contract() {
    let text = report(&world(), What::Sessions, Format::Jsonl);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        concat!(
            r#"{"host":"fs01.corp.local","account":"corp\\svc_backup","sid":"S-1-5-21-1-2-3-1001","logon_type":10,"logon_id":"0x1f3a8c2","#,
            r#""start":"2026-03-14T09:31:20.123456Z","end":null,"end_reason":"open","source":"10.0.9.66","workstation":"WS41","elevated":null,"#,
            r#""linked_logon_id":null,"lane":"rdp","privileged":false,"start_quality":"exact","end_quality":"missing","#,
            r#""source_quality":"exact","worst":"high","credential":"not_observable","credential_quality":"missing","#,
            r#""credential_evidence":null,"authority":"missing","token_root":null,"token_parent":null}"#
        )
    );
    let second: Value = serde_json::from_str(lines[1]).unwrap();
    assert_eq!((&second["end_reason"], &second["end_quality"], &second["source"]), (&"boot".into(), &"inferred:boot".into(), &Value::Null));
    assert_eq!(second["end"], "2026-03-14T02:10:00.000000Z");
    assert_eq!(lines.len(), 2);
}

#[test]
fn anomaly_lines_keep_their_contract() {
    let text = report(&world(), What::Anomalies, Format::Jsonl);
    assert_eq!(
        text.trim_end(),
        concat!(
            r#"{"kind":"password-spray-windows","severity":"high","score":88,"time":"2026-03-14T09:19:40.000000Z","#,
            r#""end":"2026-03-14T09:25:00.000000Z","accounts":["corp\\jdoe","corp\\adm_kl","corp\\svc_backup","jdoe@corp.example"],"#,
            r#""hosts":["dc01.corp.local","fs01.corp.local"],"sources":["10.0.9.66","203.0.113.9"],"#,
            r#""records":[["dc01.corp.local",100],["dc01.corp.local",101],["fs01.corp.local",102]],"lines":[7],"#,
            r#""why":"3 logons of 3 accounts from 10.0.9.66","title":"Password spray","attack":["T1110.003"],"count":4,"#,
            r#""score_parts":[{"points":88,"reason":"because"}],"raised_at":"2026-03-14T09:25:00.000000Z","#,
            r#""state":"new","decided_by":null,"decided_at":null,"reason":null,"incident":null}"#
        )
    );
}

#[test]
fn event_and_account_rows_say_what_was_seen() {
    let b = world();
    let events = report(&b, What::Events, Format::Jsonl);
    let first: Value = serde_json::from_str(events.lines().next().unwrap()).unwrap();
    assert_eq!(first["status"], "0xC000006A");
    assert_eq!(first["status_text"], "wrong password");
    assert_eq!((&first["event_id"], &first["record"], &first["outcome"]), (&4625.into(), &100.into(), &"failure".into()));
    let accounts = report(&b, What::Accounts, Format::Csv);
    let rows: Vec<&str> = accounts.lines().collect();
    assert!(rows[0].starts_with("account,sid,class,class_reason,privileged,first,last,events,"));
    assert_eq!(
        rows[3],
        "corp\\svc_backup,S-1-5-21-1-2-3-1001,service,name begins with svc_,false,2026-03-14T02:00:00.000000Z,2026-03-14T09:31:20.123456Z,2,2,0,2,1,1,high,,"
    );
}

#[test]
fn all_formats_hold_the_same_rows_and_columns() {
    let b = world();
    for what in [What::Sessions, What::Anomalies, What::Accounts, What::Events] {
        let lines = report(&b, what, Format::Jsonl);
        let array: Vec<Value> = serde_json::from_str(&report(&b, what, Format::Json)).unwrap();
        let one_by_one: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(array, one_by_one, "{what:?}");
        let csv = report(&b, what, Format::Csv);
        assert_eq!(csv.lines().next().unwrap(), keys(lines.lines().next().unwrap()).join(","), "{what:?}");
        assert_eq!(csv.lines().count(), array.len() + 1, "{what:?}");
        assert_eq!(report(&b, what, Format::Table).lines().count(), array.len() + 2, "{what:?}");
    }
}

#[test]
fn a_filter_narrows_every_report() {
    let b = world();
    for (what, filter, rows) in [
        (What::Sessions, "type:10", 1),
        (What::Sessions, "account:nobody", 0),
        (What::Events, "outcome:failure", 3),
        (What::Accounts, "account:svc_*", 1),
        (What::Anomalies, "severity:low", 0),
    ] {
        assert_eq!(report_with(&b, what, Format::Jsonl, filter, None).lines().count(), rows, "{what:?} {filter}");
    }
    assert_eq!(report_with(&b, What::Sessions, Format::Json, "account:nobody", None), "[\n]\n");
    assert_eq!(report_with(&b, What::Sessions, Format::Table, "account:nobody", None), "No session.\n");
    let summary: Value = serde_json::from_str(&report_with(&b, What::Summary, Format::Json, "outcome:failure", None)).unwrap();
    assert_eq!(summary["events"]["total"], 3);
}

#[test]
fn tables_are_aligned_and_cut_to_the_terminal() {
    let b = world();
    let table = report(&b, What::Sessions, Format::Table);
    assert_eq!(
        table,
        "\
start                 end                   how   type  account          host             source     workstation  logon id   elevated  privileged  worst  credential
------------------------------------------------------------------------------------------------------------------------------------------------------------------------
2026-03-14 09:31:20Z  -                     open    10  corp\\svc_backup  fs01.corp.local  10.0.9.66  WS41         0x1f3a8c2  -         no          high   not_observable
2026-03-14 02:00:00Z  2026-03-14 02:10:00Z  boot     5  corp\\svc_backup  fs01.corp.local  -          -            0x55       -         no          -      not_observable
"
    );
    let narrow = report_with(&b, What::Sessions, Format::Table, "type:10", Some(80));
    assert_eq!(
        narrow,
        "\
start                 end  how   type  account         host            source
--------------------------------------------------------------------------------
2026-03-14 09:31:20Z  -    open    10  corp\\svc_bac..  fs01.corp.lo..  10.0.9.66
"
    );
    for what in ALL {
        for line in report_with(&b, what, Format::Table, "", Some(80)).lines() {
            assert!(logonscope::base::text::width(line) <= 80, "{what:?}: {line}");
        }
    }
}

#[test]
fn the_summary_page_reads_top_down() {
    insta::assert_snapshot!(report(&world(), What::Summary, Format::Table));
    let object: Value = serde_json::from_str(&report(&world(), What::Summary, Format::Json)).unwrap();
    assert_eq!(object["sessions"]["by_end"], serde_json::json!({"open": 1, "boot": 1}));
    assert_eq!(object["failures"][0], serde_json::json!({"code": "0xC000006A", "meaning": "wrong password", "count": 2}));
    assert_eq!(object["inputs"][1]["unreadable"], 2);
    assert_eq!(object["anomalies"]["top"][0]["kind"], "password-spray-windows");
}

#[test]
fn hostile_names_leave_harmless_in_every_report_and_format() {
    let mut b = Builder::default();
    let names = [
        "\u{1b}[31mred",
        "evil\u{202e}exe.txt",
        "zero\u{200b}width",
        "c1\u{9b}31m",
        "tab\there\r\nline",
        "del\u{7f}",
        "tag\u{e0041}",
        "=cmd|'/c calc'!A0",
        "@sum",
        "-1+2",
        "+x",
        "q\"uote,comma",
    ];
    let mut records = Vec::new();
    for name in names {
        let logon = Logon { account: name, host: name, source: name, workstation: name, package: name, logon_id: 9, ..Logon::default() };
        records.push(b.logon(&logon).0);
    }
    b.anomaly(&SPRAY, 88, &records, "accounts \u{1b}[2J\u{202e}");
    for what in ALL {
        for format in [Format::Table, Format::Json, Format::Jsonl, Format::Csv] {
            let text = report(&b, what, format);
            assert!(!text.contains(|c| c != '\n' && is_unsafe(c)), "{what:?} {format:?}");
        }
    }
    let lines = report(&b, What::Sessions, Format::Jsonl);
    assert_eq!(lines.lines().count(), names.len());
    assert!(lines.contains(r#""workstation":"evil\u202eexe.txt""#));
    assert!(lines.contains(r#""workstation":"tag\udb40\udc41""#));
    for (line, name) in lines.lines().zip(names) {
        assert_eq!(serde_json::from_str::<Value>(line).unwrap()["workstation"], name, "escaped, not changed");
    }
    let csv = report(&b, What::Sessions, Format::Csv);
    let cell = |row: usize| csv.lines().nth(row + 1).unwrap().to_owned();
    assert!(cell(7).starts_with("'=cmd|'/c calc'!A0,"), "{}", cell(7));
    assert!(cell(9).starts_with("'-1+2,"));
    assert!(cell(10).starts_with("'+x,"));
    assert!(cell(11).starts_with("\"q\"\"uote,comma\","), "{}", cell(11));
}

#[test]
fn negative_numbers_are_no_formula_and_everything_else_in_front_is() {
    let mut b = Builder::default();
    b.logon(&Logon { workstation: "-5", ..Logon::default() });
    b.logon(&Logon { workstation: "-5x", ..Logon::default() });
    let csv = report(&b, What::Events, Format::Csv);
    assert!(csv.contains(",-5,"), "{csv}");
    assert!(csv.contains(",'-5x,"), "{csv}");
}

/// The world again, with names that are markup, formulas and control bytes.
fn hostile() -> Builder {
    let mut b = world();
    let names = [
        "<script>alert(1)</script>@CORP",
        "\"><img src=x onerror=alert(1)>@<b>",
        "=cmd|' /C calc'!A0@CORP",
        "-2+3@x",
        "a]]>b&amp;@--><!--",
        "\u{202e}evil\u{1b}[31m\r\n\t@CORP",
        "| pipe `tick` [link](http://evil.example) ![i](x)@CORP",
        "'=1+1@CORP",
        "\u{ff1d}1@CORP",
    ];
    for (place, name) in names.into_iter().enumerate() {
        let host = if place % 2 == 0 { "<i>fs01</i>" } else { "=host" };
        b.logon(&Logon {
            at: "2026-03-14T09:40:00Z",
            account: name,
            host,
            source: "10.0.9.66",
            logon_type: 10,
            logon_id: 0x900 + place as u64,
            ..Logon::default()
        });
    }
    b.anomaly(&SPRAY, 61, &[EventId::new(6), EventId::new(7), EventId::new(8)], "<script>alert(2)</script> | =1+1 ]]> \u{202e}\u{7}");
    b
}

#[test]
fn reports_in_html_are_well_formed_and_carry_no_markup_of_names() {
    let b = hostile();
    for what in ALL.into_iter().chain([What::Timeline, What::Incidents, What::Inputs]) {
        let text = report(&b, what, Format::Html);
        assert!(text.starts_with("<!DOCTYPE html>"), "{what:?}");
        assert!(text.contains("default-src 'none'"));
        assert!(!text.chars().any(|c| is_unsafe(c) && c != '\n'), "{what:?}");
        let mut reader = quick_xml::Reader::from_str(&text);
        let mut elements = std::collections::BTreeSet::new();
        loop {
            match reader.read_event().unwrap_or_else(|error| panic!("{what:?}: {error}\n{text}")) {
                quick_xml::events::Event::Eof => break,
                quick_xml::events::Event::Start(element) | quick_xml::events::Event::Empty(element) => {
                    elements.insert(String::from_utf8(element.name().as_ref().to_vec()).unwrap());
                    for attribute in element.attributes() {
                        let attribute = attribute.unwrap();
                        let key = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
                        assert!(!key.starts_with("on") && key != "src", "{key}");
                        assert!(key != "href" || attribute.value.starts_with(b"#"), "a link leaves the page");
                    }
                }
                quick_xml::events::Event::Comment(_) | quick_xml::events::Event::CData(_) => panic!("{what:?}: a comment"),
                _ => {}
            }
        }
        for never in ["script", "img", "b", "i", "iframe", "link", "object"] {
            assert!(!elements.contains(never), "{what:?} has <{never}>");
        }
    }
}

#[test]
fn the_report_in_html_has_pictures_incidents_and_evidence() {
    let text = report(&world(), What::Summary, Format::Html);
    for wanted in [
        "<svg",
        "role=\"img\"",
        "class=\"bar",
        "class=\"mark high",
        "3 logons of 3 accounts from 10.0.9.66",
        "records that show it",
        "What could have been seen",
        "dc01/Security.evtx",
        "logonscope 0.",
        "@media print",
        "prefers-color-scheme",
    ] {
        assert!(text.contains(wanted), "no {wanted}");
    }
    let text = report(&world(), What::Summary, Format::Markdown);
    for wanted in [
        "## Incidents",
        "- why: 3 logons of 3 accounts from 10.0.9.66",
        "## What could have been seen",
        "| dc01/Security.evtx |",
        "- filter: none",
    ] {
        assert!(text.contains(wanted), "no {wanted} in\n{text}");
    }
}

#[test]
fn no_cell_of_a_csv_is_a_formula_and_every_row_is_as_long_as_the_head() {
    let b = hostile();
    for what in ALL.into_iter().chain([What::Timeline, What::Incidents]) {
        let text = report(&b, what, Format::Csv);
        let mut columns = None;
        for line in text.lines() {
            let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
            let mut letters = line.chars().peekable();
            while let Some(c) = letters.next() {
                match c {
                    '"' if quoted && letters.peek() == Some(&'"') => {
                        letters.next();
                        field.push('"');
                    }
                    '"' => quoted = !quoted,
                    ',' if !quoted => fields.push(std::mem::take(&mut field)),
                    c => field.push(c),
                }
            }
            assert!(!quoted, "{line}");
            fields.push(field);
            assert_eq!(fields.len(), *columns.get_or_insert(fields.len()), "{line}");
            for field in fields {
                let begin = field.trim_start_matches(['"', ' ']);
                let formula = begin.starts_with(['=', '+', '-', '@', '\t', '\r', '\u{ff1d}']) && field.parse::<f64>().is_err();
                assert!(!formula, "{what:?}: {field}");
            }
        }
    }
}

#[test]
fn every_anomaly_has_a_mark_in_the_picture() {
    let marks = |b: &Builder| report(b, What::Summary, Format::Html).matches("class=\"mark ").count();
    let mut b = world();
    assert_eq!(marks(&b), 1);
    assert!(!report(&b, What::Summary, Format::Html).contains("no lane"));
    // Of a host as a whole: no record or session says a lane.
    let known = b.tables().anomalies.iter().next().unwrap().as_ref().clone();
    b.world.tables.raise(Anomaly { records: Vec::new(), sessions: Vec::new(), ..known });
    assert_eq!(marks(&b), 2);
    assert!(report(&b, What::Summary, Format::Html).contains("no lane"));
}

#[test]
fn markdown_has_one_table_and_no_markup_of_names() {
    let b = hostile();
    let text = report(&b, What::Accounts, Format::Markdown);
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 8);
    let parts = |row: &str| row.replace("\\|", "").matches('|').count();
    for row in &rows {
        assert_eq!(parts(row), parts(rows[0]), "{row}");
    }
    for never in ["<script", "<img", "](http:", " `tick`", "http://"] {
        assert!(!text.contains(never), "{never}");
    }
}
