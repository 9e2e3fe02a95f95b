//! A network that can go away, fall silent, withhold something or bring it late, and lead to another server: a gate before a server.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, sleep};
use std::time::Duration;

/// Passes connections on to a server as long as it is open.
pub struct Gate {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    mode: AtomicU8,
    /// The server behind it.
    site: Mutex<SocketAddr>,
    /// How the path of what comes late ends.
    late: Mutex<Option<String>>,
}

/// Between two looks at a request that is still coming.
const GLANCE: Duration = Duration::from_millis(20);
/// How late what comes late is: later than anything waits that has something else to show.
const LATENESS: Duration = Duration::from_secs(6);

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
        let state = Arc::new(State { mode: AtomicU8::new(OPEN), site: Mutex::new(site), late: Mutex::new(None) });
        let gate = Self { address: listener.local_addr()?, state: Arc::clone(&state) };
        thread::spawn(move || {
            for visitor in listener.incoming().flatten() {
                match state.mode.load(Ordering::SeqCst) {
                    // Dropped, which the browser sees as a network that failed.
                    CLOSED => drop(visitor),
                    SILENT => drop(thread::spawn(move || ignore(&visitor))),
                    _ => {
                        let state = Arc::clone(&state);
                        drop(thread::spawn(move || state.let_in(visitor, ends)));
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
        self.state.mode.store(OPEN, Ordering::SeqCst);
    }

    /// From now on nothing gets through.
    pub fn close(&self) {
        self.state.mode.store(CLOSED, Ordering::SeqCst);
    }

    /// From now on every connection is accepted, and nothing is ever said on it.
    pub fn silence(&self) {
        self.state.mode.store(SILENT, Ordering::SeqCst);
    }

    /// From now on another server is behind it, as after a deployment.
    pub fn lead_to(&self, site: SocketAddr) {
        *self.state.site.lock().unwrap_or_else(PoisonError::into_inner) = site;
    }

    /// From now on what has a path that ends so comes some seconds late; with `None`, nothing does.
    pub fn delay(&self, end: Option<&str>) {
        *self.state.late.lock().unwrap_or_else(PoisonError::into_inner) = end.map(str::to_owned);
    }
}

impl State {
    fn let_in(&self, visitor: TcpStream, withheld: &[&str]) -> io::Result<()> {
        let late = self.late.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if late.is_some() || !withheld.is_empty() {
            let path = path_asked_for(&visitor)?;
            if withheld.iter().any(|end| path.ends_with(end)) {
                return ignore(&visitor);
            }
            if late.is_some_and(|end| path.ends_with(&end)) {
                sleep(LATENESS);
            }
        }
        let site = *self.site.lock().unwrap_or_else(PoisonError::into_inner);
        pass(visitor, TcpStream::connect(site)?)
    }
}

/// Listens until the visitor gives up.
fn ignore(visitor: &TcpStream) -> io::Result<()> {
    io::copy(&mut &*visitor, &mut io::sink()).map(drop)
}

/// The path that a request is about to ask for. The request is left to be read.
fn path_asked_for(visitor: &TcpStream) -> io::Result<String> {
    let mut start = [0; 2048];
    // "GET /path?query HTTP/1.1", which nearly always comes at once; a visitor who says nothing more has said all.
    let (mut known, mut read) = (0, visitor.peek(&mut start)?);
    while read > known && read < start.len() && !start[..read].contains(&b'\n') {
        sleep(GLANCE);
        (known, read) = (read, visitor.peek(&mut start)?);
    }
    let line = String::from_utf8_lossy(&start[..read]);
    Ok(line.split_whitespace().nth(1).unwrap_or_default().split('?').next().unwrap_or_default().to_owned())
}

/// The server closes each connection after one answer, so the end of that is the end of both.
fn pass(visitor: TcpStream, server: TcpStream) -> io::Result<()> {
    let (mut from, mut to) = (visitor.try_clone()?, server.try_clone()?);
    thread::spawn(move || io::copy(&mut from, &mut to));
    io::copy(&mut &server, &mut &visitor)?;
    visitor.shutdown(Shutdown::Both)
}
