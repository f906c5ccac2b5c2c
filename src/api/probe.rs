//! Looking whether the API's host answers, without asking the API anything.
//!
//! The request is a `HEAD` of the host's root, without the endpoint's path, its query, a key or a form: it
//! cannot be billed.

use jiff::Timestamp;
use reqwest::header::DATE;

use super::client::{ClientError, Timeouts, http_client};
use super::{Endpoint, failure};

/// What the host answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The HTTP status, whatever it is.
    pub status: u16,
    /// The host's clock, if it told.
    pub date: Option<Timestamp>,
}

/// Why there was no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{seen}")]
pub struct NoAnswer {
    /// What happened, in a few words.
    pub seen: String,
    /// The server's certificate is not valid.
    pub is_about_the_certificate: bool,
}

/// Connects to the endpoint's host, over TLS where it is https, and reads the head of one answer.
///
/// # Errors
///
/// If TLS cannot be set up on this machine; inside, if the host does not answer.
pub async fn probe(endpoint: &Endpoint, timeouts: Timeouts) -> Result<Result<Seen, NoAnswer>, ClientError> {
    let http = http_client(endpoint, timeouts)?;
    let mut url = endpoint.url();
    url.set_path("/");
    url.set_query(None);
    Ok(match http.head(url).send().await {
        Ok(response) => {
            let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
            let parser = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);
            let date = date.and_then(|date| parser.parse_timestamp(date).ok());
            Ok(Seen { status: response.status().as_u16(), date })
        }
        Err(error) => Err(NoAnswer {
            is_about_the_certificate: failure::is_about_the_certificate(&error),
            seen: failure::describe_not_sent(&error).to_string(),
        }),
    })
}
