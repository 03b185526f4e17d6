//! The real program in a terminal that a test looks at: keys in, bytes and pictures out.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// Longest wait for anything; only a failing test waits that long.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// One logon, by an account whose name would steer a terminal.
pub const LOG: &str = r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Security-Auditing"}},"EventID":4624,"Channel":"Security","Computer":"fs01.corp.example","EventRecordID":7,"TimeCreated":{"#attributes":{"SystemTime":"2026-03-14T09:31:20.000000Z"}}},"EventData":{"TargetUserName":"svc_backup\u001b]0;owned\u0007","TargetDomainName":"CORP","TargetUserSid":"S-1-5-21-1-2-3-1104","TargetLogonId":"0x1f3a8c2","LogonType":10,"IpAddress":"10.0.9.66","IpPort":"51884","WorkstationName":"WS41"}}}"##;

pub struct Run {
    pub child: Box<dyn Child + Send + Sync>,
    pub master: Box<dyn MasterPty + Send>,
    pub keys: Box<dyn std::io::Write + Send>,
    pub output: Receiver<Vec<u8>>,
    pub screen: vt100::Parser,
    /// Everything that was written.
    pub bytes: Vec<u8>,
    _folder: tempfile::TempDir,
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

pub fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

/// Starts the program on a small log, or with other arguments.
pub fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.jsonl");
    std::fs::write(&log, format!("{LOG}\n")).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_logonscope"));
    for argument in arguments {
        command.arg(argument);
    }
    if arguments.first() != Some(&"demo") {
        command.arg(&log);
    }
    run(command, environment, folder)
}

pub fn run(mut command: CommandBuilder, environment: &[(&str, &str)], folder: tempfile::TempDir) -> Run {
    let pair = native_pty_system().openpty(size(120, 36)).unwrap();
    for name in ["NO_COLOR", "COLORFGBG", "LC_ALL", "LC_CTYPE"] {
        command.env_remove(name);
    }
    for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")].iter().chain(environment) {
        command.env(name, value);
    }
    for name in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"] {
        command.env(name, folder.path());
    }
    let child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let (send, output) = channel();
    std::thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(count @ 1..) = reader.read(&mut piece) {
            if send.send(piece[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    let keys = pair.master.take_writer().unwrap();
    Run {
        child,
        master: pair.master,
        keys,
        output,
        screen: vt100::Parser::new(cells(36), cells(120), 0),
        bytes: Vec::new(),
        _folder: folder,
    }
}

impl Run {
    /// Reads what the program writes until the screen says what is wanted.
    #[track_caller]
    pub fn until(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        while !wanted(self.screen.screen()) {
            match self.output.recv_timeout(PATIENCE) {
                Ok(piece) => self.take(&piece),
                Err(RecvTimeoutError::Timeout) => panic!("waited too long for {what}:\n{}", self.screen.screen().contents()),
                Err(RecvTimeoutError::Disconnected) => panic!("ended before {what}:\n{}", self.screen.screen().contents()),
            }
        }
    }
    #[track_caller]
    pub fn shows(&mut self, text: &str) {
        self.until(text, |screen| screen.contents().contains(text));
    }
    pub fn take(&mut self, piece: &[u8]) {
        self.bytes.extend_from_slice(piece);
        self.screen.process(piece);
    }
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.master.resize(size(columns, rows)).unwrap();
        self.screen.screen_mut().set_size(cells(rows), cells(columns));
    }
    /// Reads to the end; gives the exit status.
    #[track_caller]
    pub fn end(&mut self) -> u32 {
        loop {
            match self.output.recv_timeout(PATIENCE) {
                Ok(piece) => self.take(&piece),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("does not end:\n{}", self.screen.screen().contents()),
            }
        }
        self.child.wait().unwrap().exit_code()
    }
    pub fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([name, &id]).status().unwrap().success());
    }
    /// Whether the system says that it is stopped.
    pub fn is_stopped(&self) -> bool {
        let id = self.child.process_id().unwrap().to_string();
        let output = std::process::Command::new("ps").args(["-o", "state=", "-p", &id]).output().unwrap();
        output.stdout.starts_with(b"T")
    }
    #[track_caller]
    pub fn until_stopped(&self) {
        let begun = std::time::Instant::now();
        while !self.is_stopped() {
            assert!(begun.elapsed() < PATIENCE, "it does not stop");
            std::thread::yield_now();
        }
    }
    /// Tells it to stop, and waits until it gave the terminal back and has stopped.
    #[track_caller]
    pub fn stop(&mut self) {
        self.signal("-TSTP");
        self.until("the shell's screen", |screen| !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
        self.until_stopped();
    }
    #[track_caller]
    pub fn gave_the_terminal_back(&self) {
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "still on the alternate screen");
        assert!(!screen.hide_cursor(), "the cursor is hidden");
        assert!(!screen.bracketed_paste(), "pastes are still bracketed");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "the mouse is still listened to");
        assert_eq!(screen.contents().trim(), "", "something is left on the screen");
    }
}
