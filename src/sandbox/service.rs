//! One request after another: routing, the order of the checks, billing, and misbehaving on purpose.
//!
//! Not here: sockets (the folder's `mod.rs`), or what a parameter must look like (`check`).

use std::error::Error as _;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode};
use thiserror::Error;

use super::SandboxConfig;
use super::check::{Parameters, check};
use super::fault::{Fault, ScriptedFault};
use super::form::Form;
use super::limits::{DayLimit, IpLimit};
use super::tally::{Stats, Tally};
use super::verdict::{self, Wish};

/// The API's path.
pub const CALL_PATH: &str = "/verifyface_mobile/query";
const STATS_PATH: &str = "/_sandbox/stats";

/// Says on every reply that it is not the real API's.
const MARK: HeaderName = HeaderName::from_static("x-reverify-sandbox");

/// Far beyond any form with a picture of 20 kB in it.
const MAX_BODY_BYTES: usize = 4 << 20;

const HANG: Duration = Duration::from_secs(600);
const SLOW: Duration = Duration::from_secs(3);

/// Why a connection ends without an answer.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Cut {
    /// By a TCP reset.
    #[error("reset on purpose")]
    Reset,
    /// By an orderly end.
    #[error("closed on purpose")]
    Close,
}

impl Cut {
    /// Finds the cut that ended a connection, if one did.
    pub fn of(error: &hyper::Error) -> Option<Self> {
        error.source()?.downcast_ref().copied()
    }
}

/// The imitation, without its sockets.
pub struct Service {
    config: SandboxConfig,
    /// Keys the subjects' hashes, and dies with the process.
    hasher: RandomState,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    tally: Tally,
    addresses: IpLimit,
    day: DayLimit,
}

/// What a call that was read whole comes to, before anything goes wrong.
struct Judged {
    json: String,
    fault: Option<Fault>,
}

impl Service {
    /// Makes a service that has seen nothing yet.
    pub fn new(config: SandboxConfig) -> Self {
        Self { config, hasher: RandomState::new(), state: Mutex::default() }
    }

    /// Copies the counts.
    pub fn stats(&self) -> Stats {
        self.state().tally.stats.clone()
    }

    /// Counts the calls that are being answered now.
    #[cfg(test)]
    pub fn in_flight(&self) -> u64 {
        self.state().tally.in_flight()
    }

    /// Answers one request.
    ///
    /// # Errors
    ///
    /// How to cut the connection, where a fault says so or the client did.
    pub async fn answer(
        self: Arc<Self>,
        peer: IpAddr,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Cut> {
        match (request.uri().path(), request.method()) {
            (CALL_PATH, _) => self.call(peer, request).await,
            (STATS_PATH, &Method::GET) => {
                let stats =
                    serde_json::to_string(&self.stats()).expect("numbers under plain keys are always JSON");
                Ok(json(stats))
            }
            (STATS_PATH, _) => Ok(page(StatusCode::METHOD_NOT_ALLOWED)),
            _ => Ok(page(StatusCode::NOT_FOUND)),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The counts stay true even if a task died while it held them.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn call(&self, peer: IpAddr, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Cut> {
        let call = self.state().tally.begin(Instant::now());
        let _in_flight = InFlight(self);
        let scripted = ScriptedFault::find(&self.config.faults, call);
        if scripted == Some(Fault::ResetBeforeBody) {
            self.state().tally.stats.faults += 1;
            return Err(Cut::Reset);
        }
        if let Some(status) = not_a_call(&request) {
            self.state().tally.stats.malformed += 1;
            return Ok(page(status));
        }

        let body = self.whole_body(request).await?;
        let judged = match scripted {
            Some(fault) if !fault.is_judged() => Judged { json: String::new(), fault: scripted },
            _ => match Form::parse(&body) {
                Ok(form) => self.judge(peer, call, &form, scripted),
                Err(wrong) => {
                    self.state().tally.stats.malformed += 1;
                    return Ok(plain(StatusCode::BAD_REQUEST, wrong.to_string()));
                }
            },
        };
        drop(body);

        self.wait_as_configured(call).await;
        match judged.fault {
            Some(fault) => self.misbehave(call, fault, judged.json).await,
            None => Ok(json(judged.json)),
        }
    }

    async fn whole_body(&self, request: Request<Incoming>) -> Result<Bytes, Cut> {
        let Ok(body) = Limited::new(request.into_body(), MAX_BODY_BYTES).collect().await else {
            self.state().tally.stats.incomplete += 1;
            return Err(Cut::Close);
        };
        let body = body.to_bytes();
        self.state().tally.stats.bytes_received += body.len() as u64;
        Ok(body)
    }

    /// Goes through the checks in the API's order, and bills a verdict before anyone can lose it.
    fn judge(&self, peer: IpAddr, call: u64, form: &Form<'_>, scripted: Option<Fault>) -> Judged {
        if form.get("key") != self.config.key.as_bytes() {
            return self.refuse(10001, verdict::reason(10001), scripted);
        }
        if let Some(code) = self.limit_reached(peer) {
            return self.refuse(code, verdict::reason(code), scripted);
        }
        let parameters = match check(form) {
            Ok(parameters) => parameters,
            Err(refusal) => return self.refuse(refusal.code, refusal.reason, scripted),
        };

        let subject = self.subject(&parameters);
        let mobile = parameters.mobile;
        let mut state = self.state();
        let asked = state.tally.ask(subject);
        let (res, fault) = match verdict::wish(mobile) {
            Wish::Res(res) => (res, scripted),
            Wish::Fault(fault) => (100, scripted.or(Some(fault))),
            Wish::BusyOnce => (100, scripted.or((asked == 1).then_some(Fault::Code(10014)))),
        };
        if fault.is_some_and(|fault| !fault.is_judged()) {
            return Judged { json: String::new(), fault };
        }
        state.tally.bill(subject);
        drop(state);

        let orderid = verdict::orderid(call, jiff::Timestamp::now());
        let json = if fault == Some(Fault::UnknownRes) {
            verdict::billed_unknown(mobile, &orderid, subject)
        } else {
            verdict::billed(res, mobile, &orderid, subject)
        };
        Judged { json, fault }
    }

    fn limit_reached(&self, peer: IpAddr) -> Option<u32> {
        let mut state = self.state();
        if let Some(limit) = self.config.ip_limit_per_second
            && !state.addresses.admits(peer, Instant::now(), limit)
        {
            return Some(10011);
        }
        if let Some(limit) = self.config.calls_per_day
            && !state.day.admits(SystemTime::now(), limit)
        {
            return Some(10012);
        }
        None
    }

    fn refuse(&self, code: u32, reason: &str, fault: Option<Fault>) -> Judged {
        self.state().tally.refuse(code);
        Judged { json: verdict::refused(code, reason, ""), fault }
    }

    fn subject(&self, of: &Parameters<'_>) -> u64 {
        self.hasher.hash_one((of.realname, of.idcard, of.mobile, of.image))
    }

    async fn wait_as_configured(&self, call: u64) {
        let spread = u64::try_from(self.config.jitter.as_nanos()).unwrap_or(u64::MAX);
        let jitter = match spread {
            0 => 0,
            // A keyed hash of a counter is as even as a random number needs to be here.
            _ => self.hasher.hash_one(call) % spread,
        };
        let wait = self.config.latency.saturating_add(Duration::from_nanos(jitter));
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    async fn misbehave(&self, call: u64, fault: Fault, answer: String) -> Result<Response<Full<Bytes>>, Cut> {
        self.state().tally.stats.faults += 1;
        match fault {
            Fault::ResetBeforeBody | Fault::ResetAfterBody | Fault::ResetAfterBodyBilled => Err(Cut::Reset),
            Fault::CloseAfterBodyBilled => Err(Cut::Close),
            Fault::Hang | Fault::HangBilled => {
                tokio::time::sleep(HANG).await;
                Err(Cut::Close)
            }
            Fault::Slow => {
                tokio::time::sleep(SLOW).await;
                Ok(json(answer))
            }
            Fault::Code(code) => {
                self.state().tally.refuse(code);
                let orderid = verdict::orderid(call, jiff::Timestamp::now());
                Ok(json(verdict::refused(code, verdict::reason(code), &orderid)))
            }
            Fault::Http(status) => Ok(page(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY))),
            Fault::NotJson => Ok(page(StatusCode::OK)),
            Fault::Truncate => {
                let half = answer.len() / 2;
                Ok(json(Bytes::from(answer).slice(..half)))
            }
            Fault::UnknownRes => Ok(json(answer)),
        }
    }
}

/// One call that is being answered, until it is dropped.
struct InFlight<'a>(&'a Service);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.state().tally.end();
    }
}

/// Names the HTTP error of a request that the document does not describe at all.
fn not_a_call(request: &Request<Incoming>) -> Option<StatusCode> {
    if request.method() != Method::POST {
        return Some(StatusCode::METHOD_NOT_ALLOWED);
    }
    if request.uri().query().is_some() {
        // Parameters in the URL end up in the logs of every machine on the way.
        return Some(StatusCode::BAD_REQUEST);
    }
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media_type = media_type.split(';').next().unwrap_or("").trim();
    (!media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded"))
        .then_some(StatusCode::UNSUPPORTED_MEDIA_TYPE)
}

fn json(body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    respond(StatusCode::OK, "application/json;charset=utf-8", body)
}

fn plain(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    respond(status, "text/plain;charset=utf-8", body)
}

/// The page of a web server that stands before the API and knows nothing of JSON.
fn page(status: StatusCode) -> Response<Full<Bytes>> {
    let body = format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\r\n");
    let mut response = respond(status, "text/html", body);
    let headers = response.headers_mut();
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    if status.is_redirection() {
        headers.insert(LOCATION, HeaderValue::from_static("/_sandbox/elsewhere"));
    }
    response
}

fn respond(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(MARK, HeaderValue::from_static("1"));
    response
}
