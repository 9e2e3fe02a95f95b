//! A network that can go away or fall silent: a gate before a server.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;

/// Passes connections on to a server as long as it is open.
pub struct Gate {
    address: SocketAddr,
    state: Arc<AtomicU8>,
}

const OPEN: u8 = 0;
const CLOSED: u8 = 1;
const SILENT: u8 = 2;

impl Gate {
    /// An open gate before the server at `site`.
    pub fn before(site: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let gate = Self { address: listener.local_addr()?, state: Arc::new(AtomicU8::new(OPEN)) };
        let state = Arc::clone(&gate.state);
        thread::spawn(move || {
            for visitor in listener.incoming().flatten() {
                match state.load(Ordering::SeqCst) {
                    // Dropped, which the browser sees as a network that failed.
                    CLOSED => drop(visitor),
                    SILENT => drop(thread::spawn(move || io::copy(&mut &visitor, &mut io::sink()))),
                    _ => {
                        if let Ok(server) = TcpStream::connect(site) {
                            thread::spawn(move || pass(visitor, server));
                        }
                    }
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

/// The server closes each connection after one answer, so the end of that is the end of both.
fn pass(visitor: TcpStream, server: TcpStream) -> io::Result<()> {
    let (mut from, mut to) = (visitor.try_clone()?, server.try_clone()?);
    thread::spawn(move || io::copy(&mut from, &mut to));
    io::copy(&mut &server, &mut &visitor)?;
    visitor.shutdown(Shutdown::Both)
}
