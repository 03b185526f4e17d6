//! Listens for shippers: TCP and UDP, syslog framing, TLS, Elasticsearch `_bulk`, Splunk HEC, plain POST.
//!
//! A runtime of its own, on threads of its own, takes what comes and hands it on through bounded channels as pieces of
//! whole records. Whoever takes a piece says when it is `safe`; only then a request is answered. Room is asked for before
//! bytes are taken in: a stream waits, a request is told to come again, datagrams go to the spool. Nothing here knows what
//! a record means. This folder is the only one below the engine that knows the network.

pub mod address;
mod datagram;
mod frame;
mod http;
pub mod limits;
pub mod parts;
mod room;
mod stream;
mod syslog;
mod tls;
mod token;

use address::{Address, Protocol};
use crossbeam_channel::Receiver;
use limits::Patience;
use parts::{Layout, Part};
use room::{Hub, Room};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

pub use token::Tokens;

/// Certificates and tokens as files.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// The server's certificate chain, PEM.
    pub certificate: Option<PathBuf>,
    /// The key of the certificate, PEM.
    pub key: Option<PathBuf>,
    /// Who has no certificate of these authorities is refused.
    pub client_authorities: Option<PathBuf>,
    /// Tokens, one a line, one of which an HTTP request must bring.
    pub tokens: Option<PathBuf>,
}

/// A piece of whole records that came.
#[derive(Debug)]
pub struct Received {
    /// The number of its listener.
    pub listener: usize,
    part: Part,
    ack: Option<oneshot::Sender<()>>,
    /// Held until the piece is dropped, so that what waits is bounded.
    _room: Room,
}

impl Received {
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.part.bytes
    }
    #[must_use]
    pub const fn layout(&self) -> Layout {
        self.part.layout
    }
    /// Messages in it; each is a line where the layout says so.
    #[must_use]
    pub const fn messages(&self) -> u64 {
        self.part.messages
    }
    /// Who sent the byte at this place of the piece.
    #[must_use]
    pub fn sender_at(&self, place: usize) -> Option<SocketAddr> {
        let behind = self.part.senders.partition_point(|(start, _)| *start <= place);
        self.part.senders.get(behind.checked_sub(1)?).map(|(_, from)| *from)
    }
    /// The events are where nothing is lost any more: the sender hears of it. Gives the bytes back.
    #[must_use]
    pub fn safe(mut self) -> Vec<u8> {
        if let Some(ack) = self.ack.take() {
            // Who asked may have gone away meanwhile.
            let _ = ack.send(());
        }
        std::mem::take(&mut self.part.bytes)
    }
}

/// What became of messages that were not handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// They cannot be read: too long, cut off.
    Bad,
    /// They were lost: datagrams without room.
    Dropped,
    /// The sender was told, so that it can send again or send otherwise; nothing is lost.
    Refused,
}

/// What a listener counts, shared with the connections.
#[derive(Debug, Default)]
struct Counts {
    connected: AtomicU64,
    messages: AtomicU64,
    /// Bytes that wait in the spool.
    spooled: AtomicU64,
    senders: Mutex<BTreeSet<IpAddr>>,
    losses: Mutex<BTreeMap<(Loss, String), u64>>,
    refused: AtomicU64,
}

/// A lock that is only held for a moment; what a panicking thread left is still a count.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Counts {
    fn lost(&self, kind: Loss, count: u64, reason: impl Into<String>) {
        if kind == Loss::Refused {
            self.refused.fetch_add(count, Ordering::Relaxed);
        }
        let mut losses = lock(&self.losses);
        let key = (kind, reason.into());
        if losses.len() < limits::REASONS || losses.contains_key(&key) {
            *losses.entry(key).or_default() += count;
        } else {
            *losses.entry((kind, "for further reasons".to_owned())).or_default() += count;
        }
    }
    fn sent_by(&self, from: IpAddr) {
        let mut senders = lock(&self.senders);
        if senders.len() < limits::SENDERS {
            senders.insert(from);
        }
    }
}

/// Counts of a listener at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Connections that are open.
    pub connected: u64,
    /// Addresses that sent something, at most `limits::SENDERS`.
    pub senders: u64,
    pub messages: u64,
    pub refused: u64,
    /// Bytes that wait in the spool.
    pub spooled: u64,
}

/// One address that is listened on.
#[derive(Debug)]
pub struct Listener {
    number: usize,
    address: Address,
    guarded: bool,
    counts: Arc<Counts>,
    received: Receiver<Received>,
    /// Ends with the last listener.
    _runtime: Arc<Threads>,
}

impl Listener {
    /// The number its pieces bear.
    #[must_use]
    pub const fn number(&self) -> usize {
        self.number
    }
    /// The address as it was bound: a free port that was asked for has its number.
    #[must_use]
    pub const fn address(&self) -> &Address {
        &self.address
    }
    /// What comes on all listeners that were started together.
    #[must_use]
    pub const fn received(&self) -> &Receiver<Received> {
        &self.received
    }
    #[must_use]
    pub fn seen(&self) -> Seen {
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let counts = &self.counts;
        Seen {
            connected: load(&counts.connected),
            senders: lock(&counts.senders).len() as u64,
            messages: load(&counts.messages),
            refused: load(&counts.refused),
            spooled: load(&counts.spooled),
        }
    }
    /// What was lost or refused since the last call, by kind and reason.
    #[must_use]
    pub fn take_losses(&self) -> Vec<(Loss, String, u64)> {
        std::mem::take(&mut *lock(&self.counts.losses)).into_iter().map(|((kind, reason), count)| (kind, reason, count)).collect()
    }
    /// Who can reach it, in words.
    #[must_use]
    pub fn reach(&self) -> &'static str {
        match (self.address.is_loopback(), self.guarded) {
            (true, _) => "this machine only",
            (false, true) => "open to the network; senders must show a certificate or token",
            (false, false) => "open to the network; anyone who reaches it can send",
        }
    }
}

/// The runtime; it ends without waiting for senders.
#[derive(Debug)]
struct Threads(Option<Runtime>);

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Listens on all addresses, in their order.
///
/// # Errors
/// An address cannot be bound, or a certificate, key or token cannot be used; the text says what to do.
pub fn start(addresses: &[Address], secrets: &Secrets, patience: Patience) -> Result<Vec<Listener>, String> {
    let tokens = Arc::new(Tokens::read(secrets.tokens.as_deref())?);
    let tls = if addresses.iter().any(|address| address.is_tls) { Some(tls::acceptor(secrets)?) } else { None };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("listen")
        .enable_all()
        .build()
        .map_err(|error| format!("cannot listen: {error}"))?;
    let (sender, received) = crossbeam_channel::bounded(addresses.len() * limits::PIECES);
    let entered = runtime.enter();
    let mut started = Vec::new();
    for (number, address) in addresses.iter().enumerate() {
        let counts: Arc<Counts> = Arc::default();
        let hub = Hub::new(number, sender.clone(), Arc::clone(&counts), patience);
        let fail = |error: std::io::Error| {
            let what = match error.kind() {
                std::io::ErrorKind::AddrInUse => "another program listens there; choose another port".to_owned(),
                std::io::ErrorKind::PermissionDenied => "this needs more rights; choose a port from 1024 up".to_owned(),
                std::io::ErrorKind::AddrNotAvailable => "this machine does not have that address".to_owned(),
                _ => error.to_string(),
            };
            format!("cannot listen on {address}: {what}")
        };
        let tls = tls.clone().filter(|_| address.is_tls);
        let at = match address.protocol {
            Protocol::Stream => stream::listen(address.at, tls, stream::Speaks::Records, hub).map_err(fail)?,
            Protocol::Http => stream::listen(address.at, tls, stream::Speaks::Http(Arc::clone(&tokens)), hub).map_err(fail)?,
            Protocol::Datagram => datagram::listen(address.at, hub).map_err(fail)?,
        };
        let guarded = (address.is_tls && secrets.client_authorities.is_some()) || (address.protocol == Protocol::Http && tokens.are_any());
        tracing::info!(address = %Address { at, ..*address }, guarded, "listening");
        started.push((number, Address { at, ..*address }, guarded, counts));
    }
    drop(entered);
    let runtime = Arc::new(Threads(Some(runtime)));
    Ok(started
        .into_iter()
        .map(|(number, address, guarded, counts)| Listener {
            number,
            address,
            guarded,
            counts,
            received: received.clone(),
            _runtime: Arc::clone(&runtime),
        })
        .collect())
}
