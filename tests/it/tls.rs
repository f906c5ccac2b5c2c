//! Encrypted connections: a server that is not who it should be receives nothing.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::date_time_ymd;
use rustls::{ServerConfig, ServerConnection};

use crate::support::identity::Identity;
use crate::support::program::{Applicant, Scene};

/// An HTTPS server that answers everything with a match, and keeps what it could decrypt.
struct TlsServer {
    address: SocketAddr,
    decrypted: Arc<Mutex<Vec<u8>>>,
}

impl TlsServer {
    fn start(identity: &Identity) -> Self {
        let config = identity.server_config();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let decrypted = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&decrypted);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, kept) = (Arc::clone(&config), Arc::clone(&kept));
                // A handshake that the client breaks off is what most of these tests are about.
                thread::spawn(move || drop(serve(stream, config, &kept)));
            }
        });
        Self { address, decrypted }
    }

    fn endpoint(&self) -> String {
        format!("https://{}/verifyface_mobile/query", self.address)
    }

    fn decrypted(&self) -> Vec<u8> {
        self.decrypted.lock().unwrap().clone()
    }
}

fn serve(mut tcp: TcpStream, config: Arc<ServerConfig>, kept: &Mutex<Vec<u8>>) -> std::io::Result<()> {
    let mut connection = ServerConnection::new(config).unwrap();
    let mut stream = rustls::Stream::new(&mut connection, &mut tcp);
    let mut request = Vec::new();
    let mut piece = [0; 16 * 1024];
    // The key is the form's last field.
    while !request.windows(5).any(|window| window == b"&key=") {
        let length = stream.read(&mut piece)?;
        if length == 0 {
            break;
        }
        request.extend_from_slice(&piece[..length]);
        kept.lock().unwrap().extend_from_slice(&piece[..length]);
    }
    let body = r#"{"reason":"成功","result":{"orderid":"JH1","res":100,"score":982.7,"type":"联通"},"error_code":0}"#;
    let length = body.len();
    write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")?;
    stream.flush()
}

#[test]
fn a_certificate_that_does_not_hold_ends_the_run_before_a_byte_of_it_is_sent() {
    let trusted = Identity::new("127.0.0.1", |_| {});
    let expired = Identity::new("127.0.0.1", |of| of.not_after = date_time_ymd(2020, 1, 1));
    let not_yet = Identity::new("127.0.0.1", |of| of.not_before = date_time_ymd(2090, 1, 1));
    let of_another = Identity::new("example.com", |_| {});
    for (name, identity, roots) in [
        ("unknown issuer", &Identity::new("127.0.0.1", |_| {}), &trusted.pem),
        ("expired", &expired, &expired.pem),
        ("not valid yet", &not_yet, &not_yet.pem),
        ("another's name", &of_another, &of_another.pem),
    ] {
        let server = TlsServer::start(identity);
        let scene = Scene::new(&Applicant::many(5));
        scene.write("roots.pem", roots);
        let run = scene.run(&server.endpoint());
        let run = run
            .env("SSL_CERT_FILE", scene.path("roots.pem").to_str().unwrap())
            .args(["--max-duration", "25s"]);
        let finished = run.finish().expect_code(69);
        assert!(finished.stderr.contains("certificate"), "{name}: {}", finished.stderr);
        assert_eq!(server.decrypted().len(), 0, "{name}");
        let table = scene.output();
        assert_eq!(table.count("decision", "pending"), 5, "{name}");
        assert_eq!(table.count("billed", "no"), 5, "{name}");
    }
}

#[test]
fn a_certificate_that_holds_is_spoken_to() {
    let identity = Identity::new("127.0.0.1", |_| {});
    let server = TlsServer::start(&identity);
    let scene = Scene::new(&Applicant::many(3));
    scene.write("roots.pem", &identity.pem);
    let run = scene.run(&server.endpoint());
    run.env("SSL_CERT_FILE", scene.path("roots.pem").to_str().unwrap()).finish().expect_code(0);
    assert_eq!(scene.output().count("decision", "match"), 3);
    let heads = server.decrypted().windows(5).filter(|window| window == b"POST ").count();
    assert_eq!(heads, 3);
}

#[test]
fn a_server_without_tls_is_sent_nothing_and_leaves_every_row_due() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let received = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&received);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            let mut bytes = Vec::new();
            let _ = stream.read_to_end(&mut bytes);
            kept.lock().unwrap().extend_from_slice(&bytes);
        }
    });
    // Five that fail in a row would pause the run beyond its end.
    let scene = Scene::new(&Applicant::many(8));
    let run = scene.run(&format!("https://{address}/verifyface_mobile/query"));
    let finished = run.args(["--max-duration", "25s"]).finish().expect_code(69);
    assert!(finished.stderr.contains("encrypted connection"), "{}", finished.stderr);
    for word in ["POST", "realname", "key="] {
        let is_there = received.lock().unwrap().windows(word.len()).any(|window| window == word.as_bytes());
        assert!(!is_there, "{word} was sent");
    }
    let table = scene.output();
    assert_eq!((table.count("decision", "pending"), table.count("billed", "no")), (8, 8));
}
