//! The newest part of large inputs is on screen while the rest is read: of what it is made, when there is none, what the
//! screen does with it, and that nothing of it outlives it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/evtx_writer.rs"]
mod evtx_writer;
#[path = "support/stage.rs"]
mod stage;

use evtx_writer::{FILE_HEADER, Record, Val, Writer};
use logonscope::engine::ingest::Reading;
use logonscope::engine::load::{Content, Opened, load};
use logonscope::engine::preview::{self, Bounds, Preview};
use logonscope::engine::{Engine, Rules};
use logonscope::model::input::InputStatus;
use logonscope::source::file::Part;
use logonscope::store::{Meters, Phase, Snapshot};
use logonscope::ui::effect::Place;
use logonscope::ui::update::Msg;
use stage::Stage;
use std::path::PathBuf;
use std::sync::Arc;

const EVENTS: usize = 6_000;

/// A logon every ten seconds.
fn line(number: usize) -> String {
    let (day, second) = (1 + number / 8_640, number % 8_640 * 10);
    format!(
        "{{\"EventID\":4624,\"Channel\":\"Security\",\"Computer\":\"fs01.corp.example\",\"Provider\":\"Microsoft-Windows-Security-Auditing\",\"TimeCreated\":\"2026-03-{day:02}T{:02}:{:02}:{:02}Z\",\"EventRecordID\":{number},\"TargetUserName\":\"u{}\",\"TargetDomainName\":\"CORP\",\"TargetLogonId\":\"{:#x}\",\"LogonType\":3,\"IpAddress\":\"10.0.0.{}\"}}\n",
        second / 3_600,
        second / 60 % 60,
        second % 60,
        number % 300,
        0x10_000 + number,
        number % 200
    )
}

fn text(numbers: impl Iterator<Item = usize>) -> Vec<u8> {
    numbers.map(line).collect::<String>().into_bytes()
}

fn log(events: usize) -> Vec<u8> {
    let mut writer = Writer::default();
    for number in 0..events {
        let (user, id) = (format!("u{}", number % 300), format!("{:#x}", 0x1_0000 + number));
        let data = [
            ("TargetUserName", Val::Text(&user)),
            ("TargetDomainName", Val::Text("CORP")),
            ("TargetLogonId", Val::Text(&id)),
            ("LogonType", Val::Text("3")),
        ];
        let time = 132_576_067_510_354_251 + number as u64 * 100_000_000;
        writer.record(&Record { record_id: number as u64 + 1, time, data: &data, ..Record::default() });
    }
    let head = writer.drain();
    // The open chunk, and room beforehand as Windows keeps it.
    let rest = writer.file().split_off(FILE_HEADER);
    [head, rest, vec![0; 1 << 20]].concat()
}

fn rules(bytes: usize) -> Rules {
    Rules { preview: Bounds { over: 1_000, bytes, least: 1_000 }, ..Rules::default() }
}

fn input(name: &str, bytes: Vec<u8>) -> Opened {
    Opened::content(PathBuf::from(name), Content::Unpacked(Part::of(logonscope::source::file::Mapped::Read(bytes))), None)
}

fn reading() -> Reading {
    Reading { piece_bytes: 64 << 10, ..Reading::default() }
}

fn of(inputs: &[Opened], bytes: usize) -> Option<Preview> {
    preview::of(inputs, reading(), &rules(bytes))
}

fn shown(preview: Option<Preview>) -> Snapshot {
    let Preview { mut engine, inputs } = preview.expect("a preview");
    let now = engine.last().unwrap();
    let mut snapshot = engine.snapshot(Arc::new(inputs), Meters::default(), Phase::Loading { percent: 3 }, now);
    snapshot.epoch = preview::EPOCH;
    snapshot
}

fn whole(inputs: &[Opened]) -> Snapshot {
    let loaded = load(inputs, reading(), &mut |_, _, _: &[InputStatus]| true);
    let mut engine = Engine::new(loaded.names).by_rules(rules(1));
    loaded.events.into_iter().for_each(|event| drop(engine.apply(event)));
    engine.finish(loaded.inputs)
}

/// Record numbers, in order.
fn records(snapshot: &Snapshot) -> Vec<u64> {
    snapshot.tables.events.iter().map(|row| row.event.record).collect()
}

#[test]
fn it_is_the_end_of_what_everything_will_be_whichever_way_the_input_runs() {
    for (name, bytes) in [("up.jsonl", text(0..EVENTS)), ("down.jsonl", text((0..EVENTS).rev())), ("Security.evtx", log(EVENTS))] {
        let inputs = [input(name, bytes)];
        let (all, preview) = (whole(&inputs), shown(of(&inputs, 256 << 10)));
        let (all, part) = (records(&all), records(&preview));
        assert_eq!(all.len(), EVENTS, "{name}");
        assert!((100..EVENTS / 2).contains(&part.len()), "{name}: {}", part.len());
        assert_eq!(part, all[all.len() - part.len()..], "{name}");
        assert_eq!((preview.preview, preview.tables.anomalies.len()), (preview.first, 0), "{name}");
        assert!(!preview.tables.visits.is_empty(), "{name}");
    }
}

#[test]
fn of_several_inputs_it_begins_where_the_end_of_each_is_known() {
    // The second is as long in half the time: its end reaches less far back.
    let inputs = [input("a.jsonl", text((0..EVENTS).step_by(2))), input("b.jsonl", text(EVENTS / 2..EVENTS)), input("c.jsonl", Vec::new())];
    let (all, preview) = (whole(&inputs), shown(of(&inputs, 512 << 10)));
    let (all, part) = (records(&all), records(&preview));
    assert!(part.len() > 500 && part == all[all.len() - part.len()..], "{} of {}", part.len(), all.len());
}

#[test]
fn there_is_none_where_the_end_cannot_be_read_alone_or_everything_is_read_as_soon() {
    let array = format!("[{}]", (0..EVENTS).map(|number| line(number).trim_end().to_owned()).collect::<Vec<_>>().join(","));
    assert!(of(&[input("array.json", array.into_bytes())], 256 << 10).is_none());
    assert!(of(&[input("up.jsonl", text(0..2))], 256 << 10).is_none(), "small");
    assert!(preview::of(&[input("up.jsonl", text(0..EVENTS))], reading(), &Rules::default()).is_none(), "small by the usual bounds");
    let many: Vec<Opened> = (0..300).map(|number| input(&format!("{number}.jsonl"), text(0..50))).collect();
    assert!(of(&many, 256 << 10).is_none(), "a share would say little");
    assert!(of(&[], 256 << 10).is_none());
}

#[test]
fn a_damaged_end_is_what_it_is() {
    let (good, lines) = (log(1_000), text(0..1_000));
    for cut in [1, 500, 70_000] {
        for noise in [0_u8, b'{', 0xff] {
            let mut log = good.clone();
            let from = log.len() - (1 << 20) - cut;
            log[from..].iter_mut().enumerate().for_each(|(place, byte)| *byte = noise.wrapping_mul(place as u8));
            let mut lines = lines.clone();
            let from = lines.len() - cut;
            lines[from..].fill(noise);
            for (name, bytes) in [("Security.evtx", log), ("cut.evtx", good[..good.len() - (1 << 20) - cut].to_vec()), ("a.jsonl", lines)] {
                let inputs = [input(name, bytes)];
                // One or none: what is there is of the log.
                if let Some(preview) = of(&inputs, 100 << 10) {
                    let (all, part) = (records(&whole(&inputs)), records(&shown(Some(preview))));
                    assert!(part.iter().all(|record| all.contains(record)), "{name} {cut} {noise}");
                }
            }
        }
    }
}

fn stages(width: u16, height: u16) -> (Stage, Snapshot) {
    let inputs = [input("up.jsonl", text(0..EVENTS))];
    let preview = Snapshot { version: 1, ..shown(of(&inputs, 256 << 10)) };
    (Stage::new(preview, width, height), Snapshot { version: 2, ..whole(&inputs) })
}

#[test]
fn the_screen_says_what_it_is_and_never_that_nothing_is_odd() {
    for (width, height) in [(120, 36), (80, 24)] {
        let (mut stage, _) = stages(width, height);
        for keys in ["1", "2", "3", "Enter", "4", "5", "7", "8", "Esc"] {
            stage.press(keys);
            let picture = stage.picture();
            assert!(picture.contains("[PREVIEW 3%]"), "{keys}: {picture}");
            assert!(!picture.contains("nothing odd") && !picture.contains("no anomaly"), "{keys}: {picture}");
        }
        stage.press("1");
        let row = stage.row_from_below(0);
        assert!(row.starts_with(" preview: ") && row.contains("without anomalies"), "{row}");
    }
}

#[test]
fn nothing_of_it_is_copied_written_or_decided() {
    for keys in ["y y", "y l", "m"] {
        let (mut stage, real) = stages(120, 36);
        stage.app.again = vec!["logonscope".to_owned()];
        let asked = |stage: &mut Stage| {
            stage.press("3 j").press(keys);
            (stage.asked.len(), format!("{:?}", stage.book.case) != format!("{:?}", logonscope::casefile::Case::default()))
        };
        assert_eq!(asked(&mut stage), (0, false), "{keys}: {:?}", stage.asked);
        assert!(stage.row_from_below(0).contains("this is a preview"), "{keys}: {}", stage.row_from_below(0));
        stage.send(Msg::Snapshot(Arc::new(real)));
        assert_ne!(asked(&mut stage), (0, false), "{keys}");
    }
}

#[test]
fn when_everything_is_read_what_has_a_name_stays_open_and_the_rest_is_closed() {
    let (mut stage, real) = stages(120, 36);
    stage.press("3 j j Enter");
    let Place::Account(before) = stage.app.nav.place() else { panic!("{}", stage.picture()) };
    let name = |snapshot: &Snapshot, id| snapshot.tables.account(id).unwrap().name(&snapshot.names);
    let named = name(&stage.app.scene.snapshot, before);
    stage.send(Msg::Snapshot(Arc::new(real.clone())));
    let Place::Account(after) = stage.app.nav.place() else { panic!("{}", stage.picture()) };
    assert_eq!(name(&real, after), named);
    assert!(stage.row(0).contains("[FILE]") && !stage.picture().contains("preview"), "{}", stage.picture());

    let (mut stage, real) = stages(120, 36);
    stage.press("7 j Enter");
    assert!(matches!(stage.app.nav.place(), Place::Event(_)), "{}", stage.picture());
    stage.send(Msg::Snapshot(Arc::new(real.clone())));
    assert!(matches!(stage.app.nav.place(), Place::View(_)), "{}", stage.picture());
    assert!(stage.row_from_below(0).contains("was of the preview"), "{}", stage.row_from_below(0));

    // A screen that is held keeps it, and says so.
    let (mut stage, real) = stages(120, 36);
    stage.press("Space");
    assert!(stage.app.frozen);
    stage.send(Msg::Snapshot(Arc::new(real)));
    assert!(stage.app.scene.snapshot.preview.is_some());
    stage.press("Esc");
    assert!(stage.row_from_below(0).contains("preview") || !stage.app.frozen, "{}", stage.row_from_below(0));
}
