//! What is written to the terminal: one piece for each frame, only what changed, between the marks of a synchronised
//! update.
//!
//! The terminal library writes resets and cursor commands also where nothing changed, and clears the screen before it is
//! drawn anew. Here nothing is written for a frame like the one before, and a screen that is drawn anew is written cell
//! by cell over the old one, so that it is never empty in between.

use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use crossterm::{Command as _, terminal};
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect, Size};
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

/// Bytes that wait for the end of the frame.
#[derive(Clone, Debug, Default)]
struct Waiting(Rc<RefCell<Vec<u8>>>);

impl Write for Waiting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    // The library flushes in the middle of a frame.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes frames to `W`.
pub struct Paint<W: Write> {
    inner: CrosstermBackend<Waiting>,
    waiting: Waiting,
    out: W,
    /// Frames stand between the marks of a synchronised update.
    is_synchronised: bool,
    /// All cells are to be written, whatever was there.
    whole: bool,
    /// Where the cursor is seen; `None` where it is hidden or nothing is known of it.
    cursor: Option<Position>,
    is_hidden: bool,
    /// Bytes of the last frame.
    bytes: usize,
}

impl<W: Write> Paint<W> {
    pub fn new(out: W, is_synchronised: bool) -> Self {
        let waiting = Waiting::default();
        let inner = CrosstermBackend::new(waiting.clone());
        Self { inner, waiting, out, is_synchronised, whole: true, cursor: None, is_hidden: false, bytes: 0 }
    }
    /// Bytes that the last frame took; 0 where it was like the one before.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }
    /// Nothing is known of what the terminal shows: the next frame writes everything.
    pub const fn forget(&mut self) {
        self.whole = true;
        self.cursor = None;
        self.is_hidden = false;
    }
    fn draw_whole<'a>(&mut self, area: Rect, cells: impl Iterator<Item = (u16, u16, &'a Cell)>) -> io::Result<()> {
        let mut screen = Buffer::empty(area);
        for (x, y, cell) in cells {
            if let Some(place) = screen.cell_mut((x, y)) {
                *place = cell.clone();
            }
        }
        // What a wide character covers is not written: it would push the row.
        let mut covered = 0;
        let positions = area.positions().zip(&screen.content).filter(|(at, cell)| {
            if at.x == area.x {
                covered = 0;
            }
            let is_covered = covered > 0;
            covered = if is_covered { covered - 1 } else { crate::base::text::width(cell.symbol()).saturating_sub(1) };
            !is_covered
        });
        self.inner.draw(positions.map(|(at, cell)| (at.x, at.y, cell)))
    }
}

impl<W: Write> Backend for Paint<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        if self.whole {
            let size = self.size()?;
            self.draw_whole(Rect::new(0, 0, size.width, size.height), content)?;
            self.whole = false;
            self.cursor = None;
            return Ok(());
        }
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        self.cursor = None;
        self.inner.draw(content)
    }
    fn hide_cursor(&mut self) -> io::Result<()> {
        self.cursor = None;
        if std::mem::replace(&mut self.is_hidden, true) { Ok(()) } else { self.inner.hide_cursor() }
    }
    fn show_cursor(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.is_hidden, false) { self.inner.show_cursor() } else { Ok(()) }
    }
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        // The terminal is not asked: one that does not answer would hold everything up.
        Ok(self.cursor.unwrap_or_default())
    }
    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.cursor.replace(position) == Some(position) { Ok(()) } else { self.inner.set_cursor_position(position) }
    }
    fn clear(&mut self) -> io::Result<()> {
        self.whole = true;
        Ok(())
    }
    fn clear_region(&mut self, _region: ClearType) -> io::Result<()> {
        self.clear()
    }
    fn size(&self) -> io::Result<Size> {
        let (width, height) = terminal::size()?;
        Ok(Size { width, height })
    }
    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }
    /// The end of a frame.
    fn flush(&mut self) -> io::Result<()> {
        let frame = std::mem::take(&mut *self.waiting.0.borrow_mut());
        self.bytes = 0;
        if frame.is_empty() {
            return Ok(());
        }
        let mut piece = String::new();
        let marks = |mark: &mut String, command: &dyn Fn(&mut String) -> std::fmt::Result| {
            if self.is_synchronised {
                let _ = command(mark); // a String takes every write
            }
        };
        marks(&mut piece, &|mark| BeginSynchronizedUpdate.write_ansi(mark));
        let mut piece = piece.into_bytes();
        piece.extend_from_slice(&frame);
        let mut end = String::new();
        marks(&mut end, &|mark| EndSynchronizedUpdate.write_ansi(mark));
        piece.extend_from_slice(end.as_bytes());
        self.bytes = piece.len();
        self.out.write_all(&piece)?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Style;

    fn screen(width: u16, height: u16) -> (Paint<Vec<u8>>, Rect) {
        (Paint::new(Vec::new(), true), Rect::new(0, 0, width, height))
    }

    /// What a terminal of 20x3 shows after all that was written.
    fn shown(bytes: &[u8], before: &str) -> Vec<String> {
        let [rows, columns] = [3, 20].map(|count: u16| count.try_into().unwrap());
        let mut parser = vt100::Parser::new(rows, columns, 0);
        parser.process(before.as_bytes());
        parser.process(bytes);
        parser.screen().rows(0, 20).map(|row| row.trim_end().to_owned()).collect()
    }

    #[test]
    fn a_whole_screen_covers_what_was_there_without_clearing_it() {
        let (mut paint, area) = screen(20, 3);
        let mut buffer = Buffer::empty(area);
        buffer.set_string(2, 0, "\u{4e2d}\u{6587} name", Style::default());
        buffer.set_string(0, 2, "e\u{301}nd", Style::default());
        let blank = Buffer::empty(area);
        let updates: Vec<_> = blank.diff(&buffer);
        paint.draw_whole(area, updates.into_iter()).unwrap();
        paint.flush().unwrap();
        let written = String::from_utf8(paint.out.clone()).unwrap();
        assert!(!written.contains("\u{1b}[2J"), "{written:?}");
        assert_eq!(shown(&paint.out, &"x".repeat(60)), ["  \u{4e2d}\u{6587} name", "", "e\u{301}nd"]);
        assert!(written.starts_with("\u{1b}[?2026h") && written.ends_with("\u{1b}[?2026l"), "{written:?}");
    }

    #[test]
    fn a_frame_like_the_one_before_writes_nothing() {
        let (mut paint, area) = screen(20, 3);
        paint.whole = false;
        paint.hide_cursor().unwrap();
        paint.flush().unwrap();
        let first = paint.out.len();
        assert!(first > 0);
        let (blank, mut buffer) = (Buffer::empty(area), Buffer::empty(area));
        paint.draw(blank.diff(&buffer).into_iter()).unwrap();
        paint.hide_cursor().unwrap();
        paint.flush().unwrap();
        assert_eq!((paint.out.len(), paint.bytes()), (first, 0));
        buffer.set_string(3, 1, "a", Style::default());
        paint.draw(blank.diff(&buffer).into_iter()).unwrap();
        paint.show_cursor().unwrap();
        paint.set_cursor_position((3, 1)).unwrap();
        paint.flush().unwrap();
        assert!((20..80).contains(&paint.bytes()), "{}", paint.bytes());
        paint.show_cursor().unwrap();
        paint.set_cursor_position((3, 1)).unwrap();
        paint.flush().unwrap();
        assert_eq!(paint.bytes(), 0);
    }

    #[test]
    fn without_marks_only_the_frame_is_written() {
        let mut paint = Paint::new(Vec::new(), false);
        paint.hide_cursor().unwrap();
        paint.flush().unwrap();
        assert_eq!(paint.out, b"\x1b[?25l");
    }
}
