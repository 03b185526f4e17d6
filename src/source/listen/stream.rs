//! Connections: taken in up to a limit, each on a task of its own.
//!
//! Records on a stream have no answer, so the sender is held back by not being read while there is no room. What a slow or
//! broken sender costs is bounded by time and length; it is closed with a reason that is counted.

use super::frame::{Framer, Skipped};
use super::limits;
use super::parts::Parts;
use super::room::{Gone, Hub};
use super::{Loss, Tokens, http};
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// What is spoken on the connections.
#[derive(Clone)]
pub enum Speaks {
    Records,
    Http(Arc<Tokens>),
}

/// Listens; gives the address that was bound.
///
/// # Errors
/// The address cannot be bound.
pub fn listen(at: SocketAddr, tls: Option<TlsAcceptor>, speaks: Speaks, hub: Hub) -> io::Result<SocketAddr> {
    let socket = Socket::new(Domain::for_address(at), Type::STREAM, Some(Protocol::TCP))?;
    // A port whose last connections are still winding down can be bound again at once; on Windows the option would let
    // others bind it too.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&at.into())?;
    socket.listen(128)?;
    let listener = TcpListener::from_std(socket.into())?;
    let bound = listener.local_addr()?;
    tokio::spawn(accept(listener, tls, speaks, hub));
    Ok(bound)
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, speaks: Speaks, hub: Hub) {
    let places = Arc::new(Semaphore::new(limits::CONNECTIONS));
    loop {
        let (stream, from) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // The connection was gone before it was taken in, or the program has too many files open.
                hub.counts.lost(Loss::Refused, 1, format!("a connection could not be taken in: {error}"));
                tokio::time::sleep(limits::PAUSE).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            hub.counts.lost(Loss::Refused, 1, format!("more than {} connections at once", limits::CONNECTIONS));
            continue;
        };
        // Not every system knows these; a connection works without them.
        let _ = SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(limits::KEEPALIVE));
        let _ = stream.set_nodelay(true);
        let (tls, speaks, hub) = (tls.clone(), speaks.clone(), hub.clone());
        tokio::spawn(async move {
            hub.counts.connected.fetch_add(1, Ordering::Relaxed);
            serve(stream, from, tls, speaks, &hub).await;
            hub.counts.connected.fetch_sub(1, Ordering::Relaxed);
            drop(place);
        });
    }
}

async fn serve(stream: TcpStream, from: SocketAddr, tls: Option<TlsAcceptor>, speaks: Speaks, hub: &Hub) {
    let Some(tls) = tls else { return talk(stream, from, speaks, hub).await };
    match timeout(hub.patience.handshake, tls.accept(stream)).await {
        Ok(Ok(stream)) => talk(stream, from, speaks, hub).await,
        Ok(Err(error)) => hub.counts.lost(Loss::Refused, 1, format!("no TLS with {}: {error}", from.ip())),
        Err(_) => hub.counts.lost(Loss::Refused, 1, format!("no TLS with {}: the handshake took too long", from.ip())),
    }
}

async fn talk<S>(stream: S, from: SocketAddr, speaks: Speaks, hub: &Hub)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    match speaks {
        Speaks::Records => records(stream, from, hub).await,
        Speaks::Http(tokens) => http::serve(stream, from, tokens, hub).await,
    }
}

async fn records<S: AsyncRead + Unpin>(mut stream: S, from: SocketAddr, hub: &Hub) {
    let mut framer = Framer::new(from);
    let mut parts = Parts::default();
    let mut buffer = vec![0; limits::READ];
    let bad = |Skipped(reason): Skipped| hub.counts.lost(Loss::Bad, 1, format!("{} sent what is no message: {reason}", from.ip()));
    loop {
        let read = if framer.is_inside() {
            timeout(hub.patience.message_pause, stream.read(&mut buffer)).await
        } else {
            Ok(stream.read(&mut buffer).await)
        };
        let length = match read {
            Ok(Ok(0)) => break,
            Ok(Ok(length)) => length,
            Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => continue,
            // The other side broke off; what came whole was handed on.
            Ok(Err(_)) => break,
            Err(_) => {
                bad(Skipped(format!("it stopped for {} s inside one", hub.patience.message_pause.as_secs())));
                return;
            }
        };
        if let Err(skipped) = framer.push(buffer.get(..length).unwrap_or_default(), &mut parts) {
            bad(skipped);
        }
        // More is there when the buffer was filled: it goes on together.
        if (length < buffer.len() || parts.len() >= limits::PIECE) && hand_on(&mut parts, hub).await.is_err() {
            return;
        }
    }
    if let Err(skipped) = framer.finish(&mut parts) {
        bad(skipped);
    }
    // When the engine is gone nobody reads any more.
    let _ = hand_on(&mut parts, hub).await;
}

async fn hand_on(parts: &mut Parts, hub: &Hub) -> Result<(), Gone> {
    for part in parts.take() {
        hub.count(&part);
        let room = hub.room(part.bytes.len()).await?;
        hub.hand_on(part, room, None)?;
    }
    Ok(())
}
