//! Why a run ends before its last row, or waits.

/// Why no further call is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// `--max-calls` are made.
    MaxCalls,
    /// `--max-cost` is spent, or reserved by calls that may have been billed.
    MaxCost,
    /// `--daily-limit` is reached.
    DailyLimit,
    /// 10012 or 10013.
    QuotaUsedUp,
    /// `--stop-at` or `--max-duration`.
    Deadline,
    /// SIGINT, SIGTERM or SIGHUP.
    Signal,
    /// 10011 and nothing else for a long time.
    AddressLimit,
    /// 10001 to 10009.
    KeyRefused,
    /// HTTP 401 or 403.
    AccessRefused(u16),
    /// 10021.
    ServiceStopped,
    /// 10020.
    Maintenance,
    /// The server's certificate is invalid.
    CertificateInvalid,
    /// No connection for a long time.
    Unreachable,
    /// 429 or 503 and nothing else for a long time.
    Busy,
    /// Several calls in a row without a documented answer.
    Doubts,
    /// Several codes in a row that the document lacks.
    UnknownCodes,
    /// Several `res` in a row that are missing or that the document lacks.
    UnknownRes,
    /// Several rows in a row that the API's own validation refuses.
    FieldsRefused,
    /// Another 4xx status.
    ClientError(u16),
    /// The ledger could not be written.
    LedgerFailed,
}

/// Why the next call has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// For its slot in `--rate`.
    Rate,
    /// 10011: too many calls from this address.
    AddressLimit,
    /// 10012, 10013 or `--daily-limit`, with `--on-quota wait`.
    Quota,
    /// 10014, several times in a row.
    InternalErrors,
    /// 10020: for the next probe.
    Maintenance,
    /// 429 or 503.
    AskedToWait,
    /// No connection, several times in a row.
    Unreachable,
}
