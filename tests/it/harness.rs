//! The harness itself: a server that miscounts, or a person who is nobody, would prove nothing.

use std::collections::HashSet;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::support::counting_server::{AtHead, CountingServer};
use crate::support::program::{Applicant, check_digit, photo};
use crate::support::wire::Reply;

const FORM: &str = "realname=%E6%B5%8B&idcard=1&mobile=13800000100&image=a%2Bb&key=k";

fn post(form: &str) -> String {
    format!("POST /verifyface_mobile/query HTTP/1.1\r\nContent-Length: {}\r\n\r\n{form}", form.len())
}

/// Sends, and returns everything up to the end of the connection.
fn exchange(server: &CountingServer, request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(server.address())?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(request.as_bytes())?;
    let mut received = Vec::new();
    stream.read_to_end(&mut received)?;
    Ok(String::from_utf8_lossy(&received).into_owned())
}

#[test]
fn the_server_records_fields_in_order_and_counts_each_subject() {
    let server = CountingServer::start(|_| Reply::StaleKeepAlive);
    assert!(exchange(&server, &post(FORM)).unwrap().contains(r#""res":100"#));
    assert!(exchange(&server, &post(FORM)).unwrap().contains(r#""res":100"#));
    exchange(&server, &post(&FORM.replace("a%2Bb", "c"))).unwrap();
    let requests = server.requests();
    let names: Vec<&str> = requests[0].form.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["realname", "idcard", "mobile", "image", "key"]);
    assert_eq!((requests[0].field("realname"), requests[0].field("image")), ("测", "a+b"));
    assert_eq!(requests.iter().map(|request| request.connection).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!((server.calls(), server.billed(), server.billed_per_subject_max()), (3, 3, 2));
    assert_eq!((server.peak_in_flight(), server.calls_for("100")), (1, 3));
}

#[test]
fn one_connection_serves_many_requests() {
    let server = CountingServer::start(|request| match request.number {
        1 => Reply::code(10011),
        2 => Reply::later(Duration::from_millis(1), 101),
        _ => Reply::CloseAfterBody,
    });
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut buffer = [0; 4096];
    for expected in ["10011", r#""res":101"#, ""] {
        stream.write_all(post(FORM).as_bytes()).unwrap();
        let length = stream.read(&mut buffer).unwrap();
        assert!(String::from_utf8_lossy(&buffer[..length]).contains(expected));
    }
    assert!(server.requests().iter().all(|request| request.connection == 1));
}

#[test]
fn a_body_that_stops_early_is_recorded_and_not_billed() {
    let server = CountingServer::start(|_| Reply::verdict(100));
    let request = post(FORM);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(&request.as_bytes()[..request.len() - 1]).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(stream.read_to_end(&mut Vec::new()).unwrap(), 0);
    assert!(!server.requests()[0].complete);
    assert_eq!((server.calls(), server.billed()), (0, 0));
}

#[test]
fn resets_are_resets_and_closes_are_closes() {
    let server = CountingServer::start(|_| Reply::ResetAfterBody);
    assert_eq!(exchange(&server, &post(FORM)).unwrap_err().kind(), ErrorKind::ConnectionReset);
    let server = CountingServer::start(|_| Reply::CloseAfterBody);
    assert_eq!(exchange(&server, &post(FORM)).unwrap(), "");
    let server = CountingServer::start_with(0, |_| AtHead::Reset, |_| Reply::verdict(100));
    let head = post(FORM).replace(FORM, "");
    assert_eq!(exchange(&server, &head).unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!((server.requests().len(), server.calls()), (1, 0));
}

#[test]
fn only_what_names_another_code_is_not_billed() {
    let billed = [
        Reply::verdict(777),
        Reply::json("{}"),
        Reply::json("no JSON"),
        Reply::json("\u{feff}{\"error_code\":\"0\"}"),
        Reply::Html(502),
        Reply::ResetAfterBody,
        Reply::Hang,
        Reply::later(Duration::ZERO, 100),
    ];
    let not_billed = [
        Reply::code(280_105),
        Reply::json(r#"{"error_code":"10001"}"#),
        Reply::retry_after(503, 1),
        Reply::Html(404),
    ];
    assert!(billed.iter().all(Reply::is_billed));
    assert!(!not_billed.iter().any(Reply::is_billed));
}

#[test]
fn the_made_up_people_differ_and_their_numbers_are_well_formed() {
    // The example of GB 11643 itself.
    assert_eq!(check_digit("11010519491231002"), 'X');
    let people = Applicant::many(2000);
    let numbers: HashSet<&str> = people.iter().map(|of| of.idcard.as_str()).collect();
    assert_eq!(numbers.len(), people.len());
    assert!(people.iter().all(|of| of.idcard.len() == 18 && of.mobile.len() == 11));
}

#[test]
fn the_photo_is_inside_the_budget() {
    assert!((16_384..=20_000).contains(&photo().len()));
    assert!(photo().starts_with(&[0xff, 0xd8, 0xff]) && photo().ends_with(&[0xff, 0xd9]));
}
