//! The ways to a clipboard: a tool of the system, or the terminal itself by OSC 52.
//!
//! A tool reaches the clipboard of the computer the program runs on, which over SSH is the wrong one; OSC 52 asks the
//! terminal, wherever it is, and is told nothing back. tmux and screen hold such a sequence back unless it is wrapped.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Bytes of base64 that terminals take in one sequence: hterm and xterm of old refuse more.
pub const MOST_ENCODED: usize = 74_994;
/// Bytes of a string that screen passes on at once, with what is put round them.
const SCREEN_PIECE: usize = 700;

/// What the setting `ui.clipboard` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Clipboard {
    #[default]
    Auto,
    Osc52,
    Native,
    Off,
}

/// What stands between the program and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    Nothing,
    Tmux,
    Screen,
}

/// A program that takes standard input into the clipboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    pub name: &'static str,
    pub path: PathBuf,
    arguments: &'static [&'static str],
}

/// The way a copy takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    Osc52(Between),
    Tool(Tool),
    /// With the reason.
    Nowhere(&'static str),
}

/// Tools in the order they are asked for, with the variable that says that they can work here.
const TOOLS: [(&str, &[&str], Option<&str>); 5] = [
    ("pbcopy", &[], None),
    ("wl-copy", &[], Some("WAYLAND_DISPLAY")),
    ("xclip", &["-selection", "clipboard", "-in"], Some("DISPLAY")),
    ("xsel", &["--clipboard", "--input"], Some("DISPLAY")),
    ("clip.exe", &[], None),
];

impl Way {
    /// The way that the setting and the environment leave. `found` looks a program up.
    #[must_use]
    pub fn choose(wanted: Clipboard, variable: impl Fn(&str) -> Option<String>, found: impl Fn(&str) -> Option<PathBuf>) -> Self {
        let is_remote = variable("SSH_TTY").is_some() || variable("SSH_CONNECTION").is_some();
        let tool = || {
            TOOLS.iter().filter(|(.., needs)| needs.is_none_or(|name| variable(name).is_some())).find_map(|(name, arguments, _)| {
                let path = found(name)?;
                Some(Tool { name, path, arguments })
            })
        };
        match wanted {
            Clipboard::Off => Self::Nowhere("copying is switched off: clipboard = \"off\" under [ui] of the settings"),
            Clipboard::Native => tool().map_or(Self::Nowhere("no pbcopy, wl-copy, xclip, xsel or clip.exe is here"), Self::Tool),
            Clipboard::Auto if !is_remote => tool().map_or_else(|| Self::terminal(&variable), Self::Tool),
            Clipboard::Auto | Clipboard::Osc52 => Self::terminal(&variable),
        }
    }
    /// By way of the terminal.
    #[must_use]
    pub fn terminal(variable: impl Fn(&str) -> Option<String>) -> Self {
        Self::Osc52(if variable("TMUX").is_some() {
            Between::Tmux
        } else if variable("STY").is_some() {
            Between::Screen
        } else {
            Between::Nothing
        })
    }
}

impl Between {
    /// How a message names the way.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Nothing => "by OSC 52",
            Self::Tmux => "by OSC 52 through tmux",
            Self::Screen => "by OSC 52 through screen",
        }
    }
    /// The sequence that puts `text` on the clipboard.
    ///
    /// # Errors
    /// It is longer than terminals take; the text says by how much.
    pub fn sequence(self, text: &str) -> Result<String, String> {
        let encoded = BASE64_STANDARD.encode(text);
        if encoded.len() > MOST_ENCODED {
            let count = |bytes: usize| crate::base::text::count(bytes as u64);
            return Err(format!(
                "not copied: {} bytes, and terminals take {} at most; w writes files",
                count(text.len()),
                count(MOST_ENCODED / 4 * 3)
            ));
        }
        let bare = format!("\x1b]52;c;{encoded}\x07");
        Ok(match self {
            Self::Nothing => bare,
            Self::Tmux => format!("\x1bPtmux;{}\x1b\\", bare.replace('\x1b', "\x1b\x1b")),
            Self::Screen => {
                let mut out = String::new();
                let mut rest = bare.as_str();
                while !rest.is_empty() {
                    let (piece, after) = rest.split_at(rest.len().min(SCREEN_PIECE)); // all of it is ASCII
                    let _ = write!(out, "\x1bP{piece}\x1b\\"); // a String takes every write
                    rest = after;
                }
                out
            }
        })
    }
}

/// The program of this name in the folders of `PATH`.
#[must_use]
pub fn find_program(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

impl Tool {
    /// Hands `text` over and waits until the tool has it. Not for the thread of the screen.
    ///
    /// # Errors
    /// The tool cannot be started, or says that it failed.
    pub fn take(&self, text: &str) -> io::Result<()> {
        let mut command = Command::new(&self.path);
        // What the tool leaves behind it, to serve the text, must not hold or write to the terminal.
        command.args(self.arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        if let Some(mut input) = child.stdin.take() {
            if self.name == "clip.exe" {
                // It reads the code page of the console unless told by a byte order mark.
                let units: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
                input.write_all(&units)?;
            } else {
                input.write_all(text.as_bytes())?;
            }
        }
        let status = child.wait()?;
        if status.success() { Ok(()) } else { Err(io::Error::other(format!("it ended with {status}"))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(wanted: Clipboard, variables: &[&str], programs: &[&str]) -> Way {
        Way::choose(
            wanted,
            |name| variables.contains(&name).then(|| "x".to_owned()),
            |name| programs.contains(&name).then(|| PathBuf::from(name)),
        )
    }

    #[test]
    fn the_terminal_is_asked_over_ssh_and_where_no_tool_can_work() {
        let auto = Clipboard::Auto;
        for (wanted, variables, programs, by) in [
            (auto, &["SSH_TTY", "DISPLAY"][..], &["xclip"][..], "by OSC 52"),
            (auto, &["SSH_CONNECTION", "TMUX"], &["xclip"], "by OSC 52 through tmux"),
            (auto, &["STY"], &[], "by OSC 52 through screen"),
            (auto, &[], &["xclip", "wl-copy"], "by OSC 52"),
            (auto, &["DISPLAY"], &["xsel", "xclip"], "xclip"),
            (auto, &["DISPLAY", "WAYLAND_DISPLAY"], &["xclip", "wl-copy"], "wl-copy"),
            (auto, &["TMUX"], &["pbcopy"], "pbcopy"),
            (Clipboard::Osc52, &["DISPLAY"], &["xclip"], "by OSC 52"),
            (Clipboard::Native, &["SSH_TTY", "DISPLAY"], &["xclip"], "xclip"),
            (Clipboard::Native, &["DISPLAY"], &[], "none"),
            (Clipboard::Off, &["DISPLAY"], &["xclip"], "none"),
        ] {
            let found = match way(wanted, variables, programs) {
                Way::Osc52(between) => between.words(),
                Way::Tool(tool) => tool.name,
                Way::Nowhere(_) => "none",
            };
            assert_eq!(found, by, "{wanted:?} {variables:?} {programs:?}");
        }
    }

    #[test]
    fn sequences_are_wrapped_for_what_stands_between() {
        assert_eq!(Between::Nothing.sequence("FS01").unwrap(), "\x1b]52;c;RlMwMQ==\x07");
        assert_eq!(Between::Tmux.sequence("FS01").unwrap(), "\x1bPtmux;\x1b\x1b]52;c;RlMwMQ==\x07\x1b\\");
        assert_eq!(Between::Screen.sequence("FS01").unwrap(), "\x1bP\x1b]52;c;RlMwMQ==\x07\x1b\\");
        let pieces = Between::Screen.sequence(&"x".repeat(3_000)).unwrap();
        assert_eq!(pieces.matches("\x1bP").count(), 6);
        assert_eq!(pieces.replace("\x1bP", "").replace("\x1b\\", ""), Between::Nothing.sequence(&"x".repeat(3_000)).unwrap());
    }

    #[test]
    fn what_terminals_would_cut_is_refused_with_its_size() {
        assert!(Between::Nothing.sequence(&"x".repeat(56_244)).is_ok());
        let told = Between::Nothing.sequence(&"x".repeat(100_000)).unwrap_err();
        assert!(told.contains("100,000 bytes") && told.contains("56,244"), "{told}");
    }
}
