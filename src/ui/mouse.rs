//! The mouse: what it points at and what that does. It is off until a key turns it on, and nothing needs it.
//!
//! What it does is what a key would do: a click moves the cursor, a click on what is under the cursor opens it (so that a
//! double click opens, without a clock), the wheel scrolls what is under the pointer.

use crate::ui::action::Action;
use crate::ui::effect::Effect;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

/// What was done with the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gesture {
    /// The left button went down.
    Press,
    /// It is held and the pointer moved.
    Drag,
    /// It went up.
    Release,
    WheelUp,
    WheelDown,
}

/// A gesture and where on the screen it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    pub gesture: Gesture,
    pub at: Position,
}

impl Mouse {
    /// What an event of the terminal says; `None` for other buttons and for moves without a button.
    #[must_use]
    pub const fn of(event: MouseEvent) -> Option<Self> {
        let gesture = match event.kind {
            MouseEventKind::Down(MouseButton::Left) => Gesture::Press,
            MouseEventKind::Drag(MouseButton::Left) => Gesture::Drag,
            MouseEventKind::Up(MouseButton::Left) => Gesture::Release,
            MouseEventKind::ScrollUp => Gesture::WheelUp,
            MouseEventKind::ScrollDown => Gesture::WheelDown,
            _ => return None,
        };
        Some(Self { gesture, at: Position::new(event.column, event.row) })
    }
    /// The move of the cursor that the wheel stands for.
    #[must_use]
    pub const fn wheel(self) -> Option<Action> {
        match self.gesture {
            Gesture::WheelUp => Some(Action::CursorUp),
            Gesture::WheelDown => Some(Action::CursorDown),
            _ => None,
        }
    }
}

/// A notch of the wheel is three rows.
pub fn thrice(mut step: impl FnMut() -> Vec<Effect>) -> Vec<Effect> {
    (0..3).flat_map(|_| step()).collect()
}
