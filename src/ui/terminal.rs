//! The terminal is borrowed: whatever ends the program, it is given back as it was found.
//!
//! The guard restores it when it is dropped, also while a panic unwinds; the panic hook restores it before the message
//! is printed, so that the message is seen. A panic of another thread leaves the screen alone: who started the thread
//! tells the story.

use crate::ui::paint::Paint;
use crate::ui::signals::{self, Signals};
use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
#[cfg(windows)]
use crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::Terminal;
use ratatui::layout::Rect;
use std::io::{self, Stdout, Write as _};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// The screen of a terminal in raw mode.
pub struct Screen {
    pub terminal: Terminal<Paint<Stdout>>,
}

/// The mouse is asked for. Whoever gives the terminal back must know, also the panic hook.
static MOUSE: AtomicBool = AtomicBool::new(false);

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, Hide)?;
    if MOUSE.load(Ordering::Relaxed) { listen(true) } else { Ok(()) }
}

/// Asks the terminal to report buttons and the wheel, or not to. Moves without a button are not asked for: over a slow
/// line they would be most of what is sent.
#[cfg(not(windows))]
fn listen(on: bool) -> io::Result<()> {
    let sign = if on { 'h' } else { 'l' };
    let modes = if on { ["1000", "1002", "1006"] } else { ["1006", "1002", "1000"] };
    let sequence: String = modes.iter().map(|mode| format!("\x1b[?{mode}{sign}")).collect();
    execute!(io::stdout(), crossterm::style::Print(sequence))
}

#[cfg(windows)]
fn listen(on: bool) -> io::Result<()> {
    if on { execute!(io::stdout(), EnableMouseCapture) } else { execute!(io::stdout(), DisableMouseCapture) }
}

/// Gives the terminal back. Errors are of no use here: there may be no terminal any more.
fn leave() {
    if MOUSE.load(Ordering::Relaxed) {
        let _ = listen(false);
    }
    let _ = execute!(io::stdout(), DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}

/// What a panic says.
#[must_use]
pub fn panic_text<'a>(info: &'a std::panic::PanicHookInfo<'_>) -> &'a str {
    let payload = info.payload();
    payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no words")
}

fn hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let screen_thread = std::thread::current().id();
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().id() == screen_thread {
                leave();
                before(info);
            } else {
                // Whoever started the thread goes on without it; nothing may be printed over the screen.
                let place = info.location().map(ToString::to_string).unwrap_or_default();
                tracing::error!(place, "panic: {}", panic_text(info));
            }
        }));
    });
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// The terminal refuses raw mode or cannot be written to.
    pub fn take() -> io::Result<Self> {
        hook();
        // Terminals that know the marks of a synchronised update show a frame at once; these would print them.
        let is_synchronised = !matches!(std::env::var("TERM").as_deref(), Ok("dumb" | "linux" | "vt100") | Err(_));
        let terminal = Terminal::new(Paint::new(io::stdout(), is_synchronised))?;
        // From here on the guard's drop undoes what was done, also where the next line fails half-way.
        let mut screen = Self { terminal };
        enter()?;
        screen.clear()?;
        Ok(screen)
    }
    /// Gives the terminal back, stops the whole job as Ctrl-z does in a shell, and takes the terminal over again when it is
    /// continued.
    ///
    /// # Errors
    /// As `take`, or the system refuses to stop.
    pub fn suspend(&mut self, signals: &mut Signals) -> io::Result<()> {
        leave();
        let stopped = signals.stop_job();
        self.again()?;
        stopped
    }
    /// The same for this process alone, which somebody told to stop.
    ///
    /// # Errors
    /// As `suspend`.
    pub fn stop(&mut self) -> io::Result<()> {
        leave();
        let stopped = signals::stop_self();
        self.again()?;
        stopped
    }
    /// Takes the terminal over again, whatever was done with it meanwhile.
    ///
    /// # Errors
    /// As `take`.
    pub fn again(&mut self) -> io::Result<()> {
        // The library believes that the terminal still is as it left it; a shell may have changed it.
        disable_raw_mode()?;
        enter()?;
        self.clear()
    }
    /// Asks the terminal for its background; the answer comes among the keys.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    pub fn ask_ground(&mut self) -> io::Result<()> {
        self.pass(crate::ui::ground::QUESTION)
    }
    /// Bytes that the last frame took.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.terminal.backend().bytes()
    }
    /// Listens to the mouse, or leaves it to the terminal again.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    pub fn mouse(&mut self, on: bool) -> io::Result<()> {
        MOUSE.store(on, Ordering::Relaxed);
        listen(on)
    }
    /// Hands the terminal a sequence that draws nothing, such as one for the clipboard. A frame is written as one piece,
    /// so it stands before or after one.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    pub fn pass(&mut self, sequence: &str) -> io::Result<()> {
        let mut out = io::stdout();
        out.write_all(sequence.as_bytes())?;
        out.flush()
    }
    /// The next drawing draws everything. The terminal is not asked where its cursor is: one that does not answer would
    /// hold up the start.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    pub fn clear(&mut self) -> io::Result<()> {
        self.terminal.backend_mut().forget();
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::new(0, 0, size.width, size.height))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}
