//! A server on bare sockets that answers well, but for one request, at one boundary of which it does one thing
//! that no honest server does. With or without TLS.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::wire::{Reply, decode_form, reset};

/// How far the server reads the request in question before it acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Not a byte of it: as soon as the connection is there, or the one before is answered.
    Nothing,
    /// As soon as the connection is there, before TLS has begun.
    BeforeTls,
    /// The client's hello of TLS.
    TlsHello,
    /// One byte.
    FirstByte,
    /// Half of the head.
    HalfHead,
    /// The whole head.
    Head,
    /// The head and half of the body.
    HalfBody,
    /// All but the last frame, which has the key.
    AllButTheKey,
    /// All of it.
    Whole,
}

/// What the server does then.
#[derive(Clone, Debug)]
pub enum Step {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Sends bytes one at a time, with so much time between them.
    Drip(Vec<u8>, Duration),
    /// Does nothing for a while, or until the client has left.
    Wait(Duration),
    /// Does nothing until the client has left.
    Hang,
    /// Ends the connection in an orderly way; of TLS, without a word.
    Close,
    /// Ends TLS and the connection in an orderly way.
    CloseTls,
    /// Resets the connection.
    Reset,
    /// Goes on serving the connection.
    GoOn,
}

/// Where the server acts, and what it does.
#[derive(Clone, Debug)]
pub struct Act {
    /// How far it reads.
    pub until: Until,
    /// What it does then, the last of which ends the connection or goes on.
    pub steps: Vec<Step>,
}

/// Whether the request in question comes on a connection of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    Fresh,
    Reused,
}

/// A running server.
pub struct ZooServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    act: Act,
    on: Connection,
    tls: Option<Arc<ServerConfig>>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// The mobiles of the requests that came whole.
    whole: Vec<String>,
    /// Requests answered, the odd one included.
    answered: usize,
    has_acted: bool,
    connections: usize,
    open: HashMap<usize, TcpStream>,
    is_over: bool,
}

impl ZooServer {
    /// Answers the first request well, acts at the second, and answers all others well.
    pub fn start(act: Act, on: Connection, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared { act, on, tls, seen: Mutex::default() });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&accepting);
                let mut seen = accepting.seen.lock().unwrap();
                let (Ok(copy), false) = (stream.try_clone(), seen.is_over) else { break };
                seen.connections += 1;
                let number = seen.connections;
                seen.open.insert(number, copy);
                thread::spawn(move || {
                    // Whatever breaks a connection here is what the test is about.
                    let _ = serve(stream, &shared);
                    // Only this, the last copy, ends the connection.
                    shared.seen.lock().unwrap().open.remove(&number);
                });
            }
        });
        Self { address, shared }
    }

    /// Returns the URL to call.
    pub fn endpoint(&self) -> String {
        let scheme = if self.shared.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}/verifyface_mobile/query", self.address)
    }

    /// Counts the requests about the holder of this mobile that came whole.
    pub fn calls_for(&self, mobile: &str) -> usize {
        self.shared.seen.lock().unwrap().whole.iter().filter(|of| *of == mobile).count()
    }

    /// Says whether the odd thing has been done.
    pub fn has_acted(&self) -> bool {
        self.shared.seen.lock().unwrap().has_acted
    }
}

impl Drop for ZooServer {
    fn drop(&mut self) {
        let mut seen = self.shared.seen.lock().unwrap();
        seen.is_over = true;
        for stream in seen.open.values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        drop(seen);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

/// A connection, encrypted or not.
enum Line {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Line {
    fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => &stream.sock,
        }
    }

    fn read_exact(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.read_exact(bytes),
            Self::Tls(stream) => stream.read_exact(bytes),
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes),
            Self::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        }
    }

    /// Waits until the client has left, and no longer than this.
    fn wait(&mut self, most: Option<Duration>) {
        let end = most.map(|most| Instant::now() + most);
        let mut byte = [0];
        loop {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) || self.socket().set_read_timeout(left).is_err() {
                break;
            }
            match self.socket().read(&mut byte) {
                Ok(length) if length > 0 => {}
                _ => break,
            }
        }
        let _ = self.socket().set_read_timeout(None);
    }
}

impl Shared {
    /// Says once, when the odd request is the next, whether the server acts this early.
    fn acts_at(&self, until: &[Until]) -> bool {
        let mut seen = self.seen.lock().unwrap();
        let acts = seen.answered == 1 && !seen.has_acted && until.contains(&self.act.until);
        seen.has_acted |= acts;
        acts
    }
}

fn serve(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut line = Line::Plain(stream);
    if shared.acts_at(&[Until::BeforeTls]) {
        return play(&shared.act.steps, line).map(drop);
    }
    if shared.acts_at(&[Until::TlsHello]) {
        let mut header = [0; 5];
        line.read_exact(&mut header)?;
        line.read_exact(&mut vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))])?;
        return play(&shared.act.steps, line).map(drop);
    }
    if let (Some(config), Line::Plain(stream)) = (&shared.tls, &line) {
        let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        let mut encrypted = StreamOwned::new(connection, stream.try_clone()?);
        while encrypted.conn.is_handshaking() {
            encrypted.conn.complete_io(&mut encrypted.sock)?;
        }
        line = Line::Tls(Box::new(encrypted));
    }
    loop {
        if shared.acts_at(&[Until::Nothing]) {
            match play(&shared.act.steps, line)? {
                Some(same) => line = same,
                None => return Ok(()),
            }
        }
        let Some(whole) = read_request(&mut line, shared)? else {
            return play(&shared.act.steps, line).map(drop);
        };
        let odd = {
            let mut seen = shared.seen.lock().unwrap();
            let mobile = whole.iter().find(|(name, _)| name == "mobile").map(|(_, value)| value.clone());
            seen.whole.push(mobile.unwrap_or_default());
            let odd = seen.answered == 1 && !seen.has_acted;
            seen.answered += 1;
            seen.has_acted |= odd;
            odd
        };
        if odd {
            match play(&shared.act.steps, line)? {
                Some(same) => line = same,
                None => return Ok(()),
            }
        } else {
            let first = shared.seen.lock().unwrap().answered == 1;
            let closes = first && shared.on == Connection::Fresh;
            line.send(&verdict(if closes { "Connection: close\r\n" } else { "" }))?;
            if closes {
                return Ok(());
            }
        }
    }
}

/// Reads a request and returns its form; `None` if the server acts before its end.
fn read_request(line: &mut Line, shared: &Shared) -> io::Result<Option<Vec<(String, String)>>> {
    let mut head = vec![0];
    line.read_exact(&mut head)?;
    if shared.acts_at(&[Until::FirstByte]) {
        return Ok(None);
    }
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        line.read_exact(&mut byte)?;
        head.extend(byte);
        if head.len() == 100 && shared.acts_at(&[Until::HalfHead]) {
            return Ok(None);
        }
    }
    if shared.acts_at(&[Until::Head]) {
        return Ok(None);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize =
        length.and_then(|length| length.trim().parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
    let mut body = vec![0; length];
    let key = "&key=".len() + super::program::KEY.len();
    line.read_exact(&mut body[..length / 2])?;
    if shared.acts_at(&[Until::HalfBody]) {
        return Ok(None);
    }
    line.read_exact(&mut body[length / 2..length - key])?;
    if shared.acts_at(&[Until::AllButTheKey]) {
        return Ok(None);
    }
    line.read_exact(&mut body[length - key..])?;
    Ok(Some(decode_form(&body)))
}

/// Plays the steps; gives the connection back if it may be served on.
fn play(steps: &[Step], mut line: Line) -> io::Result<Option<Line>> {
    for step in steps {
        match step {
            Step::Send(bytes) => line.send(bytes)?,
            Step::Drip(bytes, pause) => {
                for byte in bytes {
                    line.send(&[*byte])?;
                    thread::sleep(*pause);
                }
            }
            Step::Wait(most) => line.wait(Some(*most)),
            Step::Hang => line.wait(None),
            Step::Reset => {
                reset(line.socket());
                return Ok(None);
            }
            Step::Close => {
                line.socket().shutdown(Shutdown::Write)?;
                return Ok(None);
            }
            Step::CloseTls => {
                if let Line::Tls(stream) = &mut line {
                    stream.conn.send_close_notify();
                    stream.flush()?;
                }
                line.socket().shutdown(Shutdown::Write)?;
                return Ok(None);
            }
            Step::GoOn => return Ok(Some(line)),
        }
    }
    Ok(None)
}

/// A right answer with these lines in its head.
pub fn verdict(lines: &str) -> Vec<u8> {
    answer(200, lines, &body())
}

/// The body of a right answer.
pub fn body() -> String {
    let Reply::Json { body, .. } = Reply::verdict(100) else { unreachable!("a verdict is JSON") };
    body
}

/// A reply with its length.
pub fn answer(status: u16, lines: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Status\r\nContent-Type: application/json;charset=utf-8\r\n{lines}Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}
