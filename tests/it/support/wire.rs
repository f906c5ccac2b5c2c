//! HTTP by hand: a request read byte for byte, and replies that no honest server would send.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_linger;

/// One request as it came over the wire.
#[derive(Clone)]
pub struct Request {
    /// Counted from 1 in the order in which the heads arrived.
    pub number: usize,
    /// The connection it came on, counted from 1.
    pub connection: usize,
    /// When its head was complete.
    pub at: Instant,
    /// Everything that was received of it.
    pub raw: Vec<u8>,
    /// The decoded fields in the order in which they were sent.
    pub form: Vec<(String, String)>,
    /// Whether the body came whole.
    pub complete: bool,
}

impl Request {
    /// Returns a field's value, empty if it is missing.
    pub fn field(&self, name: &str) -> &str {
        self.form.iter().find(|(candidate, _)| candidate == name).map_or("", |(_, value)| value)
    }

    /// Says whether the mobile number ends so.
    pub fn mobile_ends(&self, ending: &str) -> bool {
        self.field("mobile").ends_with(ending)
    }

    /// Identifies who was asked about, and with which picture.
    pub fn subject(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        ["realname", "idcard", "mobile", "image"].map(|name| self.field(name)).hash(&mut hasher);
        hasher.finish()
    }

    /// Returns the request line and the headers, in lower case.
    pub fn head(&self) -> String {
        let end = end_of_head(&self.raw).unwrap_or(self.raw.len());
        String::from_utf8_lossy(&self.raw[..end]).to_lowercase()
    }

    /// Reads a head from a stream; `None` if the peer has closed instead.
    pub fn read_head(stream: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
        let mut raw = Vec::new();
        let mut piece = [0; 16 * 1024];
        while end_of_head(&raw).is_none() {
            match stream.read(&mut piece)? {
                0 => return Ok(None),
                length => raw.extend_from_slice(&piece[..length]),
            }
        }
        Ok(Some(raw))
    }

    /// Reads on until the body is whole, and decodes it; says if the peer stopped before.
    pub fn read_body(&mut self, stream: &mut TcpStream) {
        let mut piece = [0; 16 * 1024];
        let head_length = end_of_head(&self.raw).expect("the head was read before");
        let length = content_length(&self.head());
        let chunked = self.head().contains("transfer-encoding: chunked");
        let is_whole = |raw: &[u8]| {
            if chunked { raw.ends_with(b"\r\n0\r\n\r\n") } else { raw.len() >= head_length + length }
        };
        while !is_whole(&self.raw) {
            match stream.read(&mut piece) {
                Ok(0) | Err(_) => return,
                Ok(length) => self.raw.extend_from_slice(&piece[..length]),
            }
        }
        self.complete = true;
        let body =
            if chunked { unchunked(&self.raw[head_length..]) } else { self.raw[head_length..].to_vec() };
        self.form = decode_form(&body);
    }
}

fn end_of_head(raw: &[u8]) -> Option<usize> {
    raw.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

fn content_length(head: &str) -> usize {
    head.lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .map_or(0, |length| length.trim().parse().expect("a number"))
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(line_end) = rest.windows(2).position(|window| window == b"\r\n") {
        let length = usize::from_str_radix(&String::from_utf8_lossy(&rest[..line_end]), 16).unwrap_or(0);
        if length == 0 {
            break;
        }
        body.extend_from_slice(&rest[line_end + 2..line_end + 2 + length]);
        rest = &rest[line_end + 2 + length + 2..];
    }
    body
}

/// Decodes a form's fields in their order.
pub fn decode_form(body: &[u8]) -> Vec<(String, String)> {
    String::from_utf8_lossy(body)
        .split('&')
        .filter_map(|field| field.split_once('='))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn decode(written: &str) -> String {
    let mut bytes = written.bytes();
    let mut decoded = Vec::with_capacity(written.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next().unwrap_or(b'?'), bytes.next().unwrap_or(b'?')];
                u8::from_str_radix(&String::from_utf8_lossy(&digits), 16).unwrap_or(b'?')
            }
            other => other,
        });
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// What the server does once it has read a whole request.
#[derive(Clone)]
pub enum Reply {
    /// A well-formed reply.
    Json { status: u16, headers: Vec<(&'static str, String)>, body: String },
    /// A TCP reset.
    ResetAfterBody,
    /// An orderly end without an answer.
    CloseAfterBody,
    /// Fewer bytes than the head promises, then the end.
    Truncated,
    /// Nothing until the client gives up.
    Hang,
    /// A web server's error page.
    Html(u16),
    /// 302 to this address.
    Redirect(String),
    /// A right answer, then the end without a warning in the head.
    StaleKeepAlive,
    /// Another reply, later.
    Delay(Duration, Box<Reply>),
    /// Another reply, once the test lets it go.
    Held(Arc<AtomicBool>, Box<Reply>),
}

impl Reply {
    /// The verdict `res`, as the API document shows it.
    pub fn verdict(res: u16) -> Self {
        Self::json(&format!(
            r#"{{"reason":"成功","result":{{"orderid":"JH801240913170041JZU80","res":{res},"resmsg":"核验","score":982.7,"type":"联通"}},"error_code":0}}"#
        ))
    }

    /// An `error_code` that is not billed.
    pub fn code(code: u32) -> Self {
        Self::json(&format!(r#"{{"reason":"理由","result":null,"error_code":{code}}}"#))
    }

    /// Any body with HTTP 200.
    pub fn json(body: &str) -> Self {
        Self::Json { status: 200, headers: Vec::new(), body: body.to_owned() }
    }

    /// A status with an HTML body that asks to come again after so many seconds.
    pub fn retry_after(status: u16, seconds: u32) -> Self {
        Self::Json { status, headers: vec![("Retry-After", seconds.to_string())], body: "<html>".to_owned() }
    }

    /// The verdict `res` after a delay.
    pub fn later(delay: Duration, res: u16) -> Self {
        Self::Delay(delay, Box::new(Self::verdict(res)))
    }

    /// Says whether the real API would have billed the call, in the worst case: whatever leaves the client
    /// in doubt was billed.
    pub fn is_billed(&self) -> bool {
        match self {
            Self::Json { status: 200, body, .. } => {
                let body = body.trim_start_matches('\u{feff}');
                serde_json::from_str::<serde_json::Value>(body).map_or(true, |json| {
                    json["error_code"] == 0 || json["error_code"] == "0" || json["error_code"].is_null()
                })
            }
            Self::Json { status, headers, .. } => {
                (*status >= 500 || *status == 408) && !headers.iter().any(|(name, _)| *name == "Retry-After")
            }
            Self::Html(status) => *status == 200 || *status == 408 || *status >= 500,
            Self::Redirect(_) => false,
            Self::Delay(_, reply) | Self::Held(_, reply) => reply.is_billed(),
            _ => true,
        }
    }

    /// Plays the reply; says whether the connection may serve another request.
    pub fn play(self, stream: &mut TcpStream) -> io::Result<bool> {
        match self {
            Self::Json { status, headers, body } => {
                let lines = headers.iter().map(|(name, value)| [*name, ": ", value, "\r\n"].concat());
                let extra: String = lines.collect();
                stream.write_all(&framed(status, "application/json;charset=utf-8", &extra, &body))?;
                return Ok(true);
            }
            Self::ResetAfterBody => reset(stream),
            Self::CloseAfterBody => {}
            Self::Truncated => {
                let whole = answer();
                stream.write_all(&whole[..whole.len() - 40])?;
            }
            Self::Hang => {
                // Ends when the client closes, or the server shuts the stream down.
                stream.read_exact(&mut [0])?;
            }
            Self::Html(status) => {
                stream.write_all(&framed(status, "text/html", "", "<html><h1>Bad Gateway</h1></html>"))?;
                return Ok(true);
            }
            Self::Redirect(target) => {
                let location = format!("Location: {target}\r\n");
                stream.write_all(&framed(302, "text/html", &location, ""))?;
                return Ok(true);
            }
            Self::StaleKeepAlive => stream.write_all(&answer())?,
            Self::Delay(delay, reply) => {
                thread::sleep(delay);
                return reply.play(stream);
            }
            Self::Held(released, reply) => {
                while !released.load(Ordering::SeqCst) {
                    thread::sleep(Duration::from_millis(1));
                }
                return reply.play(stream);
            }
        }
        Ok(false)
    }
}

/// Makes the next close of the stream a TCP reset.
pub fn reset(stream: &TcpStream) {
    set_socket_linger(stream, Some(Duration::ZERO)).expect("linger is settable on any open socket");
}

fn answer() -> Vec<u8> {
    let Reply::Json { body, .. } = Reply::verdict(100) else { unreachable!("a verdict is JSON") };
    framed(200, "application/json", "", &body)
}

fn framed(status: u16, media_type: &str, extra: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} Status\r\nContent-Type: {media_type}\r\n{extra}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
