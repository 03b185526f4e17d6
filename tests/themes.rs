//! Every view and page in every theme: what the styles of its cells are, and that nothing is lost without colour.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/digest.rs"]
mod digest;
#[path = "support/stage.rs"]
mod stage;

use logonscope::store::Snapshot;
use logonscope::ui::app::Setup;
use logonscope::ui::theme::names;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use stage::Stage;

/// What is drawn, and the keys that lead there from the first screen.
const PLACES: &[(&str, &str)] = &[
    ("timeline", "("),
    ("a range of the timeline", "v h h h"),
    ("anomalies", "2"),
    ("accounts", "3"),
    ("hosts", "4"),
    ("sources", "5"),
    ("paths", "6"),
    ("events", "7 v k"),
    ("inputs", "8"),
    ("case", "3 m C"),
    ("account page", "3 g g Enter b"),
    ("host page", "4 g g Enter v j"),
    ("source page", "5 g g Enter"),
    ("session page", "( Enter"),
    ("logon page", "( Enter L Enter"),
    ("record page", "7 Enter"),
];
/// What lies over them.
const OVER: &[(&str, &str)] =
    &[("help", "?"), ("palette", "Ctrl-p"), ("columns", "3 z c"), ("filter", "f"), ("pivot", "3 p"), ("keys that may follow", "g")];
const SIZES: [(u16, u16); 2] = [(80, 24), (120, 36)];

fn drawn(snapshot: &Snapshot, setup: &Setup, (width, height): (u16, u16), keys: &str) -> Buffer {
    let mut stage = Stage::with(snapshot.clone(), setup, width, height);
    stage.press(keys);
    stage.buffer()
}

fn themed(theme: &str) -> Setup {
    Setup { ascii: true, theme: Some(theme.to_owned()), ..Setup::default() }
}

#[test]
fn without_colour_no_cell_has_one_and_a_theme_with_a_ground_leaves_no_cell_without_it() {
    let snapshot = digest::demo_with(&digest::ATTACK);
    for theme in names() {
        for no_color in [false, true] {
            let setup = Setup { no_color, ..themed(theme) };
            let mut coloured = 0;
            for (place, keys) in PLACES.iter().chain(OVER) {
                let buffer = drawn(&snapshot, &setup, SIZES[1], keys);
                let is_coloured = |at: (u16, u16)| buffer[at].fg != Color::Reset || buffer[at].bg != Color::Reset;
                let all = || (0..buffer.area.height).flat_map(|y| (0..buffer.area.width).map(move |x| (x, y)));
                if no_color || theme == "mono" {
                    assert!(!all().any(is_coloured), "{theme}, {place}");
                }
                coloured += usize::from(all().any(is_coloured));
                if theme == "high-contrast" && !no_color {
                    let bare = all().find(|at| buffer[*at].bg == Color::Reset);
                    assert!(bare.is_none(), "{theme}, {place}: {bare:?} has the terminal's own ground");
                }
            }
            // A theme that colours nothing would pass all of this.
            let has_colours = !no_color && theme != "mono";
            assert_eq!(coloured > PLACES.len() / 2, has_colours, "{theme}: {coloured} places have a colour");
        }
    }
}

/// The attributes of a row of the screen, without those of its first cells, which are signs.
fn attributes(buffer: &Buffer, y: u16) -> Modifier {
    (3..buffer.area.width - 3).fold(Modifier::all(), |all, x| all.intersection(buffer[(x, y)].modifier))
}

fn row(buffer: &Buffer, y: u16) -> String {
    (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect()
}

#[test]
fn without_colour_the_cursor_the_selected_and_the_odd_are_told_apart() {
    let snapshot = digest::demo_with(&digest::ATTACK);
    for keys in ["2 g g v j", "3 g g v j", "4 g g v j", "5 g g v j", "7 g g v j"] {
        for size in SIZES {
            let buffer = drawn(&snapshot, &themed("mono"), size, keys);
            let first = (3..10).find(|y| row(&buffer, *y).starts_with('*')).unwrap_or_else(|| panic!("{keys}: no row is selected"));
            let [chosen, under, other] = [0, 1, 2].map(|down| attributes(&buffer, first + down));
            assert!(chosen.contains(Modifier::REVERSED) && under.contains(Modifier::REVERSED), "{keys} {size:?}");
            assert!(!other.contains(Modifier::REVERSED), "{keys} {size:?}");
            // Both are reversed; their signs tell them apart.
            assert!(row(&buffer, first + 1).starts_with('>'), "{keys}: {}", row(&buffer, first + 1));
        }
    }
    // Severities stand in their own attribute beside their letter.
    let buffer = drawn(&snapshot, &themed("mono"), SIZES[1], "2 G");
    let mut seen = 0;
    for y in (5..20).take_while(|y| !row(&buffer, *y).starts_with('+')) {
        let letter = (0..12).find(|x| matches!(buffer[(*x, y)].symbol(), "C" | "H" | "M") && buffer[(*x - 1, y)].symbol() == " ");
        let Some(x) = letter else { continue };
        let wanted = match buffer[(x, y)].symbol() {
            "C" => Modifier::BOLD | Modifier::REVERSED,
            "H" => Modifier::BOLD,
            _ => Modifier::UNDERLINED,
        };
        assert!(buffer[(x, y)].modifier.contains(wanted), "{}", row(&buffer, y));
        seen += 1;
    }
    assert!(seen >= 3, "{seen} rows with a severity");
}

/// Runs of equal attributes, as `12. 5B`: number of cells, then bold, dim, underlined, reversed, or none.
fn runs(buffer: &Buffer, y: u16) -> String {
    let word = |modifier: Modifier| {
        let letters = [(Modifier::BOLD, 'B'), (Modifier::DIM, 'D'), (Modifier::UNDERLINED, 'U'), (Modifier::REVERSED, 'R')];
        let has: String = letters.iter().filter(|(one, _)| modifier.contains(*one)).map(|(_, letter)| *letter).collect();
        if has.is_empty() { ".".to_owned() } else { has }
    };
    let mut runs: Vec<(String, u16)> = Vec::new();
    for x in 0..buffer.area.width {
        let word = word(buffer[(x, y)].modifier);
        match runs.last_mut() {
            Some((last, count)) if *last == word => *count += 1,
            _ => runs.push((word, 1)),
        }
    }
    if runs.last().is_some_and(|(word, _)| word == ".") {
        runs.pop();
    }
    runs.into_iter().map(|(word, count)| format!("{count}{word}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_attributes_of_every_cell_without_colour() {
    let snapshot = digest::demo_with(&digest::ATTACK);
    for size in SIZES {
        let mut maps = String::new();
        for (place, keys) in PLACES {
            let buffer = drawn(&snapshot, &themed("mono"), size, keys);
            maps.push_str(&format!("== {place}\n"));
            // The frame round it has a map of its own.
            for y in 3..size.1 - 3 {
                let line = runs(&buffer, y);
                if !line.is_empty() {
                    maps.push_str(&format!("{y:>2}  {line}\n"));
                }
            }
        }
        insta::assert_snapshot!(format!("mono_{}", size.0), maps);
    }
}
