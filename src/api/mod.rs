//! One exchange with the API: the form that goes out, the reply that comes back, and what it means.
//!
//! [`Client::send`] spends money. It has one caller, repeats nothing, follows nothing, and says of
//! every ending whether the request may have left whole.
//!
//! Not here: deciding whether to call again (`run`), or writing it down (`ledger`).

mod body;
mod client;
mod endpoint;
mod failure;
mod form;
mod key;
mod probe;
mod reply;

pub use client::{Client, ClientError, Exchange, Timeouts};
pub use endpoint::{BadEndpoint, Endpoint};
pub use form::{Form, Parameters};
pub use key::{ApiKey, BadKey};
pub use probe::{NoAnswer, Seen, probe};
pub use reply::judge;
