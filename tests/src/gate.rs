//! A network that can go away: a gate before a server.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Passes connections on to a server as long as it is open.
pub struct Gate {
    address: SocketAddr,
    open: Arc<AtomicBool>,
}

impl Gate {
    /// An open gate before the server at `site`.
    pub fn before(site: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let gate = Self { address: listener.local_addr()?, open: Arc::new(AtomicBool::new(true)) };
        let open = Arc::clone(&gate.open);
        thread::spawn(move || {
            // A connection that is refused here is dropped, which the browser sees as a network that failed.
            for visitor in listener.incoming().flatten().filter(|_| open.load(Ordering::SeqCst)) {
                if let Ok(server) = TcpStream::connect(site) {
                    thread::spawn(move || pass(visitor, server));
                }
            }
        });
        Ok(gate)
    }

    /// Where to knock.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on nothing gets through.
    pub fn close(&self) {
        self.open.store(false, Ordering::SeqCst);
    }
}

/// The server closes each connection after one answer, so the end of that is the end of both.
fn pass(visitor: TcpStream, server: TcpStream) -> io::Result<()> {
    let (mut from, mut to) = (visitor.try_clone()?, server.try_clone()?);
    thread::spawn(move || io::copy(&mut from, &mut to));
    io::copy(&mut &server, &mut &visitor)?;
    visitor.shutdown(Shutdown::Both)
}
