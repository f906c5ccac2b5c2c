//! The HTTP client: one connection pool, no retries, no redirects, no proxies.

use std::time::Duration;

use http_body_util::BodyExt;
use jiff::Timestamp;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Response, redirect};

use super::body::{FormBody, LeftWhole};
use super::failure;
use super::form::{Form, Parameters};
use super::{ApiKey, Endpoint, reply};
use crate::domain::answer::{Answer, Class, Finding};

/// The API's replies are some 200 bytes; more than this is not one of them.
const REPLY_CAP_BYTES: usize = 64 * 1024;

/// A server may close a connection that has been idle for some seconds: leave it before that.
const IDLE: Duration = Duration::from_secs(4);

/// How long an exchange may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// From the start to the reply's last byte.
    pub whole: Duration,
    /// Name resolution, TCP and TLS.
    pub connect: Duration,
}

/// The client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("{}", crate::say!("no-tls"))]
pub struct ClientError(#[source] reqwest::Error);

/// What one exchange showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// What the row and the run react to.
    pub finding: Finding,
    /// What the ledger keeps; its class is the finding's.
    pub answer: Answer,
}

/// Sends forms to one endpoint with one key.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    endpoint: Endpoint,
    key: ApiKey,
}

impl Client {
    /// Sets the client up; nothing is sent.
    ///
    /// # Errors
    ///
    /// If TLS cannot be set up on this machine.
    pub fn new(endpoint: Endpoint, key: ApiKey, timeouts: Timeouts) -> Result<Self, ClientError> {
        let http = http_client(&endpoint, timeouts)?;
        Ok(Self { http, endpoint, key })
    }

    /// Asks the API once. This costs money if the answer's code is 0.
    pub async fn send(&self, parameters: &Parameters<'_>) -> Exchange {
        let form = Form::encode(parameters, &self.key);
        let left_whole = LeftWhole::default();
        let request = self
            .http
            .post(self.endpoint.url())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .header(ACCEPT_ENCODING, "identity")
            .body(reqwest::Body::wrap(FormBody::new(form, left_whole.clone())));
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if !left_whole.possibly() => return not_sent(&error),
            Err(error) => return doubt(failure::describe_doubt(&error, false), None),
        };
        let status = response.status().as_u16();
        let retry_after = read_retry_after(&response);
        match read_capped(response).await {
            Ok(body) => {
                let secrets = [parameters.realname, parameters.idcard, parameters.mobile, self.key.secret()];
                reply::judge(status, retry_after, &body, &secrets, Timestamp::now())
            }
            Err(seen) => doubt(seen, Some(status)),
        }
    }
}

/// Sets up what speaks HTTP: no retries, no redirects, no proxies.
pub(super) fn http_client(endpoint: &Endpoint, timeouts: Timeouts) -> Result<reqwest::Client, ClientError> {
    // Fails only if a provider is installed already, which is then the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("reverify/", env!("CARGO_PKG_VERSION")))
        .http1_only()
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .referer(false)
        .timeout(timeouts.whole)
        .connect_timeout(timeouts.connect)
        .pool_idle_timeout(IDLE);
    if !endpoint.is_encrypted() {
        // This machine itself needs no certificates, and may have none.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(ClientError)
}

fn not_sent(error: &reqwest::Error) -> Exchange {
    let finding =
        if failure::is_about_the_certificate(error) { Finding::CertificateInvalid } else { Finding::NotSent };
    let seen = failure::describe_not_sent(error);
    Exchange { finding, answer: Answer::without_reply(Class::NotSent, seen, Timestamp::now()) }
}

fn doubt(seen: &str, status: Option<u16>) -> Exchange {
    let mut answer = Answer::without_reply(Class::InDoubt, seen, Timestamp::now());
    answer.http_status = status;
    Exchange { finding: Finding::Doubt, answer }
}

/// Reads `Retry-After` in seconds or as a date (RFC 9110, 10.2.3).
fn read_retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    // Present but unreadable still asks to wait.
    let until = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text);
    let until = until.unwrap_or(Timestamp::UNIX_EPOCH);
    Some(until.duration_since(Timestamp::now()).try_into().unwrap_or(Duration::ZERO))
}

async fn read_capped(response: Response) -> Result<Vec<u8>, &'static str> {
    let mut body = reqwest::Body::from(response);
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| failure::describe_doubt(&error, true))?;
        let Ok(bytes) = frame.into_data() else { continue };
        if read.len() + bytes.len() > REPLY_CAP_BYTES {
            return Err("the reply was over 64 KiB");
        }
        read.extend_from_slice(&bytes);
    }
    Ok(read)
}
