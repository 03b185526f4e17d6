//! A screen as SVG: text on a grid of cells, blocks and lines as shapes, so that it looks the same in any font.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A cell in pixels; integers, so that shapes of neighbours touch.
const WIDE: i32 = 9;
const HIGH: i32 = 18;
/// Around the cells.
const EDGE: i32 = 14;
/// Where letters stand in their cell.
const BASELINE: i32 = 14;

const GROUND: &str = "#11151c";
const BORDER: &str = "#2b3340";
const INK: (u8, u8, u8) = (0xd6, 0xdc, 0xe6);
const GROUND_RGB: (u8, u8, u8) = (0x11, 0x15, 0x1c);
const FONTS: &str = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";

fn hex((r, g, b): (u8, u8, u8)) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn rgb(colour: Option<Color>, otherwise: (u8, u8, u8)) -> (u8, u8, u8) {
    match colour {
        Some(Color::Rgb(r, g, b)) => (r, g, b),
        None | Some(Color::Reset) => otherwise,
        Some(other) => panic!("no picture of {other:?}: themes in full colour have only these"),
    }
}

/// Three fifths of the way to the ground.
fn dimmed(ink: (u8, u8, u8), ground: (u8, u8, u8)) -> (u8, u8, u8) {
    let mix = |a: u8, b: u8| u8::try_from((u16::from(a) * 11 + u16::from(b) * 9) / 20).unwrap();
    (mix(ink.0, ground.0), mix(ink.1, ground.1), mix(ink.2, ground.2))
}

/// What a cell is drawn with.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look {
    ink: (u8, u8, u8),
    ground: (u8, u8, u8),
    bold: bool,
    underlined: bool,
}

impl Look {
    fn of(style: Style) -> Self {
        let (mut ink, mut ground) = (rgb(style.fg, INK), rgb(style.bg, GROUND_RGB));
        let has = |modifier| style.add_modifier.contains(modifier);
        if has(Modifier::DIM) {
            ink = dimmed(ink, ground);
        }
        if has(Modifier::REVERSED) {
            (ink, ground) = (ground, ink);
        }
        Self { ink, ground, bold: has(Modifier::BOLD), underlined: has(Modifier::UNDERLINED) }
    }
}

/// Rectangles of one colour; those that touch in a row are one.
#[derive(Default)]
struct Rects(Vec<[i32; 4]>);

impl Rects {
    fn add(&mut self, x: i32, y: i32, wide: i32, high: i32) {
        match self.0.iter_mut().rev().take(6).find(|last| last[0] + last[2] == x && last[1] == y && last[3] == high) {
            Some(last) => last[2] += wide,
            None => self.0.push([x, y, wide, high]),
        }
    }
    fn path(&self) -> String {
        self.0.iter().map(|[x, y, wide, high]| format!("M{x} {y}h{wide}v{high}h-{wide}z")).collect()
    }
}

/// Parts of a box-drawing sign: left, right, up, down.
fn arms(sign: char) -> Option<[bool; 4]> {
    let arms = match sign {
        '\u{2500}' => [1, 1, 0, 0],
        '\u{2502}' => [0, 0, 1, 1],
        '\u{250c}' | '\u{256d}' => [0, 1, 0, 1],
        '\u{2510}' | '\u{256e}' => [1, 0, 0, 1],
        '\u{2514}' | '\u{2570}' => [0, 1, 1, 0],
        '\u{2518}' | '\u{256f}' => [1, 0, 1, 0],
        '\u{251c}' => [0, 1, 1, 1],
        '\u{2524}' => [1, 0, 1, 1],
        '\u{252c}' => [1, 1, 0, 1],
        '\u{2534}' => [1, 1, 1, 0],
        '\u{253c}' => [1, 1, 1, 1],
        _ => return None,
    };
    Some(arms.map(|arm| arm == 1))
}

/// Draws a sign that is a shape; `false` for letters.
fn shape(sign: char, (x, y): (i32, i32), rects: &mut Rects, other: &mut String) -> bool {
    let (mid_x, mid_y) = (x + WIDE / 2, y + HIGH / 2);
    if let Some([left, right, up, down]) = arms(sign) {
        if left || right {
            let from = if left { x } else { mid_x };
            let to = if right { x + WIDE } else { mid_x + 1 };
            rects.add(from, mid_y, to - from, 1);
        }
        if up || down {
            let from = if up { y } else { mid_y };
            let to = if down { y + HIGH } else { mid_y + 1 };
            rects.add(mid_x, from, 1, to - from);
        }
        return true;
    }
    match sign {
        '\u{2581}'..='\u{2588}' => {
            let high = HIGH * (sign as i32 - 0x2580) / 8;
            rects.add(x, y + HIGH - high, WIDE, high);
        }
        '\u{2589}'..='\u{258f}' => rects.add(x, y, (WIDE * (0x2590 - sign as i32) / 8).max(2), HIGH),
        '\u{2590}' => rects.add(mid_x, y, WIDE - WIDE / 2, HIGH),
        '\u{2594}' => rects.add(x, y, WIDE, 2),
        '\u{2595}' => rects.add(x + WIDE - 2, y, 2, HIGH),
        '\u{2501}' => rects.add(x, mid_y - 1, WIDE, 3),
        '\u{2505}' => (0..3).for_each(|dash| rects.add(x + dash * 3, mid_y - 1, 2, 3)),
        '\u{2504}' => (0..3).for_each(|dash| rects.add(x + dash * 3, mid_y, 2, 1)),
        '\u{2591}'..='\u{2593}' => {
            // Dots that get denser; they meet those of the next cell.
            let every = 4 - (sign as i32 - 0x2590);
            for (row, down) in (0..HIGH).step_by(3).enumerate() {
                let from = if every == 3 && row % 2 == 1 { 1 } else { 0 };
                (from..WIDE).step_by(usize::try_from(every.max(2) + i32::from(every == 3)).unwrap()).for_each(|at| {
                    rects.0.push([x + at, y + down, if every == 1 { 2 } else { 1 }, if every == 1 { 2 } else { 1 }]);
                });
            }
        }
        '\u{25b6}' => _ = write!(other, "M{} {}l{} 4l-{} 4z", x + 1, mid_y - 4, WIDE - 2, WIDE - 2),
        '\u{25c0}' => _ = write!(other, "M{} {}l-{} 4l{} 4z", x + WIDE - 1, mid_y - 4, WIDE - 2, WIDE - 2),
        '\u{25c6}' => _ = write!(other, "M{} {}l4 5l-4 5l-4 -5z", mid_x, mid_y - 5),
        '\u{b7}' => rects.add(mid_x, mid_y, 1, 1),
        '\u{2800}'..='\u{28ff}' => {
            let dots = sign as u32 - 0x2800;
            for (bit, (column, row)) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)].into_iter().enumerate() {
                if dots >> bit & 1 == 1 {
                    rects.0.push([x + 1 + column * 4, y + 2 + row * 4, 2, 2]);
                }
            }
        }
        _ => return false,
    }
    true
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Letters of one look beside each other.
struct Run {
    x: u16,
    look: Look,
    text: String,
    cells: u16,
}

impl Run {
    fn write(&self, y: i32, out: &mut String) {
        let (x, length) = (EDGE + i32::from(self.x) * WIDE, i32::from(self.cells) * WIDE);
        let fill = if self.look.ink == INK { String::new() } else { format!(" fill=\"{}\"", hex(self.look.ink)) };
        let bold = if self.look.bold { " class=\"b\"" } else { "" };
        let fit = if self.cells > 1 { format!(" textLength=\"{length}\"") } else { String::new() };
        let _ = write!(out, "<text x=\"{x}\" y=\"{}\"{fill}{bold}{fit}>{}</text>", y + BASELINE, escaped(&self.text));
    }
}

/// One row of the screen; rows that look alike are the same text but for their place.
pub fn row(buffer: &Buffer, y: u16) -> String {
    let top = EDGE + i32::from(y) * HIGH;
    let (mut grounds, mut shapes): (BTreeMap<String, Rects>, BTreeMap<String, (Rects, String)>) = Default::default();
    let mut runs: Vec<Run> = Vec::new();
    let mut open = false;
    for x in 0..buffer.area.width {
        let cell = &buffer[(x, y)];
        let look = Look::of(cell.style());
        let left = EDGE + i32::from(x) * WIDE;
        if look.ground != GROUND_RGB {
            grounds.entry(hex(look.ground)).or_default().add(left, top, WIDE, HIGH);
        }
        let sign = cell.symbol().chars().next().unwrap_or(' ');
        let (rects, other) = shapes.entry(hex(look.ink)).or_default();
        if look.underlined && sign != ' ' {
            rects.add(left, top + HIGH - 2, WIDE, 1);
        }
        if sign == ' ' || shape(sign, (left, top), rects, other) {
            open = false;
            continue;
        }
        match runs.last_mut().filter(|run| open && run.look == look) {
            Some(run) => {
                run.text.push_str(cell.symbol());
                run.cells += 1;
            }
            None => runs.push(Run { x, look, text: cell.symbol().to_owned(), cells: 1 }),
        }
        open = true;
    }
    let mut out = String::new();
    for (colour, rects) in &grounds {
        let _ = write!(out, "<path fill=\"{colour}\" d=\"{}\"/>", rects.path());
    }
    for (colour, (rects, other)) in &shapes {
        if !rects.0.is_empty() {
            let _ = write!(out, "<path fill=\"{colour}\" d=\"{}\"/>", rects.path());
        }
        if !other.is_empty() {
            // Slanted lines are smoothed, the others are sharp.
            let _ = write!(out, "<path class=\"s\" fill=\"{colour}\" d=\"{other}\"/>");
        }
    }
    runs.iter().for_each(|run| run.write(top, &mut out));
    out
}

/// The picture around rows.
fn framed(columns: u16, rows: u16, title: &str, inside: &str) -> String {
    let (wide, high) = (2 * EDGE + i32::from(columns) * WIDE, 2 * EDGE + i32::from(rows) * HIGH);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{high}\" viewBox=\"0 0 {wide} {high}\" role=\"img\">\n\
         <title>{}</title>\n\
         <style>text{{white-space:pre}}path{{shape-rendering:crispEdges}}.s{{shape-rendering:auto}}.b{{font-weight:bold}}</style>\n\
         <rect x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"8\" fill=\"{GROUND}\" stroke=\"{BORDER}\"/>\n\
         <g font-family=\"{FONTS}\" font-size=\"14.5\" fill=\"{}\">\n{inside}</g>\n</svg>\n",
        escaped(title),
        wide - 1,
        high - 1,
        hex(INK)
    )
}

/// A screen.
pub fn still(buffer: &Buffer, title: &str) -> String {
    let rows: String = (0..buffer.area.height).map(|y| row(buffer, y) + "\n").collect();
    framed(buffer.area.width, buffer.area.height, title, &rows)
}

/// Screens one after the other, each so many seconds long, for ever. What stays is written once.
pub fn moving(buffers: &[Buffer], seconds: f64, title: &str) -> String {
    let (columns, rows, frames) = (buffers[0].area.width, buffers[0].area.height, buffers.len());
    let total = seconds * frames as f64;
    let mut inside = String::new();
    for y in 0..rows {
        let drawn: Vec<String> = buffers.iter().map(|buffer| row(buffer, y)).collect();
        let mut from = 0;
        while from < frames {
            let to = (from..frames).find(|place| drawn[*place] != drawn[from]).unwrap_or(frames);
            if !drawn[from].is_empty() && (from, to) == (0, frames) {
                let _ = writeln!(inside, "{}", drawn[from]);
            } else if !drawn[from].is_empty() {
                let share =
                    |place: usize| format!("{:.4}", place as f64 / frames as f64).trim_end_matches('0').trim_end_matches('.').to_owned();
                let (values, times) = match (from, to == frames) {
                    (0, _) => ("visible;hidden", format!("0;{}", share(to))),
                    (_, true) => ("hidden;visible", format!("0;{}", share(from))),
                    _ => ("hidden;visible;hidden", format!("0;{};{}", share(from), share(to))),
                };
                let first = if from == 0 { "" } else { " visibility=\"hidden\"" };
                let _ = writeln!(
                    inside,
                    "<g{first}>{}<animate attributeName=\"visibility\" calcMode=\"discrete\" dur=\"{total}s\" repeatCount=\"indefinite\" \
                     values=\"{values}\" keyTimes=\"{times}\"/></g>",
                    drawn[from]
                );
            }
            from = to;
        }
    }
    framed(columns, rows, title, &inside)
}
