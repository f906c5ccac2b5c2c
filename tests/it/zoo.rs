//! The network's whole zoo: one table of everything that a server, or what is between, can do to one request,
//! and what becomes of the call, the row and the run.
//!
//! Four rows, one call at a time; the second meets the fault, the others are answered well. Each fault says how
//! the ledger must class the call, what the row must say, what the run must do, and how many requests about the
//! row the server may have read whole. A second run, against a server that behaves, must ask about the row
//! again if and only if it is due.
//!
//! `tests/it/tls.rs` has certificates that do not hold, `faults.rs` redirects, proxies and addresses where nobody
//! listens.

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reverify::domain::answer::Class;

use crate::support::books::Books;
use crate::support::counting_server::CountingServer;
use crate::support::identity::Identity;
use crate::support::interposer::{each_on, say};
use crate::support::program::{Applicant, Scene};
use crate::support::wire::Reply;
use crate::support::zoo_server::Connection::{Fresh, Reused};
use crate::support::zoo_server::Step::{Close, CloseTls, Drip, GoOn, Hang, Reset, Send, Wait};
use crate::support::zoo_server::{Act, Connection, Step, Until, ZooServer, answer, body, verdict};

/// What the run does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RunDoes {
    /// Goes on with the other rows.
    GoesOn,
    /// Asks again about the row, and goes on.
    AsksAgain,
    /// Stops with this exit code; the rows that are left stay due.
    Stops(i32),
}

/// What must come of a fault.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    /// How the ledger classes the call.
    class: Class,
    /// The row's decision, and its bill.
    row: (&'static str, &'static str),
    run: RunDoes,
    /// The requests about the row that the server reads whole.
    requests: usize,
}

const fn outcome(class: Class, row: (&'static str, &'static str), run: RunDoes, requests: usize) -> Outcome {
    Outcome { class, row, run, requests }
}

const SETTLED: Outcome = outcome(Class::Billed, ("match", "yes"), RunDoes::GoesOn, 1);
const INCONCLUSIVE: Outcome = outcome(Class::Billed, ("inconclusive", "yes"), RunDoes::GoesOn, 1);
const DOUBT: Outcome = outcome(Class::InDoubt, ("unresolved", "unknown"), RunDoes::GoesOn, 1);
/// In doubt although the server never read it whole: what the transport has taken may have arrived.
const DOUBT_UNREAD: Outcome = outcome(Class::InDoubt, ("unresolved", "unknown"), RunDoes::GoesOn, 0);
const NOT_SENT: Outcome = outcome(Class::NotSent, ("match", "yes"), RunDoes::AsksAgain, 1);
const REJECTED: Outcome = outcome(Class::Unbilled, ("rejected", "no"), RunDoes::GoesOn, 1);
const ASKED_AGAIN: Outcome = outcome(Class::Unbilled, ("match", "yes"), RunDoes::AsksAgain, 2);

const STOPS_69: Outcome = stops(69, 1);
const STOPS_69_UNREAD: Outcome = stops(69, 0);
const STOPS_75: Outcome = stops(75, 1);
const STOPS_77: Outcome = stops(77, 1);
const STOPS_77_IN_DOUBT: Outcome = outcome(Class::InDoubt, ("unresolved", "unknown"), RunDoes::Stops(77), 1);
const NOT_VERIFIABLE: Outcome = outcome(Class::Unbilled, ("inconclusive", "no"), RunDoes::GoesOn, 1);

/// On a new connection HTTP cannot tell a reply that came too early from one that came early.
const MISTAKEN: Outcome = outcome(Class::Billed, ("mismatch", "yes"), RunDoes::GoesOn, 1);

const fn stops(code: i32, requests: usize) -> Outcome {
    outcome(Class::Unbilled, ("pending", "no"), RunDoes::Stops(code), requests)
}

struct Fault {
    name: String,
    on: &'static [Connection],
    tls: bool,
    act: Act,
    /// What may come of it: more than one where it is a race that either side may win.
    outcomes: &'static [Outcome],
    timeout: &'static str,
    most: Option<&'static str>,
    /// Whether the call after it may meet a connection that ends, and be in doubt.
    spills: bool,
}

impl Fault {
    fn new(name: impl Into<String>, until: Until, steps: Vec<Step>, outcomes: &'static [Outcome]) -> Self {
        let waits = steps.iter().any(|step| matches!(step, Hang | Drip(..) | Wait(_)));
        Self {
            name: name.into(),
            on: &[Fresh, Reused],
            tls: false,
            act: Act { until, steps },
            outcomes,
            timeout: if waits { "3s" } else { "30s" },
            most: None,
            spills: false,
        }
    }

    fn spills(mut self) -> Self {
        self.spills = true;
        self
    }

    fn once(mut self) -> Self {
        self.on = &[Reused];
        self
    }

    fn fresh(mut self) -> Self {
        self.on = &[Fresh];
        self
    }

    fn encrypted(mut self) -> Self {
        self.tls = true;
        self.fresh()
    }

    fn at_most(mut self, time: &'static str) -> Self {
        self.most = Some(time);
        self
    }
}

/// A reply to a whole request, after which the server would go on.
fn reply(name: &str, bytes: impl Into<Vec<u8>>, outcomes: &'static [Outcome]) -> Fault {
    Fault::new(name, Until::Whole, vec![Send(bytes.into()), GoOn], outcomes)
}

/// A reply to a whole request, and the end of the connection.
fn last_words(name: &str, bytes: impl Into<Vec<u8>>, outcomes: &'static [Outcome]) -> Fault {
    Fault::new(name, Until::Whole, vec![Send(bytes.into()), Close], outcomes)
}

/// A well-framed reply whose body is the matter; how the connection came about is none.
fn json(name: &str, body: impl AsRef<str>, outcomes: &'static [Outcome]) -> Fault {
    reply(name, answer(200, "", body.as_ref()), outcomes).once()
}

/// The same with bytes that are no text.
fn bytes(name: &str, lines: &str, body: &[u8], outcomes: &'static [Outcome]) -> Fault {
    let mut whole = format!("HTTP/1.1 200 OK\r\n{lines}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    whole.extend_from_slice(body);
    reply(name, whole, outcomes).once()
}

/// A reply with this `error_code`, as written in JSON.
fn code(written: &str, outcomes: &'static [Outcome]) -> Fault {
    json(
        &format!("error_code {written}"),
        body().replace(r#""error_code":0"#, &format!(r#""error_code":{written}"#)),
        outcomes,
    )
}

/// A billed reply with this `res`, as written in JSON.
fn res(written: &str, outcomes: &'static [Outcome]) -> Fault {
    json(&format!("res {written}"), body().replace(r#""res":100"#, &format!(r#""res":{written}"#)), outcomes)
}

/// A billed reply with this `result`, as written in JSON.
fn result(written: &str, outcomes: &'static [Outcome]) -> Fault {
    json(
        &format!("result {written}"),
        format!(r#"{{"reason":"成功","result":{written},"error_code":0}}"#),
        outcomes,
    )
}

fn page(status: u16, lines: &str, outcomes: &'static [Outcome]) -> Fault {
    let name = format!("a page with {status} {}", lines.trim());
    reply(&name, answer(status, lines, "<html><h1>Sorry</h1></html>"), outcomes).once()
}

/// Whether the last frame had left when the end came is for neither side to say.
const RACE: &[Outcome] = &[NOT_SENT, DOUBT_UNREAD, DOUBT];
/// The client may also have seen the end before it began, and taken another connection.
const EARLY_RACE: &[Outcome] = &[SETTLED, NOT_SENT, DOUBT_UNREAD, DOUBT];

/// Before a whole request was read.
fn boundaries_of_the_request() -> Vec<Fault> {
    let mut faults = Vec::new();
    for (place, until) in [
        ("before a byte of the request", Until::Nothing),
        ("after one byte", Until::FirstByte),
        ("half way through the head", Until::HalfHead),
        ("after the request's head", Until::Head),
        ("half way through the body", Until::HalfBody),
        ("before the last frame", Until::AllButTheKey),
    ] {
        let outcomes = if until == Until::Nothing { EARLY_RACE } else { RACE };
        faults.push(Fault::new(format!("an orderly end {place}"), until, vec![Close], outcomes));
        faults.push(Fault::new(format!("a reset {place}"), until, vec![Reset], outcomes));
    }
    for (place, until) in
        [("before the head is read", Until::Nothing), ("after the request's head", Until::Head)]
    {
        faults.push(Fault::new(format!("silence {place}"), until, vec![Hang, Close], &[DOUBT_UNREAD]));
    }
    // The server has not read the request; what it says counts all the same.
    for (name, status, outcomes) in [
        ("a refusal before the body", 413, &[STOPS_69_UNREAD]),
        ("a page before the body", 503, &[DOUBT_UNREAD]),
    ] {
        let steps = vec![
            Send(answer(status, "Connection: close\r\n", "<html>")),
            Wait(Duration::from_secs(2)),
            Close,
        ];
        faults.push(Fault::new(name, Until::Head, steps, outcomes).fresh());
    }
    faults
}

/// After a whole request: where the reply breaks off.
fn boundaries_of_the_reply() -> Vec<Fault> {
    let whole = verdict("");
    let head = whole.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4;
    let places = [
        ("before the reply", 0),
        ("in the status line", 7),
        ("after the status line", 21),
        ("in the head", 40),
        ("before the head's empty line", head - 2),
        ("after the reply's head", head),
        ("in the body", head + 50),
        ("before the body's last byte", whole.len() - 1),
    ];
    let mut faults = Vec::new();
    for (place, length) in places {
        for (name, end) in [("an orderly end", Close), ("a reset", Reset), ("silence", Hang)] {
            let steps = vec![Send(whole[..length].to_vec()), end];
            faults.push(Fault::new(format!("{name} {place}"), Until::Whole, steps, &[DOUBT]));
        }
    }
    faults.push(Fault::new(
        "a reply that comes after the timeout",
        Until::Whole,
        vec![Wait(Duration::from_secs(4)), Send(whole.clone()), GoOn],
        &[DOUBT],
    ));
    faults.push(Fault::new(
        "a reply that drips in too slowly",
        Until::Whole,
        vec![Drip(whole.clone(), Duration::from_millis(100)), GoOn],
        &[DOUBT],
    ));
    let mut patient = Fault::new(
        "a reply that drips in, in time",
        Until::Whole,
        vec![Drip(whole.clone(), Duration::from_millis(2)), GoOn],
        &[SETTLED],
    );
    patient.timeout = "30s";
    faults.push(patient);
    let end = last_words("a whole reply, then the end unannounced", whole.clone(), &[SETTLED]);
    faults.push(end.spills());
    let steps = vec![Send(whole), Wait(Duration::from_millis(200)), Reset];
    faults.push(Fault::new("a whole reply, then a reset", Until::Whole, steps, &[SETTLED]).spills());
    faults
}

/// The head of a good reply, with these lines.
fn head(lines: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{lines}\r\n")
}

/// A good reply with these lines in its head, and no other.
fn with(lines: &str) -> String {
    format!("{}{}", head(lines), body())
}

/// The line that says how long a good reply is.
fn right_length() -> String {
    format!("Content-Length: {}\r\n", body().len())
}

/// How long a reply says that it is.
fn lengths() -> Vec<Fault> {
    let length = body().len();
    vec![
        last_words("no length at all, ended by the end", with(""), &[SETTLED]),
        last_words("no length at all, ended too early", &with("")[..80], &[DOUBT]),
        reply("a length that is too short", with("Content-Length: 12\r\n"), &[DOUBT]),
        last_words(
            "a length that is too long",
            with(&format!("Content-Length: {}\r\n", length + 1)),
            &[DOUBT],
        ),
        reply("a length of 0", with("Content-Length: 0\r\n"), &[DOUBT]),
        reply("a length that is no number", with("Content-Length: many\r\n"), &[DOUBT]),
        reply("a length below 0", with("Content-Length: -1\r\n"), &[DOUBT]),
        reply("a length beyond 64 bits", with("Content-Length: 99999999999999999999999\r\n"), &[DOUBT]),
        reply(
            "the same length twice",
            with(&format!("Content-Length: {length}\r\nContent-Length: {length}\r\n")),
            &[SETTLED],
        ),
        reply(
            "two lengths that disagree",
            with(&format!("Content-Length: {length}\r\nContent-Length: 12\r\n")),
            &[DOUBT],
        ),
    ]
}

/// A reply in chunks.
fn chunks() -> Vec<Fault> {
    let (body, length) = (body(), body().len());
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    let chunked = |rest: &str| format!("{}{rest}", head("Transfer-Encoding: chunked\r\n"));
    let pieces: String = ["{", &body[1..60], &body[60..]].map(chunk).concat();
    vec![
        reply("chunks, as they should be", chunked(&format!("{pieces}0\r\n\r\n")), &[SETTLED]),
        reply(
            "chunks with extensions and trailers",
            chunked(&format!("{length:x};a=b\r\n{body}\r\n0\r\nX-Sum: 1\r\n\r\n")),
            &[SETTLED],
        ),
        reply("a chunk whose length is no number", chunked(&format!("zz\r\n{body}\r\n0\r\n\r\n")), &[DOUBT]),
        reply(
            "a chunk whose length is beyond 64 bits",
            chunked(&format!("fffffffffffffffff\r\n{body}\r\n0\r\n\r\n")),
            &[DOUBT],
        ),
        last_words("chunks without the last one", chunked(&pieces), &[DOUBT]),
        last_words("a chunk that is cut short", chunked(&pieces[..pieces.len() - 30]), &[DOUBT]),
        reply("a chunk without its line end", chunked(&format!("{length:x}\r\n{body}0\r\n\r\n")), &[DOUBT]),
        last_words("an empty last chunk alone", chunked("0\r\n\r\n"), &[DOUBT]).spills(),
        reply(
            "a length and chunks at once",
            format!("{}{pieces}0\r\n\r\n", head("Content-Length: 9\r\nTransfer-Encoding: chunked\r\n")),
            &[SETTLED, DOUBT],
        ),
        reply(
            "an unknown transfer encoding",
            with(&format!("Transfer-Encoding: gzip\r\nContent-Length: {length}\r\n")),
            &[DOUBT],
        ),
    ]
}

/// Another protocol, or more than one reply.
fn protocols() -> Vec<Fault> {
    let (body, length) = (body(), body().len());
    vec![
        last_words(
            "HTTP/1.0 with a length",
            format!("HTTP/1.0 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"),
            &[SETTLED],
        ),
        last_words("HTTP/1.0 ended by the end", format!("HTTP/1.0 200 OK\r\n\r\n{body}"), &[SETTLED]),
        last_words("HTTP/0.9: nothing but the body", body.clone(), &[DOUBT]),
        reply("HTTP/2.0 in the status line", with(&right_length()).replace("HTTP/1.1", "HTTP/2.0"), &[DOUBT]),
        last_words(
            "frames of HTTP/2",
            b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\0\x04\0\x01\0\0\0\x05\0\xff\xff\xff".to_vec(),
            &[DOUBT],
        ),
        last_words("another protocol", "SSH-2.0-OpenSSH_9.6\r\n", &[DOUBT]),
        last_words("an alert of TLS to a client without", b"\x15\x03\x01\0\x02\x02\x46".to_vec(), &[DOUBT]),
        last_words("zeros", vec![0; 300], &[DOUBT]),
        reply(
            "100 Continue first",
            format!("HTTP/1.1 100 Continue\r\n\r\n{}", with(&right_length())),
            &[SETTLED],
        ),
        reply(
            "103 Early Hints first",
            format!("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n{}", with(&right_length())),
            &[SETTLED],
        ),
        last_words("100 Continue and nothing else", "HTTP/1.1 100 Continue\r\n\r\n", &[DOUBT]),
        last_words(
            "101 Switching Protocols",
            "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
            &[DOUBT],
        ),
        reply(
            "a reply and another one behind it",
            [verdict(""), answer(200, "", &body.replace("100", "101"))].concat(),
            &[SETTLED],
        ),
        Fault::new(
            "a reply that nobody asked for, before the request",
            Until::Nothing,
            vec![Send(answer(200, "", &body.replace("100", "101"))), GoOn],
            &[NOT_SENT, DOUBT_UNREAD, DOUBT, SETTLED, MISTAKEN],
        ),
    ]
}

/// What a reply says before its body.
fn heads() -> Vec<Fault> {
    let (body, length) = (body(), body().len());
    vec![
        reply(
            "no reason phrase",
            format!("HTTP/1.1 200\r\nContent-Length: {length}\r\n\r\n{body}"),
            &[SETTLED],
        ),
        reply("a status of two digits", with(&right_length()).replace("200 OK", "20 OK"), &[DOUBT]),
        reply("status 999", with(&right_length()).replace("200 OK", "999 No"), &[DOUBT]),
        reply("status 600", with(&right_length()).replace("200 OK", "600 No"), &[DOUBT]),
        last_words(
            "a header's name with a space",
            with(&format!("Bad Name: 1\r\nContent-Length: {length}\r\n")),
            &[DOUBT],
        ),
        last_words(
            "a header with a zero byte",
            with(&format!("X-Zero: a\0b\r\nContent-Length: {length}\r\n")),
            &[DOUBT],
        ),
        last_words(
            "200 headers",
            with(&format!("{}Content-Length: {length}\r\n", "X-Many: 1\r\n".repeat(200))),
            &[DOUBT],
        ),
        last_words(
            "a header of a megabyte",
            with(&format!("X-Long: {}\r\nContent-Length: {length}\r\n", "a".repeat(1 << 20))),
            &[DOUBT],
        ),
        reply(
            "cookies and a link to elsewhere",
            with(&format!(
                "Set-Cookie: a=b\r\nContent-Location: http://127.0.0.1:1/\r\nRefresh: 0\r\nContent-Length: {length}\r\n"
            )),
            &[SETTLED],
        ),
    ]
}

/// What a body is wrapped in.
fn encodings() -> Vec<Fault> {
    let body = body();
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend(body.encode_utf16().flat_map(u16::to_le_bytes));
    let stored = {
        // A gzip stream whose one block is stored as it is; its checksum is for another text.
        let length = u16::try_from(body.len()).expect("a short body").to_le_bytes();
        let inverse = [!length[0], !length[1]];
        [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1][..], &length, &inverse, body.as_bytes(), &[0; 8]].concat()
    };
    let gb18030 =
        body.as_bytes().iter().map(|byte| if byte.is_ascii() { *byte } else { 0xb3 }).collect::<Vec<u8>>();
    vec![
        bytes("gzip, though nobody asked", "Content-Encoding: gzip\r\n", &stored, &[DOUBT]),
        bytes("gzip that does not say so", "", &stored, &[DOUBT]),
        bytes("a body that says it is brotli", "Content-Encoding: br\r\n", b"\x0b\x02\x80ok\x03", &[DOUBT]),
        bytes("an encoding that is none", "Content-Encoding: identity\r\n", body.as_bytes(), &[SETTLED]),
        bytes("JSON that is called HTML", "Content-Type: text/html\r\n", body.as_bytes(), &[SETTLED]),
        bytes("a byte order mark", "", &[b"\xef\xbb\xbf", body.as_bytes()].concat(), &[SETTLED]),
        bytes("UTF-16", "", &utf16, &[DOUBT]),
        bytes(
            "bytes that are no UTF-8",
            "Content-Type: application/json;charset=gb18030\r\n",
            &gb18030,
            &[DOUBT],
        ),
        bytes("zero bytes behind it", "", &[body.as_bytes(), &[0; 4]].concat(), &[DOUBT]),
        bytes("white space around it", "", format!(" \r\n\t{body}\n\n ").as_bytes(), &[SETTLED]),
        bytes("no body", "", b"", &[DOUBT]),
        bytes("rubbish behind it", "", format!("{body};").as_bytes(), &[DOUBT]),
        bytes("two bodies", "", format!("{body}{body}").as_bytes(), &[DOUBT]),
        bytes("a call of a function", "", format!("callback({body})").as_bytes(), &[DOUBT]),
        bytes(
            "64 KiB of white space behind it",
            "",
            format!("{body}{}", " ".repeat(64 << 10)).as_bytes(),
            &[DOUBT],
        ),
        bytes(
            "two megabytes",
            "",
            format!("{{\"reason\":\"{}\",\"error_code\":0}}", "x".repeat(2 << 20)).as_bytes(),
            &[DOUBT],
        ),
    ]
}

/// Statuses, with and without JSON.
fn statuses() -> Vec<Fault> {
    let billed = body();
    let refused = r#"{"reason":"理由","result":null,"error_code":280103}"#;
    let key_refused = r#"{"reason":"错误的请求KEY","result":null,"error_code":10001}"#;
    let with = |status: u16, what: &str, body: &str, outcomes| {
        reply(&format!("{status} with {what}"), answer(status, "", body), outcomes).once()
    };
    let mut faults = vec![
        with(201, "a billed answer", &billed, &[SETTLED]),
        with(206, "a billed answer", &billed, &[SETTLED]),
        reply("204 with nothing", "HTTP/1.1 204 No Content\r\n\r\n", &[DOUBT]).once(),
        with(302, "a billed answer", &billed, &[DOUBT]),
        with(400, "a billed answer", &billed, &[DOUBT]),
        with(400, "a code that is not billed", refused, &[REJECTED]),
        with(401, "a refused key", key_refused, &[STOPS_77]),
        with(403, "half of the JSON", &billed[..40], &[STOPS_77]),
        with(429, "a billed answer", &billed, &[DOUBT]),
        with(408, "a code that is not billed", refused, &[DOUBT]),
        with(500, "a billed answer", &billed, &[DOUBT]),
        with(500, "a code that is not billed", refused, &[DOUBT]),
        with(502, "half of the JSON", &billed[..40], &[DOUBT]),
        with(503, "a billed answer", &billed, &[DOUBT]),
    ];
    for status in [300, 301, 303, 304, 307, 308] {
        faults.push(page(status, "Location: /verifyface_mobile/query\r\n", &[DOUBT]));
    }
    for status in
        [400, 404, 405, 407, 409, 410, 411, 413, 414, 415, 417, 418, 421, 422, 425, 426, 431, 451, 499]
    {
        faults.push(page(status, "", &[STOPS_69]));
    }
    for status in [401, 403] {
        faults.push(page(status, "", &[STOPS_77]));
    }
    for status in [408, 500, 501, 502, 503, 504, 505, 507, 511, 520, 524, 599] {
        faults.push(page(status, "", &[DOUBT]));
    }
    for wait in ["0", "1", "-5", "soon", "Wed, 21 Oct 2015 07:28:00 GMT"] {
        faults.push(page(429, &format!("Retry-After: {wait}\r\n"), &[ASKED_AGAIN]));
    }
    faults.push(page(503, "Retry-After: 1\r\n", &[ASKED_AGAIN]));
    // Five minutes are the most that is waited, and this run has not as many seconds.
    faults.push(page(503, "Retry-After: 99999999999\r\n", &[STOPS_75]).at_most("30s"));
    faults
}

/// JSON that is nearly, or not at all, what the document shows.
fn documents() -> Vec<Fault> {
    let body = body();
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let with_member = |member: &str| format!("{{{member},{}", &body[1..]);
    let mut faults = vec![
        json("a list around it", format!("[{body}]"), &[DOUBT]),
        json("a text around it", format!("{body:?}"), &[DOUBT]),
        json("null", "null", &[DOUBT]),
        json("no code", r#"{"reason":"成功","result":{"res":100}}"#, &[DOUBT]),
        json("a comma too many", body.replace(r#""error_code":0}"#, r#""error_code":0,}"#), &[DOUBT]),
        json("a full-width comma, as in the document", body.replacen(',', "，", 1), &[DOUBT]),
        json("single quotes", body.replace('"', "'"), &[DOUBT]),
        json("a comment", format!("/* */{body}"), &[DOUBT]),
        json("a line end within a text", body.replace("核验", "核\n验"), &[DOUBT]),
        json("half a surrogate pair", body.replace("核验", r"\ud800"), &[SETTLED, DOUBT]),
        json(
            "line ends and commands to a terminal in a text",
            body.replace("核验", r"\r\nSet-Cookie: a\u001b[2J\u0007=1+1"),
            &[SETTLED],
        ),
        json("the code twice, the same", with_member(r#""error_code":0"#), &[DOUBT]),
        json("the code twice, not the same", with_member(r#""error_code":10001"#), &[DOUBT]),
        json("res twice", body.replace(r#""res":100"#, r#""res":101,"res":100"#), &[DOUBT]),
        json(
            "members that nobody knows",
            with_member(r#""resultcode":"200","a":{"b":[1,2.5e3,null,true]}"#),
            &[SETTLED],
        ),
        json("names in capitals", body.replace("error_code", "Error_Code"), &[DOUBT]),
        json("lists a hundred deep", with_member(&format!(r#""a":{}"#, deep(100))), &[SETTLED]),
        json("lists ten thousand deep", with_member(&format!(r#""a":{}"#, deep(10_000))), &[SETTLED]),
        json(
            "a number of a thousand digits",
            with_member(&format!(r#""a":{}"#, "9".repeat(1000))),
            &[SETTLED],
        ),
        json("a reason of 60,000 letters", body.replace("成功", &"x ".repeat(30_000)), &[SETTLED]),
        json("an orderid that is a list", body.replace(r#""JH801240913170041JZU80""#, "[1,2]"), &[SETTLED]),
    ];
    for zero in ["0", r#""0""#, "0.0", "0.00", r#"" 0 ""#, r#""00""#] {
        faults.push(code(zero, &[SETTLED]));
    }
    for unknown in ["null", "true", r#""""#, "[]", "{}", r#""null""#, "00", "0x0", "NaN"] {
        faults.push(code(unknown, &[DOUBT]));
    }
    for unknown in [
        "0e0",
        "-0",
        "-1",
        "1e1",
        "0.5",
        "299999",
        "4294967296",
        "18446744073709551616",
        "1e400",
        r#""０""#,
        r#""0;10001""#,
    ] {
        faults.push(code(unknown, &[DOUBT]));
    }
    for refused in ["280103", r#""280103""#, "280103.0"] {
        faults.push(code(refused, &[REJECTED]));
    }
    faults.push(code("10001", &[STOPS_77]));
    faults.push(code("10006", &[STOPS_77_IN_DOUBT]));
    faults.push(code("10011", &[ASKED_AGAIN]));
    faults.push(code("10012", &[STOPS_75]));
    faults.push(code(r#""10013""#, &[STOPS_75]));
    faults.push(code("10020", &[STOPS_69]));
    faults.push(code("10021", &[STOPS_69]));
    faults.push(code("280105", &[NOT_VERIFIABLE]));
    for known in ["100", r#""100""#, "100.0", r#"" 100 ""#] {
        faults.push(res(known, &[SETTLED]));
    }
    for unknown in ["null", "99", "117", "1e2", "-100", "true", "[100]", r#""abc""#, r#""""#] {
        faults.push(res(unknown, &[INCONCLUSIVE]));
    }
    for none in ["null", "[]", "{}", "100", r#""成功""#, r#"[{"res":100}]"#, "true"] {
        faults.push(result(none, &[INCONCLUSIVE]));
    }
    faults
}

/// TLS: before the handshake is done nothing has been sent; from then on it is as without.
fn encryption() -> Vec<Fault> {
    let whole = verdict("");
    let head = whole.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4;
    let unframed = [b"HTTP/1.1 200 OK\r\n\r\n", body().as_bytes()].concat();
    let alert = |description: u8| vec![0x15, 3, 3, 0, 2, 2, description];
    let before =
        |name: &str, until: Until, steps: Vec<Step>| Fault::new(name, until, steps, &[NOT_SENT]).encrypted();
    let old_hello = {
        // TLS 1.0, as a server of 2005 would answer.
        let mut hello = vec![0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1];
        hello.extend([7; 32]);
        hello.extend([0, 0, 0x2f, 0]);
        hello
    };
    vec![
        before("an end before TLS", Until::BeforeTls, vec![Close]),
        before("a reset before TLS", Until::BeforeTls, vec![Reset]),
        before("silence before TLS", Until::BeforeTls, vec![Hang, Close]),
        before("a page instead of TLS", Until::BeforeTls, vec![Send(answer(400, "", "<html>")), Close]),
        before("an end after the client's hello", Until::TlsHello, vec![Close]),
        before("a reset after the client's hello", Until::TlsHello, vec![Reset]),
        before("silence after the client's hello", Until::TlsHello, vec![Hang, Close]),
        before(
            "half of a server's hello",
            Until::TlsHello,
            vec![Send(vec![0x16, 3, 3, 0, 0x7a, 2, 0, 0]), Close],
        ),
        before("rubbish after the client's hello", Until::TlsHello, vec![Send(vec![0x5a; 400]), Close]),
        before("a page after the client's hello", Until::TlsHello, vec![Send(whole.clone()), Close]),
        before("an alert: handshake failure", Until::TlsHello, vec![Send(alert(40)), Close]),
        before("an alert: unknown name", Until::TlsHello, vec![Send(alert(112)), Close]),
        before("an alert: internal error", Until::TlsHello, vec![Send(alert(80)), Close]),
        before("an alert: close", Until::TlsHello, vec![Send(vec![0x15, 3, 3, 0, 2, 1, 0]), Close]),
        before("a version of long ago", Until::TlsHello, vec![Send(old_hello), Close]),
        Fault::new("an end after the handshake", Until::Nothing, vec![Close], RACE).encrypted(),
        Fault::new("a reset after the handshake", Until::Nothing, vec![Reset], RACE).encrypted(),
        Fault::new("an end of TLS after the handshake", Until::Nothing, vec![CloseTls], RACE).encrypted(),
        Fault::new("an end of TLS after the request", Until::Whole, vec![CloseTls], &[DOUBT]).encrypted(),
        Fault::new("an end without TLS's own after the request", Until::Whole, vec![Close], &[DOUBT])
            .encrypted(),
        Fault::new(
            "a reply cut off in its body, without TLS's own end",
            Until::Whole,
            vec![Send(whole[..head + 30].to_vec()), Close],
            &[DOUBT],
        )
        .encrypted(),
        Fault::new(
            "a reply of no length, ended by TLS's own end",
            Until::Whole,
            vec![Send(unframed.clone()), CloseTls],
            &[SETTLED],
        )
        .encrypted(),
        Fault::new(
            "a reply of no length, ended without it",
            Until::Whole,
            vec![Send(unframed), Close],
            &[DOUBT],
        )
        .encrypted(),
        Fault::new("a reset after an encrypted request", Until::Whole, vec![Reset], &[DOUBT]).encrypted(),
        Fault::new("silence after an encrypted request", Until::Whole, vec![Hang, Close], &[DOUBT])
            .encrypted(),
        Fault::new("a whole reply, encrypted", Until::Whole, vec![Send(whole), GoOn], &[SETTLED]).encrypted(),
    ]
}

/// Plays one fault, and compares with what must come of it; what is wrong, if anything is.
fn play(fault: &Fault, on: Connection, identity: &Identity) -> Result<(), String> {
    let people = Applicant::with_endings(&["100", "555", "101", "102"]);
    let scene = Scene::quick(&people);
    scene.write("roots.pem", &identity.pem);
    let roots = scene.path("roots.pem");
    let run = |endpoint: &str| {
        let run =
            scene.run(endpoint).args(["--concurrency", "1", "--face", "off", "--timeout", fault.timeout]);
        let run = run.args(["--connect-timeout", "3s"]).env("SSL_CERT_FILE", roots.to_str().expect("text"));
        match fault.most {
            Some(most) => run.args(["--max-duration", most]),
            None => run,
        }
    };
    let server = ZooServer::start(fault.act.clone(), on, fault.tls.then(|| identity.server_config()));
    let finished = run(&server.endpoint()).finish();
    let books = Books::of_copy(scene.folder(), &people).map_err(|error| error.to_string())?;
    let table = scene.output();
    let row = (&*table.rows[1]["decision"], &*table.rows[1]["billed"]);
    let class = books.of(1).first().map(|attempt| attempt.answer.as_ref().map(|answer| answer.class));
    let requests = server.calls_for(&people[1].mobile);
    let seen =
        format!("{class:?}, {row:?}, exit {:?}, {requests} requests; {}", finished.code, finished.stderr);
    if !server.has_acted() {
        return Err(format!("nothing odd was done; {seen}"));
    }

    let found = fault.outcomes.iter().find(|expected| {
        let others = table.count("decision", "match") - usize::from(row.0 == "match");
        let doubtful = table.count("decision", "unresolved");
        let (code, settled_others) = match (expected.run, row.0) {
            (RunDoes::Stops(code), _) => (code, 1),
            (_, "match" | "mismatch" | "inconclusive") if doubtful == 0 => (0, 3),
            _ if fault.spills && doubtful > usize::from(row.0 == "unresolved") => (1, 2),
            _ => (1, 3),
        };
        class == Some(Some(expected.class))
            && row == expected.row
            && requests == expected.requests
            && finished.code == Some(code)
            && others == settled_others
    });
    let Some(found) = found else { return Err(seen) };

    // A server that behaves: asked about the row if, and only if, the row is due.
    let again = CountingServer::start(|_| Reply::verdict(100));
    let (before, is_due) = (scene.output_bytes(), matches!(found.row.0, "pending"));
    let not_verifiable = found.class == Class::Unbilled && found.row.0 == "inconclusive";
    let finished = scene.run(&again.endpoint()).finish();
    let asked = again.calls_about(&people[1].idcard);
    if asked != usize::from(is_due || not_verifiable) {
        return Err(format!("the next run sent {asked} requests about it; {seen}"));
    }
    if is_due && (scene.output().count("decision", "match"), finished.code) != (4, Some(0)) {
        return Err(format!("the next run is not right: {finished:?}; {seen}"));
    }
    if found.row.0 == "unresolved" && found.run == RunDoes::GoesOn && scene.output_bytes() != before {
        return Err(format!("the next run changed the output; {seen}"));
    }
    Ok(())
}

#[test]
fn whatever_the_network_does_is_classed_told_and_paid_for_rightly() {
    let groups = [
        boundaries_of_the_request(),
        boundaries_of_the_reply(),
        lengths(),
        chunks(),
        protocols(),
        heads(),
        encodings(),
        statuses(),
        documents(),
        encryption(),
    ];
    let faults: Vec<Fault> = groups.into_iter().flatten().collect();
    let mut names = HashSet::new();
    for fault in &faults {
        assert!(names.insert(&*fault.name), "each fault has a name of its own: {}", fault.name);
    }
    let identity = Identity::new("127.0.0.1", |_| {});
    let tries: Vec<(&Fault, Connection)> =
        faults.iter().flat_map(|fault| fault.on.iter().map(move |on| (fault, *on))).collect();
    let wrong = AtomicUsize::new(0);
    // Most of the time is spent waiting for time to be up.
    let threads = 4 * std::thread::available_parallelism().map_or(2, NonZeroUsize::get);
    each_on(threads, &tries, |(fault, on)| {
        if let Err(seen) = play(fault, *on, &identity) {
            wrong.fetch_add(1, Ordering::SeqCst);
            say(&format!("{} ({on:?}): {seen}", fault.name));
        }
    });
    say(&format!(
        "the network's zoo: {} faults, {} with fresh and reused connections",
        faults.len(),
        tries.len()
    ));
    assert!(faults.len() >= 80);
    assert_eq!(wrong.into_inner(), 0, "faults that were not dealt with as they must be");
}
