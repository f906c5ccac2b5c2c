//! An imitation of Juhe's face four-factor API on loopback, made from the API document alone.
//!
//! It shares no code with `api` or `domain`: its form parser, its checks and its tables are its own, so
//! that neither side can hide the other's mistake. It is stricter than the document where strictness
//! catches a client's mistake: a `+` that was not percent-encoded is a space, as the form encoding says,
//! and then the image is not base64.
//!
//! A call is judged in this order: key (10001), calls in the sliding second of one address (10011),
//! calls of the day of Asia/Shanghai (10012), parameters (280101 to 280104), verdict. Requests that are not
//! calls at all (another path, another method, a body that is no form) get a plain HTTP 4xx.
//!
//! # What a mobile's last three digits ask for
//!
//! | ending | answer | billed |
//! | --- | --- | --- |
//! | 100 to 116 | that `res`, as the document lists it | yes |
//! | 910 | 280105 | no |
//! | 912 | HTTP 500 | no |
//! | 913 | nothing, until the client gives up (10 minutes at most) | no |
//! | 914 | the verdict is made, then the connection is reset in its place | yes |
//! | 915 | the verdict's JSON, cut in half | yes |
//! | 916 | `res` 777, which the document lacks | yes |
//! | 917 | `error_code` 299999, which the document lacks | no |
//! | 918 | 10014 the first time that a subject asks, then `res` 100 | the second |
//! | other | `res` 100 | yes |
//!
//! # Faults by call number
//!
//! See [`Fault`]. Calls are numbered from 1 in the order in which their heads arrive.
//!
//! # Statistics
//!
//! `GET /_sandbox/stats` answers with [`Stats`] as JSON. Subjects are kept as hashes under a key that dies
//! with the process, and nothing that a client sent is ever written anywhere.
//!
//! Not here: TLS, the other system codes except by script, or any judgement of the picture beyond its
//! first and last bytes.

mod check;
mod fault;
mod form;
mod limits;
mod service;
mod tally;
#[cfg(test)]
mod tests;
mod verdict;

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

pub use fault::{BadFault, Fault, ScriptedFault};
pub use tally::Stats;

use service::{Cut, Service};

/// The key that the sandbox expects unless told otherwise.
pub const DEFAULT_KEY: &str = "sandbox";

/// Connections that are served at once; more wait in the listener's queue.
const MAX_CONNECTIONS: usize = 4096;

/// What the sandbox imitates, and how badly it behaves.
#[derive(Clone)]
pub struct SandboxConfig {
    /// Where to listen: a loopback address; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The only key that is not answered with 10001.
    pub key: String,
    /// Calls that one address may make in any second before 10011; refused calls count too.
    pub ip_limit_per_second: Option<u32>,
    /// Calls in one day of Asia/Shanghai before 10012.
    pub calls_per_day: Option<u32>,
    /// How long every verdict takes.
    pub latency: Duration,
    /// Up to this much more, evenly spread.
    pub jitter: Duration,
    /// What goes wrong, by call number; the first that matches wins.
    pub faults: Vec<ScriptedFault>,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            key: DEFAULT_KEY.to_owned(),
            ip_limit_per_second: None,
            calls_per_day: None,
            latency: Duration::ZERO,
            jitter: Duration::ZERO,
            faults: Vec::new(),
        }
    }
}

/// A running imitation. Dropping it stops it.
pub struct Sandbox {
    address: SocketAddr,
    service: Arc<Service>,
    accepting: JoinHandle<()>,
}

impl Sandbox {
    /// Starts to serve on the current Tokio runtime.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for an address that is not loopback, and whatever binding it says.
    pub async fn start(config: SandboxConfig) -> io::Result<Self> {
        if !config.listen.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the sandbox listens on loopback addresses only, such as 127.0.0.1",
            ));
        }
        let listener = TcpListener::bind(config.listen).await?;
        let address = listener.local_addr()?;
        let service = Arc::new(Service::new(config));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&service)));
        Ok(Self { address, service, accepting })
    }

    /// Returns the address that is listened on, with the port that was picked.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the URL to call instead of Juhe's.
    pub fn endpoint(&self) -> String {
        format!("http://{}{}", self.address, service::CALL_PATH)
    }

    /// Returns what has been counted so far.
    pub fn stats(&self) -> Stats {
        self.service.stats()
    }

    /// Stops listening and cuts the connections that are still open.
    pub async fn shut_down(mut self) {
        self.accepting.abort();
        // The abort itself is the only error there can be, and it is what was asked for.
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Accepts until aborted; dropping the set of connections aborts them all.
async fn accept(listener: TcpListener, service: Arc<Service>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(serve(stream, peer, Arc::clone(&service)));
                }
                // Out of descriptors, most likely: they come back as connections close.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, peer: SocketAddr, service: Arc<Service>) {
    // Without it replies are slower; nothing else depends on it.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(move |request| Box::pin(Arc::clone(&service).answer(peer.ip(), request)));
    let mut connection =
        http1::Builder::new().header_read_timeout(None).serve_connection(TokioIo::new(stream), answer);

    let ended = poll_fn(|cx| connection.poll_without_shutdown(cx)).await;

    let stream = connection.into_parts().io.into_inner();
    if ended.is_err_and(|error| Cut::of(&error) == Some(Cut::Reset)) {
        // With a linger of zero, closing sends a reset instead of an orderly end.
        let _ = stream.set_zero_linger();
    }
}
