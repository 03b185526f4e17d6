//! The real program in a terminal that nobody looks at, to be watched from outside and killed.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::Read as _;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// Longest wait for anything; only a failing test waits that long.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Unseen {
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
    keys: Box<dyn std::io::Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    /// Where the program keeps what it keeps, unless the command says otherwise.
    _data: tempfile::TempDir,
}

impl Unseen {
    /// Starts a shell command; the program is `$0`.
    pub fn shell(line: &str) -> Self {
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", line, env!("CARGO_BIN_EXE_logonscope")]);
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8")] {
            command.env(name, value);
        }
        let data = tempfile::tempdir().unwrap();
        for name in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"] {
            command.env(name, data.path());
        }
        let pair = native_pty_system().openpty(PtySize { rows: 36, cols: 120, pixel_width: 0, pixel_height: 0 }).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let (send, output) = channel();
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut piece) {
                if send.send(piece[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let screen = vt100::Parser::new(36.try_into().unwrap(), 120.try_into().unwrap(), 0);
        Self { child, _master: pair.master, keys, output, screen, _data: data }
    }
    /// Reads what the program writes until the screen says what is wanted.
    #[track_caller]
    pub fn shows(&mut self, wanted: &str) {
        while !self.screen.screen().contents().contains(wanted) {
            match self.output.recv_timeout(PATIENCE) {
                Ok(piece) => self.screen.process(&piece),
                Err(RecvTimeoutError::Timeout) => panic!("waited too long for {wanted}:\n{}", self.screen.screen().contents()),
                Err(RecvTimeoutError::Disconnected) => panic!("ended before {wanted}:\n{}", self.screen.screen().contents()),
            }
        }
    }
    /// Presses keys.
    pub fn press(&mut self, keys: &str) {
        std::io::Write::write_all(&mut self.keys, keys.as_bytes()).unwrap();
        std::io::Write::flush(&mut self.keys).unwrap();
    }
    /// Waits for the program to end by itself; says whether it was content.
    #[track_caller]
    pub fn ends(mut self) -> (bool, String) {
        loop {
            match self.output.recv_timeout(PATIENCE) {
                Ok(piece) => self.screen.process(&piece),
                Err(RecvTimeoutError::Timeout) => panic!("did not end:\n{}", self.screen.screen().contents()),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        (self.child.wait().unwrap().success(), self.screen.screen().contents())
    }
    /// Ends it at once, as the system does for want of memory; nothing is put in order.
    pub fn kill(mut self) {
        let id = self.child.process_id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args(["-9", &id]).status().unwrap().success());
        self.child.wait().unwrap();
    }
}

/// Waits for a condition that the program brings about.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "waited too long for {what}");
        std::thread::yield_now();
    }
}
