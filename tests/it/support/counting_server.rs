//! A server of bare sockets that remembers every byte, counts what the API would bill, and answers from a
//! script. Independent of the sandbox: a mistake there cannot hide here.

use std::collections::HashMap;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::wire::{Reply, Request, reset};

/// Long enough for a busy machine; only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the server does as soon as it has a request's head.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum AtHead {
    /// Reads the body.
    ReadOn,
    /// Resets the connection, whatever else is on its way.
    Reset,
}

/// A running server; dropping it cuts its connections.
pub struct CountingServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

type Script = Box<dyn Fn(&Request) -> Reply + Send + Sync>;
type HeadScript = Box<dyn Fn(usize) -> AtHead + Send + Sync>;

struct Shared {
    at_head: HeadScript,
    script: Script,
    stopping: AtomicBool,
    seen: Mutex<Seen>,
    changed: Condvar,
}

#[derive(Default)]
struct Seen {
    connections: usize,
    open: HashMap<usize, TcpStream>,
    heads: usize,
    requests: Vec<Request>,
    billed: HashMap<u64, usize>,
    in_flight: usize,
    peak_in_flight: usize,
}

impl CountingServer {
    /// Listens on a free port, and answers each whole request by the script.
    pub fn start(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_with(0, |_| AtHead::ReadOn, script)
    }

    /// Listens on `port`, and asks `at_head` about each request's number before its body is read.
    pub fn start_with(
        port: u16,
        at_head: impl Fn(usize) -> AtHead + Send + Sync + 'static,
        script: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared {
            at_head: Box::new(at_head),
            script: Box::new(script),
            stopping: AtomicBool::new(false),
            seen: Mutex::default(),
            changed: Condvar::new(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &accepting));
        Self { address, shared }
    }

    /// Returns the address that is listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the URL to call.
    pub fn endpoint(&self) -> String {
        format!("http://{}/verifyface_mobile/query", self.address)
    }

    /// Copies every request so far, those whose body did not come whole included.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.seen().requests.clone()
    }

    /// Counts the requests whose body came whole.
    pub fn calls(&self) -> usize {
        self.shared.seen().requests.iter().filter(|request| request.complete).count()
    }

    /// Counts the whole requests whose mobile ends so.
    pub fn calls_for(&self, ending: &str) -> usize {
        let seen = self.shared.seen();
        seen.requests.iter().filter(|request| request.complete && request.mobile_ends(ending)).count()
    }

    /// Counts what the API would have billed, in the worst case.
    pub fn billed(&self) -> usize {
        self.shared.seen().billed.values().sum()
    }

    /// Returns the most that one subject was billed.
    pub fn billed_per_subject_max(&self) -> usize {
        self.shared.seen().billed.values().copied().max().unwrap_or(0)
    }

    /// Counts the subjects that were billed more than once.
    pub fn subjects_billed_more_than_once(&self) -> usize {
        self.shared.seen().billed.values().filter(|bills| **bills > 1).count()
    }

    /// Returns the most requests that were read and not yet answered at one moment.
    pub fn peak_in_flight(&self) -> usize {
        self.shared.seen().peak_in_flight
    }

    /// Returns the most requests whose heads arrived within one second.
    pub fn peak_in_any_second(&self) -> usize {
        let times: Vec<Instant> = self.shared.seen().requests.iter().map(|request| request.at).collect();
        let within = |start: &Instant| {
            times
                .iter()
                .filter(|at| at.checked_duration_since(*start).is_some_and(|d| d.as_secs() < 1))
                .count()
        };
        times.iter().map(within).max().unwrap_or(0)
    }

    /// Counts the whole requests about the holder of this ID number.
    pub fn calls_about(&self, idcard: &str) -> usize {
        let seen = self.shared.seen();
        seen.requests.iter().filter(|request| request.complete && request.field("idcard") == idcard).count()
    }

    /// Waits until everything that a program has sent, which is gone by now, is read and counted.
    pub fn settle(&self) {
        // Connections are taken in their order: once this one is served, so are all before it.
        let connections = self.shared.seen().connections;
        drop(TcpStream::connect(self.address).expect("the server still listens"));
        self.wait_until(|seen| seen.connections > connections && seen.open.is_empty());
    }

    /// Waits until this many requests have come whole.
    pub fn wait_for_calls(&self, calls: usize) {
        self.wait_until(|seen| seen.requests.iter().filter(|request| request.complete).count() >= calls);
    }

    /// Waits until this many requests have come whole, or there is no reason to wait any more.
    pub fn wait_for_calls_or(&self, calls: usize, in_vain: impl Fn() -> bool) {
        while self.calls() < calls && !in_vain() {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until so many requests are read and not yet answered.
    pub fn wait_for_in_flight(&self, calls: usize) {
        self.wait_until(|seen| seen.in_flight >= calls);
    }

    fn wait_until(&self, reached: impl Fn(&Seen) -> bool) {
        let waited =
            self.shared.changed.wait_timeout_while(self.shared.seen(), PATIENCE, |seen| !reached(seen));
        // The lock is given back before the test can fail.
        let timed_out = waited.unwrap_or_else(PoisonError::into_inner).1.timed_out();
        assert!(!timed_out, "the program did not send what it should");
    }
}

impl Drop for CountingServer {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        for connection in self.shared.seen().open.values() {
            let _ = connection.shutdown(Shutdown::Both);
        }
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Seen) -> T) -> T {
        let changed = change(&mut self.seen());
        self.changed.notify_all();
        changed
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let _ = stream.set_nodelay(true);
        let Ok(copy) = stream.try_clone() else { continue };
        let number = shared.change(|seen| {
            seen.connections += 1;
            seen.open.insert(seen.connections, copy);
            seen.connections
        });
        let shared = Arc::clone(shared);
        thread::spawn(move || serve(stream, number, &shared));
    }
}

/// Serves one connection until either side ends it.
fn serve(mut stream: TcpStream, connection: usize, shared: &Shared) {
    while let Ok(Some(raw)) = Request::read_head(&mut stream) {
        let number = shared.change(|seen| {
            seen.heads += 1;
            seen.heads
        });
        let at = Instant::now();
        let mut request = Request { number, connection, at, raw, form: Vec::new(), complete: false };
        if (shared.at_head)(number) == AtHead::Reset {
            shared.change(|seen| seen.requests.push(request));
            reset(&stream);
            break;
        }
        request.read_body(&mut stream);
        if !request.complete {
            shared.change(|seen| seen.requests.push(request));
            break;
        }
        let reply = (shared.script)(&request);
        shared.change(|seen| {
            if reply.is_billed() {
                *seen.billed.entry(request.subject()).or_default() += 1;
            }
            seen.requests.push(request);
            seen.in_flight += 1;
            seen.peak_in_flight = seen.peak_in_flight.max(seen.in_flight);
        });
        let in_flight = InFlight(shared);
        let goes_on = reply.play(&mut stream).unwrap_or(false);
        drop(in_flight);
        if !goes_on {
            break;
        }
    }
    // The copy that is kept for shutting down must go first: only the last close ends the connection.
    shared.change(|seen| seen.open.remove(&connection));
}

/// A request that is being answered.
struct InFlight<'a>(&'a Shared);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.change(|seen| seen.in_flight -= 1);
    }
}
