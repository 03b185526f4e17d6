//! Listening for streams and datagrams: what is sent gives the same as what is read from a file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/digest.rs"]
mod digest;
#[path = "support/listening.rs"]
mod listening;

use listening::{DEADLINE, Station, ask, connect, entra, is_closed, listeners, until, windows};
use logonscope::engine::load::Opened;
use logonscope::engine::resume::resume;
use logonscope::engine::{Mode, Plan, start, start_keeping};
use logonscope::model::input::PlaceKind;
use logonscope::source::archive::Unpacking;
use logonscope::source::journal::{Journal, Limits};
use logonscope::source::listen::limits::{self, Patience};
use logonscope::source::listen::{Loss, Secrets};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::io::Write as _;
use std::net::{TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

#[test]
fn lines_over_tcp_in_odd_pieces_give_the_same_as_the_file() {
    let text = include_bytes!("../assets/demo/windows.jsonl");
    let whole = digest::at_once(&[Opened::memory("windows.jsonl", Arc::from(text.as_slice()))]);
    let mut station = Station::new(&["tcp"]);
    let mut stream = connect(station.at[0]);
    for piece in text.chunks(9_973) {
        stream.write_all(piece).unwrap();
    }
    let last = station.events(whole.tables.events.len());
    assert!(digest::of(&last) == digest::of(&whole));
    assert_eq!((last.inputs[0].unreadable, last.inputs[0].unknown), (0, 0));
    assert_eq!(last.inputs[0].path, Path::new(&format!("tcp://{}", station.at[0])));
    let senders = station.wait("counted", |now| now.inputs[0].senders.as_ref().is_some_and(|words| words.contains("1 connected")));
    assert!(senders.inputs[0].senders.as_ref().unwrap().contains("this machine only"), "{:?}", senders.inputs[0].senders);
    // Records can be looked at as they were sent.
    for row in [0, 400, 890] {
        let event = last.tables.events.get(row).unwrap().event.clone();
        let raw = station.handle.raw.raw(event.provenance).unwrap();
        assert!(raw.json.contains(&event.record.to_string()), "{}", raw.json);
    }
}

#[test]
fn syslog_headers_and_both_framings_are_recognised_message_by_message() {
    let lines = windows();
    let mut station = Station::new(&["syslog+tcp"]);
    let mut stream = connect(station.at[0]);
    let mut sent = String::new();
    for (number, line) in lines.iter().take(200).enumerate() {
        let message = match number % 5 {
            0 => (*line).to_owned(),
            1 => format!("<14>1 2026-11-21T09:00:00Z dc01 nxlog 712 - - {line}"),
            2 => format!("<14>1 2026-11-21T09:00:00.1Z dc01 nxlog - ID1 [a@1 k=\"]\\\"{{\"][b@1] \u{feff}{line}"),
            3 => format!("<13>Nov 21 09:00:00 dc01 nxlog[4]: {line}"),
            _ => format!("<13>Nov  1 09:00:00 dc01 nxlog: @cee: {line}"),
        };
        if number % 2 == 0 {
            sent += &format!("{message}\n");
        } else {
            sent += &format!("{} {message}", message.len());
        }
    }
    stream.write_all(sent.as_bytes()).unwrap();
    let now = station.events(200);
    assert_eq!((now.inputs[0].records, now.inputs[0].unreadable, now.inputs[0].unknown), (200, 0, 0));
}

/// An event as XML on one line.
fn xml(record: u32) -> String {
    format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing'/>\
             <EventID>4624</EventID><TimeCreated SystemTime='2026-03-10T08:00:00.{record:03}Z'/><EventRecordID>{record}</EventRecordID>\
             <Channel>Security</Channel><Computer>FS01</Computer></System><EventData><Data Name='TargetUserName'>ada</Data>\
             <Data Name='TargetLogonId'>0x{record:x}</Data><Data Name='LogonType'>3</Data></EventData></Event>"
    )
}

#[test]
fn xml_and_json_may_come_on_one_connection() {
    let mut station = Station::new(&["tcp"]);
    let mut stream = connect(station.at[0]);
    for (number, line) in windows().iter().take(20).enumerate() {
        stream.write_all(format!("{line}\n<13>host: {}\n", xml(number as u32 + 100)).as_bytes()).unwrap();
    }
    let now = station.events(40);
    assert_eq!((now.inputs[0].records, now.inputs[0].unreadable), (40, 0));
    let xml = now.tables.events.iter().find(|row| row.event.record == 110).unwrap();
    assert!(station.handle.raw.raw(xml.event.provenance).unwrap().json.contains("FS01"));
}

#[test]
fn a_broken_sender_is_named_and_the_others_go_on() {
    let lines = windows();
    let mut station = Station::new(&["tcp"]);
    let mut good = connect(station.at[0]);
    let mut bad = connect(station.at[0]);
    good.write_all(format!("{}\n", lines[0]).as_bytes()).unwrap();
    bad.write_all(b"{\"EventID\": 4624, \"broken\": \n{\"also\":\nnot json at all\n\xff\xfe\xfd\n{\"a\":\"\xff\xc0\"}\n\0\0\0\n").unwrap();
    let now = station.wait("bad lines counted", |now| now.inputs[0].unreadable == 5);
    assert!(
        now.inputs[0].places.of(PlaceKind::Unreadable).all(|place| place.reason.contains("sent by 127.0.0.1")),
        "{:?}",
        now.inputs[0].places
    );
    // A line of more than is allowed costs itself; the connection goes on.
    let before = now.inputs[0].unreadable;
    let long = vec![b'x'; 256 << 10];
    for _ in 0..5 {
        bad.write_all(&long).unwrap();
    }
    bad.write_all(format!("\n{}\n", lines[1]).as_bytes()).unwrap();
    let now = station.events(2);
    let now =
        if now.inputs[0].unreadable > before { now } else { station.wait("long line counted", |now| now.inputs[0].unreadable > before) };
    assert!(now.inputs[0].places.of(PlaceKind::Unreadable).any(|place| place.reason.contains("longer than")));
    good.write_all(format!("{}\n", lines[2]).as_bytes()).unwrap();
    station.events(3);
}

#[test]
fn a_broken_datagram_cannot_take_in_the_next_one() {
    let lines = windows();
    let listener = listeners(&["udp"], &Secrets::default(), Patience::default()).remove(0);
    let at = listener.address().at;
    let [honest, hostile] = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
    // Nothing is taken until all is there, so that they come together.
    let mut sent = 0;
    for line in &lines[..3] {
        for (socket, datagram) in [(&hostile, "{\"a\":"), (&honest, *line), (&hostile, "}")] {
            socket.send_to(datagram.as_bytes(), at).unwrap();
            sent += 1;
            until("taken in", || listener.seen().messages == sent);
        }
    }
    let plan = Plan {
        inputs: vec![Opened::listener(listener)],
        arguments: Vec::new(),
        unpacking: Unpacking::default(),
        mode: Mode::Open { follow: true },
    };
    let mut station = Station { handle: start(plan), at: vec![at] };
    let now = station.events(3);
    assert_eq!((now.inputs[0].records, now.inputs[0].unreadable), (3, 6));
}

#[test]
fn connections_beyond_the_limit_are_closed_and_room_comes_back() {
    let mut station = Station::new(&["tcp"]);
    let mut open: Vec<TcpStream> = (0..limits::CONNECTIONS).map(|_| connect(station.at[0])).collect();
    let all = format!("{} connected", limits::CONNECTIONS);
    station.wait("all connected", |now| now.inputs[0].senders.as_ref().is_some_and(|words| words.starts_with(&all)));
    assert!(is_closed(connect(station.at[0])));
    station.wait("refused", |now| now.inputs[0].senders.as_ref().is_some_and(|words| words.contains("connections at once")));
    open.pop();
    until("a place is free", || {
        let mut stream = connect(station.at[0]);
        // A refused one is closed; one that was taken in stays open.
        stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let taken = matches!(std::io::Read::read(&mut stream, &mut [0]), Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut));
        taken && stream.write_all(format!("{}\n", windows()[0]).as_bytes()).is_ok()
    });
    station.events(1);
}

#[test]
fn a_sender_that_stops_inside_a_message_is_closed() {
    let patience = Patience { message_pause: Duration::from_millis(50), ..Patience::default() };
    let mut station = Station::with(&["tcp"], &Secrets::default(), patience);
    let mut quiet = connect(station.at[0]);
    let mut stream = connect(station.at[0]);
    stream.write_all(b"{\"EventID\":").unwrap();
    assert!(is_closed(&stream));
    let now = station.wait("counted", |now| now.inputs[0].unreadable == 1);
    assert!(now.inputs[0].places.all()[0].at.reason.contains("stopped"));
    // Between messages a sender may be quiet for as long as it likes.
    quiet.write_all(format!("{}\n", windows()[0]).as_bytes()).unwrap();
    station.events(1);
}

#[test]
fn datagrams_are_taken_in_with_and_without_syslog_headers() {
    let mut station = Station::new(&["udp"]);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for (number, line) in windows().iter().take(100).enumerate() {
        let message = if number % 2 == 0 { (*line).to_owned() } else { format!("<14>1 - dc01 nxlog - - - {line}") };
        socket.send_to(message.as_bytes(), station.at[0]).unwrap();
        if number % 20 == 19 {
            station.events(number + 1);
        }
    }
    let two = format!("{}\n{}\n", windows()[100], windows()[101]);
    socket.send_to(two.as_bytes(), station.at[0]).unwrap();
    let now = station.events(102);
    assert_eq!((now.inputs[0].records, now.inputs[0].unreadable, now.inputs[0].dropped), (102, 0, 0));
}

#[test]
fn datagrams_that_nobody_can_take_are_spooled_and_come_in_order() {
    let listener = listeners(&["udp"], &Secrets::default(), Patience::default()).remove(0);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    // Each is taken in by itself, so that the places of pieces run out first.
    let count = limits::PIECES as u64 + 500;
    let filler = "x".repeat(40_000);
    for number in 0..count {
        socket.send_to(format!("{{\"n\":{number},\"x\":\"{filler}\"}}").as_bytes(), listener.address().at).unwrap();
        until("taken in", || listener.seen().messages == number + 1);
    }
    until("spooled", || listener.seen().spooled > limits::SPOOL_MEMORY as u64);
    let mut next = 0;
    while next < count {
        let piece = listener.received().recv_timeout(DEADLINE).unwrap();
        for line in piece.bytes().split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            assert!(line.starts_with(format!("{{\"n\":{next},").as_bytes()), "{next}");
            next += 1;
        }
        assert_eq!(piece.sender_at(0), Some(socket.local_addr().unwrap()));
    }
    until("empty", || listener.seen().spooled == 0);
    assert!(listener.take_losses().is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_system_drops_is_counted() {
    let listener = listeners(&["udp"], &Secrets::default(), Patience::default()).remove(0);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut sent = 0_u64;
    let datagram = vec![b'x'; 60_000];
    let mut dropped = 0;
    // More than can be read: whatever was sent was taken in or is said to be dropped.
    while dropped == 0 && sent < 200_000 {
        for _ in 0..500 {
            sent += u64::from(socket.send_to(&datagram, listener.address().at).is_ok());
        }
        dropped += listener.take_losses().iter().map(|(_, _, count)| count).sum::<u64>();
    }
    until("all accounted for", || {
        while listener.received().try_recv().is_ok() {}
        dropped += listener.take_losses().iter().filter(|(kind, ..)| *kind == Loss::Dropped).map(|(_, _, count)| count).sum::<u64>();
        listener.seen().messages + dropped >= sent
    });
    assert!(dropped > 0, "nothing was dropped of {sent}");
}

#[test]
fn what_was_said_to_be_safe_is_there_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let resumed = |name: &str| {
        let (journal, found) = Journal::open(&folder.path().join(name), Limits::default()).unwrap();
        let mut inputs = Vec::new();
        let (keep, said) = resume(journal, &found, &mut inputs).unwrap();
        assert!(said.is_empty(), "{said:?}");
        (inputs, keep)
    };
    // What a killed program leaves behind at this moment.
    let killed = |name: &str| {
        std::fs::create_dir(folder.path().join(name)).unwrap();
        for entry in std::fs::read_dir(folder.path().join("kept")).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
            std::fs::copy(entry.path(), folder.path().join(name).join(entry.file_name())).unwrap();
        }
        digest::at_once(&resumed(name).0).tables.events.len()
    };
    let (mut inputs, keep) = resumed("kept");
    let listeners = listeners(&["http", "tcp"], &Secrets::default(), Patience::default());
    let at: Vec<_> = listeners.iter().map(|listener| listener.address().at).collect();
    inputs.extend(listeners.into_iter().map(Opened::listener));
    let plan = Plan { inputs, arguments: Vec::new(), unpacking: Unpacking::default(), mode: Mode::Open { follow: false } };
    let mut station = Station { handle: start_keeping(plan, Some(keep)), at };
    let lines = windows();
    let mut stream = connect(station.at[0]);
    for (number, portion) in lines[..40].chunks(20).enumerate() {
        assert_eq!(ask(&mut stream, "POST /", &[], portion.join("\n").as_bytes()).status, 200);
        assert_eq!(killed(&format!("after {number}")), (number + 1) * 20);
    }
    let mut stream = connect(station.at[1]);
    stream.write_all(format!("{}\n<13>host: {}\n", lines[40], xml(7)).as_bytes()).unwrap();
    station.events(42);
    assert_eq!(killed("at last"), 42);
}

/// A certificate authority with a server and a client, as PEM files.
struct Papers {
    folder: tempfile::TempDir,
    authority: CertificateDer<'static>,
    client: (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>),
    stranger: (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>),
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn client(issuer: &CertifiedIssuer<'static, KeyPair>) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["shipper".to_owned()]).unwrap().signed_by(&key, issuer).unwrap();
    (vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
}

impl Papers {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ours = authority("authority");
        let key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &ours).unwrap();
        for (name, text) in [("server.pem", server.pem()), ("server.key", key.serialize_pem()), ("ca.pem", ours.pem())] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let stranger = client(&authority("another authority"));
        Self { authority: ours.der().clone(), client: client(&ours), stranger, folder }
    }
    fn path(&self, name: &str) -> Option<PathBuf> {
        Some(self.folder.path().join(name))
    }
    fn connect(
        &self,
        at: std::net::SocketAddr,
        shown: Option<&(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    ) -> StreamOwned<ClientConnection, TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let config = match shown {
            Some((chain, key)) => builder.with_client_auth_cert(chain.clone(), key.clone_key()).unwrap(),
            None => builder.with_no_client_auth(),
        };
        let connection = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
        StreamOwned::new(connection, connect(at))
    }
}

#[test]
fn tls_takes_who_shows_a_valid_certificate_and_refuses_the_rest() {
    let papers = Papers::new();
    let secrets = Secrets {
        certificate: papers.path("server.pem"),
        key: papers.path("server.key"),
        client_authorities: papers.path("ca.pem"),
        tokens: None,
    };
    let patience = Patience { handshake: Duration::from_millis(500), ..Patience::default() };
    let mut station = Station::with(&["tls"], &secrets, patience);
    let lines = windows();
    // No certificate, a stranger's, no TLS at all, and a handshake that never ends: each is refused.
    for shown in [None, Some(&papers.stranger)] {
        let mut stream = papers.connect(station.at[0], shown);
        let _ = stream.write_all(format!("{}\n", lines[0]).as_bytes());
        let mut rest = Vec::new();
        assert!(std::io::Read::read_to_end(&mut stream, &mut rest).is_err(), "an alert comes");
    }
    let mut plain = connect(station.at[0]);
    plain.write_all(format!("{}\n", lines[0]).as_bytes()).unwrap();
    assert!(is_closed(plain));
    let half = connect(station.at[0]);
    let mut stream = papers.connect(station.at[0], Some(&papers.client));
    for line in lines.iter().take(50) {
        let message = format!("<14>1 - dc01 nxlog - - - {line}");
        stream.write_all(format!("{} {message}", message.len()).as_bytes()).unwrap();
    }
    let now = station.events(50);
    assert_eq!(now.tables.events.len(), 50);
    assert!(is_closed(half));
    station.wait("refusals counted", |now| now.inputs[0].senders.as_ref().is_some_and(|words| words.contains("4 refused")));
}

#[test]
fn what_cannot_be_listened_on_is_told_with_what_to_do() {
    use logonscope::source::listen::{self, address::Address};
    let papers = Papers::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = |text: &str| vec![Address::parse(text).unwrap()];
    let file = |name: &str| papers.path(name);
    let none = Secrets::default();
    let swapped = Secrets { certificate: file("server.key"), key: file("server.pem"), ..Secrets::default() };
    let no_token = Secrets { tokens: file("nothing"), ..Secrets::default() };
    for (addresses, secrets, says) in [
        (at(&format!("tcp://{}", taken.local_addr().unwrap())), &none, "choose another port"),
        (at("tls://:0"), &none, "--tls-cert FILE"),
        (at("tls://:0"), &swapped, "--tls-cert: cannot use"),
        (at("udp://192.0.2.1:0"), &none, "does not have that address"),
        (at("http://:0"), &no_token, "--token-file"),
    ] {
        let error = listen::start(&addresses, secrets, Patience::default()).unwrap_err();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn several_listeners_and_senders_at_once_lose_nothing() {
    let mut station = Station::new(&["tcp", "udp", "tcp"]);
    let (windows, entra) = (windows(), entra());
    std::thread::scope(|scope| {
        for sender in 0..8 {
            let (at, lines) = (station.at[if sender % 2 == 0 { 0 } else { 2 }], &windows);
            scope.spawn(move || {
                let mut stream = connect(at);
                for line in lines.iter().skip(sender).step_by(8) {
                    stream.write_all(format!("{line}\n").as_bytes()).unwrap();
                }
            });
        }
    });
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for (number, line) in entra.iter().enumerate() {
        socket.send_to(line.as_bytes(), station.at[1]).unwrap();
        if number % 10 == 9 {
            station.records(1, number as u64 + 1);
        }
    }
    let now = station
        .wait("all records", |now| now.inputs.iter().map(|input| input.records).sum::<u64>() == (windows.len() + entra.len()) as u64);
    assert_eq!(now.inputs.iter().map(|input| input.unreadable + input.unknown + input.dropped).sum::<u64>(), 0);
}
