//! A running engine that listens, and small clients that speak to it.
#![allow(dead_code)] // each test uses its part

use flate2::Compression;
use flate2::write::GzEncoder;
use logonscope::engine::handle::Handle;
use logonscope::engine::load::Opened;
use logonscope::engine::{Mode, Plan, start};
use logonscope::source::archive::Unpacking;
use logonscope::source::listen::address::Address;
use logonscope::source::listen::limits::Patience;
use logonscope::source::listen::{self, Listener, Secrets};
use logonscope::store::Snapshot;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Instant;

#[path = "waiting.rs"]
mod waiting;
pub use waiting::DEADLINE;
use waiting::wait;

/// Listeners on free ports of the loopback, one for each scheme.
pub fn listeners(schemes: &[&str], secrets: &Secrets, patience: Patience) -> Vec<Listener> {
    let addresses: Vec<Address> = schemes.iter().map(|scheme| Address::parse(&format!("{scheme}://127.0.0.1:0")).unwrap()).collect();
    listen::start(&addresses, secrets, patience).unwrap()
}

/// An engine on listeners.
pub struct Station {
    pub handle: Handle,
    pub at: Vec<SocketAddr>,
}

impl Station {
    pub fn new(schemes: &[&str]) -> Self {
        Self::with(schemes, &Secrets::default(), Patience::default())
    }
    pub fn with(schemes: &[&str], secrets: &Secrets, patience: Patience) -> Self {
        let listeners = listeners(schemes, secrets, patience);
        let at = listeners.iter().map(|listener| listener.address().at).collect();
        let inputs = listeners.into_iter().map(Opened::listener).collect();
        let handle = start(Plan { inputs, arguments: Vec::new(), unpacking: Unpacking::default(), mode: Mode::Open { follow: true } });
        let mut station = Self { handle, at };
        // The first snapshot of all is empty.
        station.wait("listening", |now| now.inputs.len() == schemes.len());
        station
    }
    /// Records that an input counted so far.
    pub fn records(&mut self, input: usize, count: u64) {
        self.wait("records", |now| now.inputs[input].records >= count);
    }
    /// Waits until a snapshot is as wanted; fails with what was there.
    pub fn wait(&mut self, what: &str, wanted: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        wait(&mut self.handle, what, wanted)
    }
    pub fn events(&mut self, count: usize) -> Arc<Snapshot> {
        self.wait("all events", |now| now.tables.events.len() >= count)
    }
}

/// Asks again until it is so.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < DEADLINE, "never {what}");
        std::thread::yield_now();
    }
}

pub fn connect(at: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.set_write_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// Whether the other side closed the connection; waits for it.
pub fn is_closed(mut stream: impl Read) -> bool {
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => true,
        Err(error) => matches!(error.kind(), std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe),
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A request as shippers write it: method and path, header lines, body.
pub fn request(line: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut text = format!("{line} HTTP/1.1\r\nHost: localhost\r\n");
    for header in headers {
        text += &format!("{header}\r\n");
    }
    if !body.is_empty() || line.starts_with('P') {
        text += &format!("Content-Length: {}\r\n", body.len());
    }
    let mut bytes = (text + "\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// Status, header lines in lower case, body.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Response {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// Reads one response.
pub fn response(stream: &mut impl Read) -> Response {
    response_to("GET", stream)
}

fn response_to(method: &str, stream: &mut impl Read) -> Response {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap_or_else(|error| panic!("{error} after {}", String::from_utf8_lossy(&head)));
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; if method == "HEAD" { 0 } else { length }];
    stream.read_exact(&mut body).unwrap();
    Response { status: head.split(' ').nth(1).unwrap().parse().unwrap(), head, body: String::from_utf8(body).unwrap() }
}

/// Sends one request on a connection that stays open.
pub fn ask(stream: &mut TcpStream, line: &str, headers: &[&str], body: &[u8]) -> Response {
    stream.write_all(&request(line, headers, body)).unwrap();
    response_to(line.split(' ').next().unwrap(), stream)
}

/// Lines of the demo's Windows recording.
pub fn windows() -> Vec<&'static str> {
    include_str!("../../assets/demo/windows.jsonl").lines().collect()
}

/// Lines of the demo's sign-ins.
pub fn entra() -> Vec<&'static str> {
    include_str!("../../assets/demo/entra.jsonl").lines().collect()
}
