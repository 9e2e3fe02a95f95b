//! A network that can go away, fall silent or withhold something: a gate before a server.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::{self, sleep};
use std::time::Duration;

/// Passes connections on to a server as long as it is open.
pub struct Gate {
    address: SocketAddr,
    state: Arc<AtomicU8>,
}

/// Between two looks at a request that is still coming.
const GLANCE: Duration = Duration::from_millis(20);

const OPEN: u8 = 0;
const CLOSED: u8 = 1;
const SILENT: u8 = 2;

impl Gate {
    /// An open gate before the server at `site`.
    pub fn before(site: SocketAddr) -> io::Result<Self> {
        Self::withholding(site, &[])
    }

    /// The same, but whoever asks for a file whose path ends so waits for ever.
    pub fn withholding(site: SocketAddr, ends: &'static [&'static str]) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let gate = Self { address: listener.local_addr()?, state: Arc::new(AtomicU8::new(OPEN)) };
        let state = Arc::clone(&gate.state);
        thread::spawn(move || {
            for visitor in listener.incoming().flatten() {
                match state.load(Ordering::SeqCst) {
                    // Dropped, which the browser sees as a network that failed.
                    CLOSED => drop(visitor),
                    SILENT => drop(thread::spawn(move || ignore(&visitor))),
                    _ => drop(thread::spawn(move || match asks_for(&visitor, ends)? {
                        true => ignore(&visitor),
                        false => pass(visitor, TcpStream::connect(site)?),
                    })),
                }
            }
        });
        Ok(gate)
    }

    /// Where to knock.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on everything gets through.
    pub fn open(&self) {
        self.state.store(OPEN, Ordering::SeqCst);
    }

    /// From now on nothing gets through.
    pub fn close(&self) {
        self.state.store(CLOSED, Ordering::SeqCst);
    }

    /// From now on every connection is accepted, and nothing is ever said on it.
    pub fn silence(&self) {
        self.state.store(SILENT, Ordering::SeqCst);
    }
}

/// Listens until the visitor gives up.
fn ignore(visitor: &TcpStream) -> io::Result<()> {
    io::copy(&mut &*visitor, &mut io::sink()).map(drop)
}

/// Whether the path that a request is about to ask for has one of these ends. The request is left to be read.
fn asks_for(visitor: &TcpStream, ends: &[&str]) -> io::Result<bool> {
    let mut start = [0; 2048];
    // "GET /path?query HTTP/1.1", which nearly always comes at once; a visitor who says nothing more has said all.
    let (mut known, mut read) = (0, visitor.peek(&mut start)?);
    while !ends.is_empty() && read > known && read < start.len() && !start[..read].contains(&b'\n') {
        sleep(GLANCE);
        (known, read) = (read, visitor.peek(&mut start)?);
    }
    let line = String::from_utf8_lossy(&start[..read]);
    let path = line.split_whitespace().nth(1).unwrap_or_default().split('?').next().unwrap_or_default();
    Ok(ends.iter().any(|end| path.ends_with(end)))
}

/// The server closes each connection after one answer, so the end of that is the end of both.
fn pass(visitor: TcpStream, server: TcpStream) -> io::Result<()> {
    let (mut from, mut to) = (visitor.try_clone()?, server.try_clone()?);
    thread::spawn(move || io::copy(&mut from, &mut to));
    io::copy(&mut &server, &mut &visitor)?;
    visitor.shutdown(Shutdown::Both)
}
