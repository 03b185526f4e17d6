//! Datagrams: nobody can be asked to wait, so the socket is always read first and what has no room goes to the spool.
//!
//! A datagram is one message, or several lines. What is lost is counted with its reason: no room in the spool, a disk that
//! is full, and on Linux what the system itself had to drop.

use super::parts::{Layout, Part, Parts};
use super::room::{Gone, Hub};
use super::{Loss, limits};
use crate::source::spool::{Bounds, Spool};
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering;
use tokio::net::UdpSocket;
use tokio::time::{MissedTickBehavior, interval};

/// Longest datagram.
const LONGEST: usize = 65_536;

/// Listens; gives the address that was bound.
///
/// # Errors
/// The address cannot be bound.
pub fn listen(at: SocketAddr, hub: Hub) -> io::Result<SocketAddr> {
    let socket = Socket::new(Domain::for_address(at), Type::DGRAM, Some(Protocol::UDP))?;
    // The system may give less; what it drops for that is counted.
    let _ = socket.set_recv_buffer_size(limits::RECEIVE_BUFFER);
    socket.set_nonblocking(true)?;
    socket.bind(&at.into())?;
    let socket = UdpSocket::from_std(socket.into())?;
    let bound = socket.local_addr()?;
    let spool = Spool::new(Bounds { memory: limits::SPOOL_MEMORY, file: limits::SPOOL_FILE });
    tokio::spawn(Receiver { socket, bound, hub, spool, parts: Parts::default() }.run());
    Ok(bound)
}

struct Receiver {
    socket: UdpSocket,
    bound: SocketAddr,
    hub: Hub,
    spool: Spool,
    parts: Parts,
}

/// Why a wait ended.
enum Woken {
    Datagram,
    Room(Result<super::room::Room, Gone>),
    Tick,
}

impl Receiver {
    async fn run(mut self) {
        let mut buffer = vec![0; LONGEST];
        let mut ticks = interval(limits::DROPS_LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut dropped = 0;
        loop {
            self.receive(&mut buffer);
            if self.place().is_err() {
                return;
            }
            let woken = tokio::select! {
                biased;
                _ = ticks.tick() => Woken::Tick,
                room = self.hub.room(limits::PIECE), if !self.spool.is_empty() => Woken::Room(room),
                _ = self.socket.readable() => Woken::Datagram,
            };
            match woken {
                Woken::Datagram => {}
                Woken::Room(Err(Gone)) => return,
                Woken::Room(Ok(room)) => match self.spool.pop() {
                    Ok(Some(entry)) => {
                        if let Some(part) = part_of(&entry)
                            && self.hub.hand_on(part, room, None).is_err()
                        {
                            return;
                        }
                    }
                    Ok(None) => {}
                    Err(reason) => self.hub.counts.lost(Loss::Dropped, 1, reason),
                },
                Woken::Tick => {
                    if let Some(now) = dropped_by_system(self.bound) {
                        let new = now.saturating_sub(dropped);
                        dropped = now;
                        if new > 0 {
                            let reason = "datagrams were dropped by the system before they were read: its receive buffer was full";
                            self.hub.counts.lost(Loss::Dropped, new, reason);
                        }
                    }
                }
            }
        }
    }
    /// Takes in what is there, up to a piece.
    fn receive(&mut self, buffer: &mut [u8]) {
        while self.parts.len() < limits::PIECE {
            match self.socket.try_recv_from(buffer) {
                Ok((length, from)) => {
                    let from = SocketAddr::new(unmapped(from.ip()), from.port());
                    self.parts.datagram(buffer.get(..length).unwrap_or_default(), from);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // An answer of somebody's machine to nothing of ours; the socket goes on.
                Err(_) => {}
            }
        }
    }
    /// Hands on what came if there is room and nothing older waits; else keeps it.
    fn place(&mut self) -> Result<(), Gone> {
        for part in self.parts.take() {
            self.hub.count(&part);
            let room = if self.spool.is_empty() { self.hub.room_now(part.bytes.len()) } else { None };
            match room {
                Some(room) => self.hub.hand_on(part, room, None)?,
                None => {
                    if let Err(reason) = self.spool.push(entry_of(&part)) {
                        self.hub.counts.lost(Loss::Dropped, part.messages, format!("datagrams had no room: {reason}"));
                    }
                }
            }
        }
        self.hub.counts.spooled.store(self.spool.len(), Ordering::Relaxed);
        Ok(())
    }
}

fn unmapped(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
        IpAddr::V4(_) => ip,
    }
}

/// A part as an entry of the spool: layout, messages, senders, bytes.
fn entry_of(part: &Part) -> Vec<u8> {
    let mut entry = Vec::with_capacity(part.bytes.len() + 64);
    entry.push(u8::from(part.layout == Layout::Xml));
    entry.extend(part.messages.to_le_bytes());
    entry.extend((part.senders.len() as u32).to_le_bytes());
    for (start, from) in &part.senders {
        let ip = match from.ip() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped(),
            IpAddr::V6(ip) => ip,
        };
        entry.extend((*start as u32).to_le_bytes());
        entry.extend(ip.octets());
        entry.extend(from.port().to_le_bytes());
    }
    entry.extend(&part.bytes);
    entry
}

fn part_of(entry: &[u8]) -> Option<Part> {
    let (layout, rest) = entry.split_first()?;
    let (messages, rest) = rest.split_first_chunk()?;
    let (count, mut rest) = rest.split_first_chunk()?;
    let mut senders = Vec::new();
    for _ in 0..u32::from_le_bytes(*count) {
        let (start, behind) = rest.split_first_chunk()?;
        let (ip, behind) = behind.split_first_chunk::<16>()?;
        let (port, behind) = behind.split_first_chunk()?;
        let ip = unmapped(IpAddr::from(*ip));
        senders.push((u32::from_le_bytes(*start) as usize, SocketAddr::new(ip, u16::from_le_bytes(*port))));
        rest = behind;
    }
    let layout = if *layout == 1 { Layout::Xml } else { Layout::JsonLines };
    Some(Part { layout, bytes: rest.to_vec(), senders, messages: u64::from_le_bytes(*messages) })
}

/// Datagrams that the system dropped at the socket bound to this address since it is open: the last column of
/// `/proc/net/udp` and `udp6`. `None` where there is no such file.
fn dropped_by_system(bound: SocketAddr) -> Option<u64> {
    let (path, address) = match bound.ip() {
        // Words of the machine, as the kernel prints them.
        IpAddr::V4(ip) => ("/proc/net/udp", format!("{:08X}", u32::from_ne_bytes(ip.octets()))),
        IpAddr::V6(ip) => {
            let words = ip
                .octets()
                .chunks_exact(4)
                .map(|word| format!("{:08X}", u32::from_ne_bytes(word.try_into().unwrap_or_default())))
                .collect();
            ("/proc/net/udp6", words)
        }
    };
    let local = format!("{address}:{:04X}", bound.port());
    drops_of(&std::fs::read_to_string(path).ok()?, &local)
}

fn drops_of(table: &str, local: &str) -> Option<u64> {
    table
        .lines()
        .map(str::split_ascii_whitespace)
        .find_map(|mut columns| (columns.nth(1)? == local).then(|| columns.last()).flatten())
        .and_then(|drops| drops.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_comes_back_from_the_spool_as_it_went_in() {
        let mut parts = Parts::default();
        parts.datagram(b"{\"a\":1}", "192.0.2.1:514".parse().unwrap());
        parts.datagram(b"{\"a\":2}", "[2001:db8::1]:514".parse().unwrap());
        let part = parts.take().next().unwrap();
        let entry = entry_of(&part);
        assert_eq!(part_of(&entry), Some(part));
        assert_eq!(part_of(&entry[..20]), None);
    }

    #[test]
    fn drops_are_the_last_column_of_the_socket() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n\
                     12: 0100007F:1414 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 17 2 0000000000000000 0\n\
                     13: 00000000:1415 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 18 2 0000000000000000 4711\n";
        assert_eq!((drops_of(table, "00000000:1415"), drops_of(table, "0100007F:1414")), (Some(4711), Some(0)));
        assert_eq!(drops_of(table, "0100007F:0001"), None);
        assert_eq!(dropped_by_system("127.0.0.1:0".parse().unwrap()), None);
    }
}
