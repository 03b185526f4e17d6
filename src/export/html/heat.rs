//! Heat maps of the hours of a week as pictures: seven rows, twenty-four columns.

use super::escaped;
use crate::base::text::count;
use crate::export::review::Heat;
use std::io::{self, Write};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// A cell with the gap behind it, and the room before the first one.
const CELL: usize = 13;
const LEFT: usize = 30;
const TOP: usize = 14;

/// Nothing, up to 5 %, 20 %, 50 %, and more of the busiest hour, as on the screen.
const fn level(number: u32, most: u32) -> usize {
    let (number, most) = (number as u64, most as u64);
    match number {
        0 => 0,
        _ if number * 20 <= most => 1,
        _ if number * 5 <= most => 2,
        _ if number * 2 <= most => 3,
        _ => 4,
    }
}

pub fn write(heat: &Heat, out: &mut dyn Write) -> io::Result<()> {
    let most = heat.hours.iter().copied().max().unwrap_or(0);
    let sum: u64 = heat.hours.iter().map(|number| u64::from(*number)).sum();
    let (width, height) = (LEFT + 24 * CELL, TOP + 7 * CELL);
    writeln!(out, "<figure class=\"heat\"><figcaption>{}</figcaption>", escaped(&heat.name))?;
    let label =
        format!("Logons of {} by hour of the week: {} in all, something odd began in {} hours", heat.name, count(sum), heat.odd.len());
    writeln!(
        out,
        "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{}\">",
        escaped(&label)
    )?;
    for hour in (0..24).step_by(3) {
        writeln!(out, "<text class=\"tick\" x=\"{}\" y=\"10\">{hour:02}</text>", LEFT + hour * CELL)?;
    }
    for (day, name) in DAYS.into_iter().enumerate() {
        writeln!(out, "<text class=\"tick\" x=\"0\" y=\"{}\">{name}</text>", TOP + day * CELL + 10)?;
        for hour in 0..24 {
            let place = day * 24 + hour;
            let number = heat.hours.get(place).copied().unwrap_or(0);
            let odd = heat.odd.contains(&place);
            let (x, y) = (LEFT + hour * CELL, TOP + day * CELL);
            let side = CELL - 1;
            let mark = if odd { ", something odd began" } else { "" };
            let level = level(number, most);
            writeln!(
                out,
                "<rect class=\"h{level}{}\" x=\"{x}\" y=\"{y}\" width=\"{side}\" height=\"{side}\"><title>{name} {hour:02}h: {} logons{mark}</title></rect>",
                if odd { " odd" } else { "" },
                count(number.into())
            )?;
            if odd {
                writeln!(out, "<text class=\"bang\" x=\"{}\" y=\"{}\">!</text>", x + 4, y + 10)?;
            }
        }
    }
    writeln!(out, "</svg></figure>")
}
