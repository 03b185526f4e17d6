//! How many colours a terminal shows, and the nearest of them to one that was asked for.

use ratatui::style::Color;

/// How many colours a terminal shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    #[default]
    True,
    /// A cube of 216 and 24 greys.
    Cube,
    Ansi,
}

/// The sixteen as terminals come with them. People change them, so this is a guess; themes name theirs (`ansi`).
const SIXTEEN: [(Color, (u8, u8, u8)); 16] = [
    (Color::Black, (0, 0, 0)),
    (Color::Red, (205, 0, 0)),
    (Color::Green, (0, 205, 0)),
    (Color::Yellow, (205, 205, 0)),
    (Color::Blue, (0, 0, 238)),
    (Color::Magenta, (205, 0, 205)),
    (Color::Cyan, (0, 205, 205)),
    (Color::Gray, (229, 229, 229)),
    (Color::DarkGray, (127, 127, 127)),
    (Color::LightRed, (255, 0, 0)),
    (Color::LightGreen, (0, 255, 0)),
    (Color::LightYellow, (255, 255, 0)),
    (Color::LightBlue, (92, 92, 255)),
    (Color::LightMagenta, (255, 0, 255)),
    (Color::LightCyan, (0, 255, 255)),
    (Color::White, (255, 255, 255)),
];

/// The steps of one side of the cube.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// How unlike two colours look: red differences count more in light colours, blue ones in dark colours.
fn unlike((r, g, b): (u8, u8, u8), (x, y, z): (u8, u8, u8)) -> u32 {
    let [dr, dg, db] = [(r, x), (g, y), (b, z)].map(|(one, other)| u32::from(one.abs_diff(other)).pow(2));
    let mean = (u32::from(r) + u32::from(x)) / 2;
    ((512 + mean) * dr + 1024 * dg + (767 - mean) * db) >> 8
}

impl Depth {
    /// By `COLORTERM` and `TERM`.
    #[must_use]
    pub fn of_terminal(colorterm: Option<&str>, term: Option<&str>) -> Self {
        match (colorterm, term) {
            (Some("truecolor" | "24bit"), _) => Self::True,
            (_, Some(term)) if term.contains("direct") => Self::True,
            (_, Some(term)) if term.contains("256") => Self::Cube,
            _ => Self::Ansi,
        }
    }
    /// The colour of this depth that is most like the one asked for.
    #[must_use]
    pub fn nearest(self, (r, g, b): (u8, u8, u8)) -> Color {
        match self {
            Self::True => Color::Rgb(r, g, b),
            Self::Cube => {
                let step = |value: u8| {
                    let places = STEPS.iter().enumerate().min_by_key(|(_, step)| step.abs_diff(value));
                    places.map_or((0, 0), |(place, step)| (u8::try_from(place).unwrap_or(0), *step))
                };
                let ((red, r_is), (green, g_is), (blue, b_is)) = (step(r), step(g), step(b));
                let in_cube = (16 + 36 * red + 6 * green + blue, (r_is, g_is, b_is));
                let greys = (0..24).map(|place| (232 + place, [8 + 10 * place; 3])).map(|(index, [r, g, b])| (index, (r, g, b)));
                let nearest = greys.chain([in_cube]).min_by_key(|(_, colour)| unlike((r, g, b), *colour));
                Color::Indexed(nearest.map_or(15, |(index, _)| index))
            }
            Self::Ansi => {
                let nearest = SIXTEEN.iter().min_by_key(|(_, colour)| unlike((r, g, b), *colour));
                nearest.map_or(Color::Reset, |(colour, _)| *colour)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_colour_is_taken_at_every_depth() {
        for (rgb, cube, sixteen) in [
            ((0, 0, 0), 16, Color::Black),
            ((255, 255, 255), 231, Color::White),
            ((0xD5, 0x5E, 0x00), 166, Color::Red),
            ((0x00, 0x9E, 0x73), 35, Color::Cyan),
            ((0x82, 0x82, 0x82), 244, Color::DarkGray),
            ((0x5F, 0x87, 0xAF), 67, Color::DarkGray),
            ((0xFF, 0xFF, 0x00), 226, Color::LightYellow),
        ] {
            assert_eq!(Depth::True.nearest(rgb), Color::Rgb(rgb.0, rgb.1, rgb.2));
            assert_eq!(Depth::Cube.nearest(rgb), Color::Indexed(cube), "{rgb:?}");
            assert_eq!(Depth::Ansi.nearest(rgb), sixteen, "{rgb:?}");
        }
    }

    #[test]
    fn no_colour_of_the_256_is_nearer_than_the_one_taken() {
        let all = |index: u8| match index {
            232.. => (8 + 10 * (index - 232), 8 + 10 * (index - 232), 8 + 10 * (index - 232)),
            _ => {
                let place = usize::from(index - 16);
                (STEPS[place / 36], STEPS[place / 6 % 6], STEPS[place % 6])
            }
        };
        for value in (0..=0xFF_FFFF_u32).step_by(7919) {
            let [_, r, g, b] = value.to_be_bytes();
            let Color::Indexed(taken) = Depth::Cube.nearest((r, g, b)) else { panic!("no index") };
            let best = (16..=255).map(|index| unlike((r, g, b), all(index))).min().unwrap();
            // Steps are chosen one by one, so a neighbour may be a little nearer to the eye.
            assert!(unlike((r, g, b), all(taken)) <= best * 3 / 2 + 64, "{r} {g} {b}");
        }
    }
}
