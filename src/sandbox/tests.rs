//! The sandbox over a bare socket: no HTTP client could hide what is really sent.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// A whole JPEG as far as the sandbox looks, whose base64 has a `+`, a `/` and a `=` in it.
const PICTURE: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xfb, 0xef, 0xbe, 0xff, 0xd9];

struct Raw(TcpStream);

struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn code(&self) -> i64 {
        self.json()["error_code"].as_i64().unwrap()
    }
}

impl Raw {
    async fn connect(sandbox: &Sandbox) -> Self {
        Self(TcpStream::connect(sandbox.address()).await.unwrap())
    }

    async fn send(&mut self, request: &[u8]) {
        self.0.write_all(request).await.unwrap();
    }

    /// Reads one reply, or says how the connection ended instead.
    async fn receive(&mut self) -> io::Result<Reply> {
        let mut received = Vec::new();
        let head_length = loop {
            if let Some(at) = received.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            if self.0.read_buf(&mut received).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        let head = String::from_utf8(received[..head_length].to_vec()).unwrap().to_lowercase();
        let length: usize = header(&head, "content-length").unwrap().parse().unwrap();
        while received.len() < head_length + length {
            assert_ne!(self.0.read_buf(&mut received).await.unwrap(), 0, "the body ended early");
        }
        let body = String::from_utf8_lossy(&received[head_length..]).into_owned();
        Ok(Reply { status: head[9..12].parse().unwrap(), head, body })
    }

    async fn call(&mut self, form: &str) -> io::Result<Reply> {
        self.send(post(form).as_bytes()).await;
        self.receive().await
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn post(form: &str) -> String {
    format!(
        "POST /verifyface_mobile/query HTTP/1.1\r\nHost: sandbox\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
}

fn escaped(value: &str) -> String {
    value.bytes().fold(String::new(), |mut all, byte| {
        write!(all, "%{byte:02X}").unwrap();
        all
    })
}

/// A call that is in order, for the mobile that ends in `ending`.
fn form(ending: &str) -> String {
    form_with("key", DEFAULT_KEY, ending)
}

fn form_with(changed: &str, value: &str, ending: &str) -> String {
    let mobile = format!("13800000{ending}");
    let image = STANDARD.encode(PICTURE);
    [
        ("realname", "测试"),
        ("idcard", "00000019900307105X"),
        ("mobile", &mobile),
        ("image", &image),
        ("key", DEFAULT_KEY),
    ]
    .map(|(name, good)| format!("{name}={}", escaped(if name == changed { value } else { good })))
    .join("&")
}

async fn sandbox() -> Sandbox {
    with(|_| ()).await
}

async fn with(change: impl FnOnce(&mut SandboxConfig)) -> Sandbox {
    let mut config = SandboxConfig::default();
    change(&mut config);
    Sandbox::start(config).await.unwrap()
}

/// Lets the sandbox go on until `reached`; the deadline only keeps a broken sandbox from hanging the tests.
async fn until(reached: impl Fn() -> bool) {
    let waiting = async {
        while !reached() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("the sandbox gets there");
}

fn script<const N: usize>(written: [&str; N]) -> Vec<ScriptedFault> {
    written.map(|fault| fault.parse().unwrap()).to_vec()
}

#[tokio::test]
async fn every_documented_res_can_be_asked_for_on_one_connection() {
    let sandbox = sandbox().await;
    let mut client = Raw::connect(&sandbox).await;
    for res in 100..=116 {
        let reply = client.call(&form(&res.to_string())).await.unwrap();
        assert_eq!((reply.status, reply.code()), (200, 0));
        assert_eq!(reply.json()["result"]["res"], res);
        assert!(reply.json()["result"]["orderid"].as_str().unwrap().starts_with("JH801"));
        assert_eq!(header(&reply.head, "x-reverify-sandbox"), Some("1"));
    }
    assert_eq!(client.call(&form("000")).await.unwrap().json()["result"]["res"], 100);
    let stats = sandbox.stats();
    assert_eq!((stats.calls, stats.billed, stats.subjects, stats.subjects_billed_twice), (18, 18, 18, 0));
    assert_eq!(stats.peak_concurrency, 1);
    sandbox.shut_down().await;
}

#[tokio::test]
async fn each_parameter_that_is_wrong_has_its_code_and_costs_nothing() {
    let sandbox = sandbox().await;
    let mut client = Raw::connect(&sandbox).await;
    for (name, value, code) in [
        ("key", "", 10001),
        ("key", "wrong", 10001),
        ("realname", " ", 280_101),
        ("image", "", 280_101),
        ("image", "@@@@", 280_101),
        ("idcard", "000000199003071059", 280_102),
        ("mobile", "12800000100", 280_103),
        ("realname", "张3", 280_104),
    ] {
        let reply = client.call(&form_with(name, value, "100")).await.unwrap();
        assert_eq!((reply.status, reply.code()), (200, code), "{name}");
        assert!(reply.json()["result"].is_null());
    }
    let stats = sandbox.stats();
    assert_eq!((stats.calls, stats.billed), (8, 0));
    assert_eq!(stats.refused, [(10001, 2), (280_101, 3), (280_102, 1), (280_103, 1), (280_104, 1)].into());
}

#[tokio::test]
async fn base64_with_its_plus_signs_left_as_they_are_is_refused() {
    let sandbox = sandbox().await;
    let mut client = Raw::connect(&sandbox).await;
    let image = STANDARD.encode(PICTURE);
    assert!(image.contains('+') && image.contains('/') && image.contains('='));
    let with_image = |image: &str| form("100").replace(&escaped(&STANDARD.encode(PICTURE)), image);
    assert_eq!(client.call(&with_image(&image)).await.unwrap().code(), 280_101);
    assert_eq!(client.call(&with_image(&image.replace('+', "%2B"))).await.unwrap().code(), 0);
}

#[tokio::test]
async fn what_is_no_call_gets_a_plain_http_error() {
    let sandbox = sandbox().await;
    let good = post(&form("100"));
    for (request, status) in [
        (good.replace("POST ", "PUT "), 405),
        (good.replace("/query ", "/query?key=sandbox "), 400),
        (good.replace("x-www-form-urlencoded", "json"), 415),
        (good.replace("/verifyface_mobile/query", "/elsewhere"), 404),
        (post("a=%zz"), 400),
        (post("not a form"), 400),
        (good.replace("x-www-form-urlencoded", "x-www-form-urlencoded; charset=utf-8"), 200),
    ] {
        let mut client = Raw::connect(&sandbox).await;
        client.send(request.as_bytes()).await;
        assert_eq!(client.receive().await.unwrap().status, status);
    }
    let stats = sandbox.stats();
    assert_eq!((stats.calls, stats.malformed, stats.billed), (6, 5, 1));
}

#[tokio::test]
async fn a_mobile_can_ask_for_what_goes_wrong() {
    let sandbox = sandbox().await;
    let call = async |ending: &str| Raw::connect(&sandbox).await.call(&form(ending)).await;

    let nothing_verified = call("910").await.unwrap();
    assert_eq!(nothing_verified.code(), 280_105);
    assert!(nothing_verified.json()["result"]["orderid"].is_string());
    assert!(nothing_verified.json()["result"]["res"].is_null());
    assert_eq!(call("912").await.unwrap().status, 500);
    assert_eq!(call("917").await.unwrap().code(), 299_999);
    assert_eq!(call("918").await.unwrap().code(), 10014);
    assert_eq!(sandbox.stats().billed, 0);

    assert_eq!(call("918").await.unwrap().json()["result"]["res"], 100);
    assert_eq!(call("914").await.err().unwrap().kind(), io::ErrorKind::ConnectionReset);
    let truncated = call("915").await.unwrap();
    assert!(truncated.status == 200 && serde_json::from_str::<Value>(&truncated.body).is_err());
    assert_eq!(call("916").await.unwrap().json()["result"]["res"], 777);
    let stats = sandbox.stats();
    assert_eq!((stats.calls, stats.billed, stats.faults), (8, 4, 7));
}

#[tokio::test]
async fn a_scripted_fault_befalls_the_call_with_its_number() {
    let sandbox = with(|config| {
        config.faults = script([
            "1:10020",
            "2-3:http-502",
            "4:http-503",
            "5:reset-after-body",
            "6:reset-after-body-billed",
            "7:close-after-body-billed",
            "8:truncate",
            "9:not-json",
            "10:unknown-res",
            "11:http-302",
        ]);
    })
    .await;
    let call = async || Raw::connect(&sandbox).await.call(&form("101")).await;

    assert_eq!(call().await.unwrap().code(), 10020);
    assert_eq!(call().await.unwrap().status, 502);
    assert_eq!(call().await.unwrap().status, 502);
    assert_eq!(header(&call().await.unwrap().head, "retry-after"), Some("1"));
    assert_eq!(call().await.err().unwrap().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(sandbox.stats().billed, 0);
    assert_eq!(call().await.err().unwrap().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(call().await.err().unwrap().kind(), io::ErrorKind::UnexpectedEof);
    assert!(serde_json::from_str::<Value>(&call().await.unwrap().body).is_err());
    assert_eq!(sandbox.stats().billed, 3);
    assert!(call().await.unwrap().body.starts_with("<html>"));
    assert_eq!(call().await.unwrap().json()["result"]["res"], 777);
    assert!(header(&call().await.unwrap().head, "location").is_some());
    assert_eq!(call().await.unwrap().json()["result"]["res"], 101);
    let stats = sandbox.stats();
    assert_eq!((stats.calls, stats.billed, stats.faults), (12, 5, 11));
    assert_eq!((stats.subjects, stats.subjects_billed_twice, stats.billed_per_subject_max), (1, 1, 5));
}

#[tokio::test]
async fn a_reset_before_the_body_needs_no_body() {
    let sandbox = with(|config| config.faults = script(["1:reset-before-body"])).await;
    let mut client = Raw::connect(&sandbox).await;
    let request = post(&form("100"));
    let head = request.find("\r\n\r\n").unwrap() + 4;
    client.send(&request.as_bytes()[..head]).await;
    assert_eq!(client.receive().await.err().unwrap().kind(), io::ErrorKind::ConnectionReset);
    let stats = sandbox.stats();
    assert_eq!((stats.calls, stats.faults, stats.bytes_received), (1, 1, 0));
}

#[tokio::test]
async fn a_body_that_stops_early_is_counted_and_never_billed() {
    let sandbox = sandbox().await;
    let request = post(&form("100"));
    let mut client = Raw::connect(&sandbox).await;
    client.send(&request.as_bytes()[..request.len() - 1]).await;
    client.0.shutdown().await.unwrap();
    assert!(client.receive().await.is_err());
    let stats = sandbox.stats();
    assert_eq!((stats.calls, stats.incomplete, stats.billed), (1, 1, 0));
}

#[tokio::test]
async fn a_call_that_hangs_ends_when_its_client_gives_up() {
    let sandbox = with(|config| config.faults = script(["1-2:hang-billed"])).await;
    for billed in 1..=2 {
        let mut client = Raw::connect(&sandbox).await;
        client.send(post(&form("100")).as_bytes()).await;
        until(|| sandbox.stats().billed == billed).await;
        drop(client);
        until(|| sandbox.service.in_flight() == 0).await;
    }
    assert_eq!(sandbox.stats().peak_concurrency, 1);
}

#[tokio::test]
async fn the_limits_come_after_the_key_and_before_the_parameters() {
    let sandbox = with(|config| {
        config.calls_per_day = Some(2);
        config.ip_limit_per_second = Some(1000);
    })
    .await;
    let mut client = Raw::connect(&sandbox).await;
    for (name, value, code) in [
        ("key", "wrong", 10001),
        ("mobile", "1", 280_103),
        ("key", DEFAULT_KEY, 0),
        ("mobile", "1", 10012),
        ("key", "wrong", 10001),
        ("key", DEFAULT_KEY, 10012),
    ] {
        assert_eq!(client.call(&form_with(name, value, "100")).await.unwrap().code(), code);
    }
    assert_eq!(sandbox.stats().billed, 1);
}

#[tokio::test]
async fn an_address_over_its_limit_is_told_so() {
    let sandbox = with(|config| config.ip_limit_per_second = Some(0)).await;
    let mut client = Raw::connect(&sandbox).await;
    assert_eq!(client.call(&form("100")).await.unwrap().code(), 10011);
    assert_eq!(sandbox.stats().refused, [(10011, 1)].into());
}

#[tokio::test]
async fn calls_in_flight_at_once_are_counted() {
    let sandbox = with(|config| config.faults = script(["1-3:hang"])).await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = Raw::connect(&sandbox).await;
        client.send(post(&form("100")).as_bytes()).await;
        clients.push(client);
    }
    until(|| sandbox.stats().peak_concurrency == 3).await;
    assert_eq!(sandbox.stats().billed, 0);
}

#[tokio::test]
async fn the_statistics_are_served_and_name_nobody() {
    let sandbox = sandbox().await;
    let mut client = Raw::connect(&sandbox).await;
    client.call(&form("100")).await.unwrap();
    client.send(b"GET /_sandbox/stats HTTP/1.1\r\nHost: sandbox\r\n\r\n").await;
    let reply = client.receive().await.unwrap();
    assert_eq!(reply.json(), serde_json::to_value(sandbox.stats()).unwrap());
    assert_eq!(reply.json()["billed"], 1);
    for personal in ["测试", "00000019900307105X", "13800000100"] {
        assert!(!reply.body.contains(personal));
    }
}

#[tokio::test]
async fn an_address_that_others_could_reach_is_refused() {
    let listen = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let refused = Sandbox::start(SandboxConfig { listen, ..SandboxConfig::default() }).await;
    assert_eq!(refused.err().unwrap().kind(), io::ErrorKind::InvalidInput);
}

#[tokio::test]
async fn nobody_is_served_after_shutting_down() {
    let sandbox = sandbox().await;
    let address = sandbox.address();
    let mut client = Raw::connect(&sandbox).await;
    client.call(&form("100")).await.unwrap();
    sandbox.shut_down().await;
    assert!(client.receive().await.is_err());
    assert!(TcpStream::connect(address).await.is_err());
}
