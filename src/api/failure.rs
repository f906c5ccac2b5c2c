//! What a failed exchange was, in words that hold nothing of the request.

use std::error::Error;
use std::io;

/// True if the server showed a certificate that does not hold.
pub(super) fn is_about_the_certificate(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        matches!(
            cause.downcast_ref(),
            Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented)
        )
    })
}

/// Names what kept a request from leaving.
pub(super) fn describe_not_sent(error: &reqwest::Error) -> &'static str {
    if is_about_the_certificate(error) {
        return "the server's certificate is not valid";
    }
    let kinds: Vec<io::ErrorKind> = io_kinds(error).collect();
    let has = |kind| kinds.contains(&kind);
    if has(io::ErrorKind::ConnectionRefused) {
        "the connection was refused"
    } else if has(io::ErrorKind::NetworkUnreachable) || has(io::ErrorKind::HostUnreachable) {
        "the network or host is unreachable"
    } else if error.is_timeout() {
        "no connection within the time limit"
    } else if causes(error).any(|cause| cause.to_string().contains("dns error")) {
        "the host name could not be resolved"
    } else if causes(error).any(<dyn Error>::is::<rustls::Error>) {
        "the encrypted connection could not be set up"
    } else if error.is_connect() {
        "no connection could be made"
    } else {
        "the connection was lost before the request was complete"
    }
}

/// Names what came instead of a whole reply, once the request may have left whole.
pub(super) fn describe_doubt(error: &reqwest::Error, reply_began: bool) -> &'static str {
    if error.is_timeout() {
        "no complete reply within the time limit"
    } else if reply_began {
        "the reply was cut short"
    } else {
        "the connection was lost before a reply"
    }
}

fn io_kinds(error: &reqwest::Error) -> impl Iterator<Item = io::ErrorKind> {
    causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind)
}

/// An error and what is behind it. An `io::Error` names the cause of what it wraps as its own cause, and
/// so leaves out the very error that it wraps, which may be another `io::Error`: it is unwrapped first.
fn causes<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let first: &'a (dyn Error + 'static) = error;
    std::iter::successors(Some(first), |cause| next_cause(*cause))
}

fn next_cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}
