//! The frame, the popups, the filter bar and the inputs view as pictures, at both sizes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/made.rs"]
mod made;
#[path = "support/stage.rs"]
mod stage;

use logonscope::base::intern::Interner;
use logonscope::base::time::Span;
use logonscope::model::fields::Unreadable;
use logonscope::model::ids::InputId;
use logonscope::model::input::{Format, InputState, InputStatus, PlaceKind, Tally};
use logonscope::model::log::{Clear, LogStatus};
use logonscope::store::{Meters, Phase, Snapshot};
use logonscope::ui::app::Setup;
use logonscope::ui::update::Msg;
use made::{at, morning, morning_now};
use ratatui::style::Color;
use stage::Stage;
use std::sync::Arc;

const SIZES: [(u16, u16); 2] = [(120, 36), (80, 24)];

/// One log that grows, one that is damaged, one that is no logon log, one that cannot be opened.
fn inputs(names: &mut Interner) -> Vec<InputStatus> {
    let torn = |number: u64| Unreadable {
        offset: 0x1_1000 + number * 0x200,
        line: 0,
        record: 4_112 + number,
        reason: "the checksum of the chunk does not fit its records".to_owned(),
    };
    let mut damaged = Tally {
        shapes: vec![("evtx", 9_912)],
        records: 9_912,
        events: 9_000,
        other: 912,
        recovered_in_slack: 17,
        first: Some(at("09:02:00")),
        last: Some(at("09:38:30")),
        ..Tally::default()
    };
    (0..3).for_each(|number| damaged.place(PlaceKind::Unreadable, torn(number)));
    let mut log = LogStatus::new(names.intern("fs01.corp.example"), names.intern("Security"));
    let minutes = |number: u64| i64::try_from(number).unwrap();
    for record in (4_000..4_020).chain(4_060..4_076) {
        log.see(record, 4624, at("09:02:00") + Span::seconds(minutes(record - 4_000) * 29), record * 512);
    }
    log.see(4_076, 4625, at("08:30:00"), 4_076 * 512);
    (log.late, log.duplicates, damaged.late, damaged.duplicates) = (14, 9, 14, 9);
    damaged.clear(Clear {
        at: at("09:02:00"),
        computer: log.computer,
        channel: log.channel,
        user: names.intern("mallory"),
        domain: names.intern("CORP"),
        record: 4_000,
        offset: 4_000 * 512,
        line: 0,
    });
    damaged.logs = Arc::new(vec![log]);
    vec![
        InputStatus {
            id: InputId::new(0),
            path: "/mnt/case/dc01/Security.evtx".into(),
            format: Format::Evtx,
            state: InputState::Following,
            bytes: 1_073_741_824,
            bytes_read: 1_073_741_824,
            tally: Tally {
                shapes: vec![("evtx", 1_204_551)],
                records: 1_204_551,
                events: 884_120,
                other: 320_431,
                first: Some(at("2026-03-09T08:00:00Z")),
                last: Some(at("09:42:17")),
                ..Tally::default()
            },
            ..InputStatus::default()
        },
        InputStatus {
            id: InputId::new(1),
            path: "/mnt/case/fs01/Security.evtx".into(),
            format: Format::Evtx,
            state: InputState::Done,
            bytes: 69_632,
            bytes_read: 69_632,
            tally: damaged,
            ..InputStatus::default()
        },
        InputStatus {
            id: InputId::new(2),
            path: "/mnt/case/proxy.jsonl".into(),
            format: Format::Text,
            state: InputState::Done,
            tally: Tally { records: 77, unknown: 77, ..Tally::default() },
            bytes: 10_240,
            ..InputStatus::default()
        },
        InputStatus {
            id: InputId::new(3),
            path: "/mnt/case/old.evt".into(),
            state: InputState::Failed,
            problem: Some("a log from before Windows Vista: convert it with `wevtutil epl old.evt new.evtx /lf:true`".to_owned()),
            ..InputStatus::default()
        },
    ]
}

fn snapshot(phase: Phase) -> Snapshot {
    let mut morning = morning();
    let inputs = inputs(&mut morning.world.names);
    let mut snapshot = morning.snapshot(phase, morning_now());
    snapshot.inputs = Arc::new(inputs);
    let moving = phase != Phase::File;
    snapshot.meters = Meters {
        events_per_second: if moving { 812.0 } else { 0.0 },
        lag_seconds: (phase == Phase::Live).then_some(0.4),
        queue_percent: 3,
        bad: 3,
        late: 14,
        ..Meters::default()
    };
    snapshot
}

fn pictures(name: &str, phase: Phase, act: impl Fn(&mut Stage)) {
    for (width, height) in SIZES {
        let mut stage = Stage::new(snapshot(phase), width, height);
        act(&mut stage);
        insta::assert_snapshot!(format!("{name}_{width}"), stage.picture());
    }
}

#[test]
fn inputs_say_what_was_read_and_what_was_not() {
    pictures("inputs", Phase::Live, |stage| {
        stage.press("8 j");
    });
    pictures("inputs_places", Phase::Live, |stage| {
        stage.press("8 j Tab j");
    });
    pictures("inputs_bad_place", Phase::Live, |stage| {
        stage.press("8 j Enter G");
    });
    pictures("inputs_failed", Phase::File, |stage| {
        stage.press("8 G");
    });
}

#[test]
fn help_is_made_of_the_keys_of_the_view() {
    pictures("help", Phase::Live, |stage| {
        stage.press("8 ?");
    });
    let mut stage = Stage::new(snapshot(Phase::Live), 80, 24);
    stage.press("? PageDown PageDown PageDown");
    let picture = stage.picture();
    // Without the sentence of the timeline.
    let rows: Vec<&str> = picture.lines().take(22).collect();
    insta::assert_snapshot!("help_timeline_later_page", rows.join("\n"));
}

#[test]
fn the_filter_bar_offers_previews_and_explains() {
    pictures("filter_empty", Phase::Live, |stage| {
        stage.press("8 f");
    });
    pictures("filter_preview", Phase::Live, |stage| {
        stage.press("8 f").write("account:svc_* -type:10");
    });
    pictures("filter_error", Phase::Live, |stage| {
        stage.press("8 f").write("account:svc_* host:(");
    });
    pictures("filter_applied", Phase::Live, |stage| {
        stage.press("8 f").write("account:svc_*").press("Enter");
    });
    pictures("filter_syntax", Phase::Live, |stage| {
        stage.press("8 f F1");
    });
}

#[test]
fn the_palette_lists_what_fits_with_the_keys_that_do_the_same() {
    pictures("palette", Phase::Live, |stage| {
        stage.press("Ctrl-p").write("svc back").press("Down");
    });
    pictures("palette_empty", Phase::Live, |stage| {
        stage.press(":");
    });
}

#[test]
fn small_boxes_lie_over_the_view() {
    pictures("which_key", Phase::Live, |stage| {
        stage.press("8 g");
    });
    pictures("quit", Phase::File, |stage| {
        stage.press("8 q q");
    });
    pictures("go_to_time", Phase::File, |stage| {
        stage.press("8 g t").write("09:3o").press("Enter");
    });
}

#[test]
fn the_style_of_every_cell_of_the_frame() {
    let mut stage = Stage::new(snapshot(Phase::Live), 100, 24);
    stage.press("8 j");
    insta::assert_snapshot!("styles", stage.styled());
}

#[test]
fn the_mode_and_the_replay_bar_say_what_the_clock_does() {
    let replay = |playing, speed| Phase::Replay { playing, speed, position: 613, events: 1_200 };
    for (name, phase) in [
        ("loading", Phase::Loading { percent: 61 }),
        ("playing", replay(true, 60.0)),
        ("paused", replay(false, 1000.0)),
        ("at_full_speed", replay(true, f64::INFINITY)),
    ] {
        for (width, height) in [(120, 36), (80, 24), (72, 20)] {
            let mut snapshot = snapshot(phase);
            (snapshot.playing.from, snapshot.playing.to) = (Some(made::at("09:00:00")), Some(made::at("10:20:00")));
            let mut stage = Stage::new(snapshot, width, height);
            stage.press("8");
            let picture = stage.picture();
            let rows: Vec<&str> = picture.lines().collect();
            let frame = [&rows[..3], &["..."], &rows[rows.len() - 6..]].concat();
            insta::assert_snapshot!(format!("mode_{name}_{width}"), frame.join("\n"));
        }
    }
}

#[test]
fn every_name_of_a_view_stands_where_there_is_room() {
    for (width, height) in [(120, 36), (100, 30), (99, 30), (80, 24), (79, 23), (60, 16)] {
        let mut stage = Stage::new(snapshot(Phase::Live), width, height);
        stage.press("2");
        let tabs = stage.row(1);
        assert!(tabs.contains("[2 Anomalies(8)]"), "{width}: {tabs}");
        assert_eq!(tabs.contains("5 Sources"), width >= 100, "{width}: {tabs}");
        let hints = stage.row_from_below(2).contains("? help");
        assert_eq!(hints, width >= 80 && height >= 24, "{width}x{height}");
    }
}

#[test]
fn a_screen_that_is_too_small_asks_for_room_and_keeps_what_matters() {
    let mut stage = Stage::new(snapshot(Phase::Live), 59, 15);
    let picture = stage.picture();
    assert!(picture.starts_with("logonscope needs 60x16, this is 59x15\n[LIVE > FOLLOW] 8 anomalies"), "{picture}");
    for (width, height) in [(0, 0), (1, 1), (60, 3), (5, 60)] {
        stage.send(Msg::Resize(width, height));
        stage.picture();
    }
}

#[test]
fn without_colours_no_cell_has_one() {
    for (theme, no_color) in [(None, true), (Some("mono".to_owned()), true), (Some("high-contrast".to_owned()), true)] {
        let setup = Setup { no_color, theme, ..Setup::default() };
        let mut stage = Stage::with(snapshot(Phase::Live), &setup, 120, 36);
        for keys in ["", "2", "t c", "3", "8 j", "f", "Esc ?"] {
            stage.press(keys);
            let buffer = stage.buffer();
            let coloured = buffer.content.iter().find(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset);
            assert_eq!(coloured, None, "{keys}");
        }
    }
}

#[test]
fn no_view_draws_a_colour_that_no_meaning_has() {
    use logonscope::ui::theme::{MEANINGS, Meaning, names};
    use ratatui::style::{Modifier, Style};
    let views = ["1 )", "2 j", "3 j", "4 j", "5 j", "6 j", "7 k", "8 j", "3 Enter", "4 Enter Tab", "5 Enter", "1 ) g i", "7 Enter"];
    let over = ["", "?", "g", "f", "Ctrl-p", "t d"];
    for theme in names() {
        for (width, height) in SIZES {
            for view in views {
                let setup = Setup { ascii: true, theme: Some(theme.to_owned()), ..Setup::default() };
                let mut stage = Stage::with(snapshot(Phase::Live), &setup, width, height);
                stage.press(view);
                let base = stage.app.scene.theme.style(Meaning::Text);
                // Cursors reverse and titles are bold whatever the meaning; a colour always comes from one.
                let colours = |style: Style| (style.fg.unwrap_or_default(), style.bg.unwrap_or_default());
                let mut known = vec![colours(base)];
                known.extend(MEANINGS.iter().map(|(meaning, _)| colours(base.patch(stage.app.scene.theme.style(*meaning)))));
                let attributes = Modifier::BOLD | Modifier::DIM | Modifier::UNDERLINED | Modifier::REVERSED;
                for keys in over {
                    stage.press(keys);
                    let buffer = stage.buffer();
                    for (place, cell) in buffer.content.iter().enumerate() {
                        let (x, y) = (place % usize::from(width), place / usize::from(width));
                        let is_known = known.contains(&colours(cell.style())) && attributes.contains(cell.modifier);
                        assert!(is_known, "{theme} {view} {keys} at {x},{y}: {cell:?}");
                    }
                    stage.press(if keys == "t d" { "t d" } else { "Esc Esc" });
                }
            }
        }
    }
}
