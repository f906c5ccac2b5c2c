//! Where the API is: https, or plain http to this machine itself.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// Juhe's address of 人脸四要素核验, from the API document.
const JUHE: &str = "https://apis.juhe.cn/verifyface_mobile/query";

/// Why an address is no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEndpoint {
    /// Not an address at all.
    #[error("{}", crate::say!("bad-endpoint-address", example = JUHE))]
    NotAnAddress,
    /// Faces and ID numbers would travel readably.
    #[error("{}", crate::say!("bad-endpoint-http"))]
    NotEncrypted,
    /// Another protocol.
    #[error("{}", crate::say!("bad-endpoint-protocol"))]
    OtherProtocol,
    /// User name or password in the address.
    #[error("{}", crate::say!("bad-endpoint-credentials"))]
    HasCredentials,
    /// A fragment is never sent.
    #[error("{}", crate::say!("bad-endpoint-fragment"))]
    HasFragment,
}

/// An address that personal data may be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Url);

impl Endpoint {
    /// Reads an address.
    ///
    /// # Errors
    ///
    /// Names the rule that it breaks.
    pub fn parse(text: &str) -> Result<Self, BadEndpoint> {
        let url = Url::parse(text.trim()).map_err(|_| BadEndpoint::NotAnAddress)?;
        let Some(host) = url.host_str() else { return Err(BadEndpoint::NotAnAddress) };
        match url.scheme() {
            "https" => {}
            "http" if is_this_machine(host) => {}
            "http" => return Err(BadEndpoint::NotEncrypted),
            _ => return Err(BadEndpoint::OtherProtocol),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadEndpoint::HasCredentials);
        }
        if url.fragment().is_some() {
            return Err(BadEndpoint::HasFragment);
        }
        Ok(Self(url))
    }

    /// True if the address is this machine's own.
    pub fn is_on_this_machine(&self) -> bool {
        self.0.host_str().is_some_and(is_this_machine)
    }

    /// The host, with its port where one is named.
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// True for https.
    pub(super) fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The address as a URL.
    pub(super) fn url(&self) -> Url {
        self.0.clone()
    }
}

impl Default for Endpoint {
    fn default() -> Self {
        Self::parse(JUHE).expect("the document's address is https and bare")
    }
}

impl fmt::Display for Endpoint {
    /// Scheme, host and path: a query may hold what should not be shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.0.clone();
        url.set_query(None);
        url.fmt(f)
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    match address.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for address in
            ["http://127.0.0.1:8787/q", "http://localhost/q", "http://[::1]:9/q", "https://example.com/q"]
        {
            assert!(Endpoint::parse(address).is_ok(), "{address}");
        }
        for (address, reason) in [
            ("http://apis.juhe.cn/q", BadEndpoint::NotEncrypted),
            ("http://127.0.0.1.example.com/q", BadEndpoint::NotEncrypted),
            ("http://localhost.example.com/q", BadEndpoint::NotEncrypted),
            ("http://0.0.0.0/q", BadEndpoint::NotEncrypted),
            ("http://10.0.0.1/q", BadEndpoint::NotEncrypted),
            ("ftp://127.0.0.1/q", BadEndpoint::OtherProtocol),
            ("https://user:secret@example.com/", BadEndpoint::HasCredentials),
            ("http://user@127.0.0.1/", BadEndpoint::HasCredentials),
            ("https://example.com/#a", BadEndpoint::HasFragment),
            ("apis.juhe.cn/q", BadEndpoint::NotAnAddress),
            ("", BadEndpoint::NotAnAddress),
        ] {
            assert_eq!(Endpoint::parse(address), Err(reason), "{address}");
        }
    }

    #[test]
    fn the_default_is_the_documents_address() {
        let document = include_str!("../../tests/it/support/api-address.txt");
        assert_eq!(Endpoint::default().to_string(), document.trim());
    }
}
