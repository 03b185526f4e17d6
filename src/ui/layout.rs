//! Where the parts of the frame are, for every size.

use crate::store::Phase;
use ratatui::layout::Rect;

/// Below this the frame cannot be drawn: one sentence asks for room.
pub const LEAST: (u16, u16) = (60, 16);

/// The rows of the frame; the view has what is left. Parts that do not fit have no height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub title: Rect,
    pub tabs: Rect,
    pub filter: Rect,
    pub view: Rect,
    pub replay: Rect,
    pub hints: Rect,
    pub meters: Rect,
    pub message: Rect,
    /// Names of all views are written out.
    pub wide: bool,
    /// Too small for anything but one sentence.
    pub tiny: bool,
}

impl Layout {
    #[must_use]
    pub fn of(size: Rect, phase: &Phase) -> Self {
        let tiny = size.width < LEAST.0 || size.height < LEAST.1;
        let wide = size.width >= 100;
        let cramped = size.width < 80 || size.height < 24;
        let replay = match phase {
            Phase::Replay { .. } if cramped => 1,
            Phase::Replay { .. } if wide => 3,
            Phase::Replay { .. } => 2,
            _ => 0,
        };
        let hints = u16::from(!cramped);
        let mut y = size.y;
        let mut row = |height: u16| {
            let height = height.min(size.bottom().saturating_sub(y));
            let rect = Rect::new(size.x, y, size.width, height);
            y = y.saturating_add(height);
            rect
        };
        let (title, tabs, filter) = (row(1), row(1), row(1));
        let view = row(size.height.saturating_sub(5 + replay + hints));
        let (replay, hints, meters, message) = (row(replay), row(hints), row(1), row(1));
        Self { title, tabs, filter, view, replay, hints, meters, message, wide, tiny }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_belongs_to_one_part_at_every_size() {
        let replay = Phase::Replay { playing: true, speed: 60.0, position: 0, events: 0 };
        for phase in [Phase::File, replay] {
            for (width, height) in [(0, 0), (1, 1), (60, 16), (79, 24), (80, 24), (120, 36), (300, 5), (120, 6), (u16::MAX, u16::MAX)] {
                let layout = Layout::of(Rect::new(0, 0, width, height), &phase);
                let parts =
                    [layout.title, layout.tabs, layout.filter, layout.view, layout.replay, layout.hints, layout.meters, layout.message];
                let mut y = 0;
                for part in parts {
                    assert_eq!((part.y, part.width), (y, width));
                    y = part.bottom();
                }
                assert_eq!(y, height, "{width}x{height}");
            }
        }
    }
}
