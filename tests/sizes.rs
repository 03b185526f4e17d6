//! Every view at every size, with names that are hard to draw: nothing panics, nothing is wider than the screen.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/made.rs"]
mod made;
#[path = "support/stage.rs"]
mod stage;

use logonscope::base::text;
use logonscope::model::lane::Lane;
use logonscope::store::{Phase, Snapshot};
use logonscope::ui::app::Setup;
use logonscope::ui::update::Msg;
use made::{at, morning, morning_now};
use ratatui::buffer::Buffer;
use stage::Stage;

/// Views and pages by the keys that lead there.
const VIEWS: [&str; 14] = ["1", "2", "3", "4", "5", "6", "7", "8", "3 Enter", "4 Enter", "5 Enter", "1 ) g i", "1 ( g i", "7 Enter"];

/// What lies over a view.
const OVER: [&str; 8] = ["?", "g", "f", "/", "Ctrl-p", "g t", "p", "t d"];

/// Names that are wider or narrower than their characters, that join, that run from right to left, that steer.
const HOSTILE: [&str; 8] = [
    "\u{4e2d}\u{6587}\u{540d}\u{5b57}\u{7ba1}\u{7406}\u{54e1}\u{5e33}\u{6236}",
    "e\u{301}\u{302}\u{323}a\u{308}o\u{30a}\u{327}-zalgo\u{334}\u{335}\u{336}",
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466}-family",
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e007f}\u{1f1e6}\u{1f1f9}",
    "\u{645}\u{62d}\u{645}\u{62f}_\u{5e9}\u{5dc}\u{5d5}\u{5dd}\u{202e}gnp.exe",
    "\u{1b}[31mred\u{7}\u{9b}2J\r\n\t",
    "\u{ff21}\u{ff22}\u{ff23}\u{ffe5}\u{3000}full",
    "\u{e33}\u{e33}\u{eb3}\u{1100}\u{1161}\u{11a8}",
];

fn hostile(phase: Phase) -> Snapshot {
    let mut made = morning();
    for (number, name) in HOSTILE.iter().enumerate() {
        let other = HOSTILE[(number + 3) % HOSTILE.len()];
        made.session(Lane::Interactive, &format!("{name}@{other} > {other} < {name}"), at(&format!("09:{}:00", 20 + number)), None);
    }
    made.snapshot(phase, morning_now())
}

/// Rows are as wide as the screen: no cell holds more than it shows, and what a wide character covers is empty.
#[track_caller]
fn is_whole(buffer: &Buffer, what: &str) {
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            assert!(!symbol.chars().any(text::is_unsafe), "{what}: {symbol:?} at {x},{y}");
            let cells = u16::try_from(text::width(symbol)).unwrap();
            assert!(cells > 0, "{what}: {symbol:?} takes no cell at {x},{y}");
            assert!(x + cells <= buffer.area.width, "{what}: {symbol:?} stands over the border at {x},{y}");
            x += cells;
        }
    }
}

fn stage(ascii: bool, width: u16, height: u16, phase: Phase) -> Stage {
    let setup = Setup { ascii, inputs: HOSTILE.iter().map(|name| (*name).to_owned()).collect(), ..Setup::default() };
    Stage::with(hostile(phase), &setup, width, height)
}

#[test]
fn hostile_names_shift_no_row_at_any_width() {
    let mut seen = 0;
    for view in VIEWS {
        let mut stage = stage(false, 200, 60, Phase::Live);
        stage.press(view);
        seen += usize::from(stage.picture().contains('\u{4e2d}'));
        for width in [300, 200, 161, 160, 133, 121, 120, 119, 112, 111, 101, 100, 99, 95, 87, 81, 80, 79, 73, 66, 61, 60] {
            stage.send(Msg::Resize(width, 30));
            is_whole(&stage.buffer(), &format!("{view} at {width}"));
        }
    }
    assert!(seen >= 3, "the names were not on screen: {seen}");
}

#[test]
fn boxes_and_frames_stand_in_their_columns_beside_hostile_names() {
    for view in ["3", "4", "7", "3 Enter"] {
        let mut stage = stage(true, 120, 36, Phase::File);
        stage.press(view);
        let plain = {
            let mut stage = Stage::new(morning().snapshot(Phase::File, morning_now()), 120, 36);
            stage.press(view);
            stage.buffer()
        };
        let buffer = stage.buffer();
        // Where the frame of a box stands without those names it stands with them.
        let corner = |buffer: &Buffer| (0..120).filter(|x| buffer[(*x, 3)].symbol() == "+").collect::<Vec<u16>>();
        assert_eq!(corner(&buffer), corner(&plain), "{view}");
    }
}

#[test]
fn nothing_panics_from_one_cell_to_a_wall_of_screens() {
    let sizes = [
        (1, 1),
        (2, 1),
        (1, 40),
        (7, 3),
        (20, 5),
        (40, 16),
        (60, 15),
        (60, 16),
        (61, 17),
        (79, 23),
        (80, 24),
        (100, 20),
        (160, 50),
        (300, 100),
    ];
    for phase in [Phase::File, Phase::Replay { playing: true, speed: 60.0, position: 3, events: 9 }] {
        for view in VIEWS {
            let mut stage = stage(true, 120, 36, phase);
            stage.press(view);
            for over in [""].iter().chain(&OVER) {
                stage.press(over);
                // What lies over a view is drawn by its own rules, which have fewer borders.
                let sizes = if over.is_empty() { &sizes[..] } else { &[(1, 1), (20, 5), (60, 16), (80, 24), (300, 100)] };
                for &(width, height) in sizes {
                    stage.send(Msg::Resize(width, height));
                    is_whole(&stage.buffer(), &format!("{view} {over} at {width}x{height}"));
                }
                if *over == "t d" {
                    stage.press(over);
                } else {
                    stage.press("Esc Esc");
                }
            }
        }
        for view in VIEWS {
            // Opened where there is no room at all.
            let mut stage = stage(true, 1, 1, phase);
            stage.press(view).press("j l Enter k h PageDown G g g");
            stage.send(Msg::Resize(90, 30));
            is_whole(&stage.buffer(), view);
        }
    }
}

#[test]
fn below_the_least_size_one_sentence_asks_for_room() {
    for (width, height) in [(59, 40), (200, 15)] {
        let stage = stage(true, width, height, Phase::Live);
        let picture = stage.picture();
        assert!(picture.contains(&format!("this is {width}x{height}")), "{picture}");
        assert_eq!(picture.lines().filter(|line| !line.trim().is_empty()).count(), 3);
    }
}
