//! `reverify sandbox`: the imitation of the API, for trials without a key and without cost.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::exit::{Exit, Failure};
use crate::sandbox::{DEFAULT_KEY, Sandbox, SandboxConfig, ScriptedFault, Stats};
use crate::say;

/// What a mobile number can ask for, and the kinds of fault, as the sandbox's own documentation has them.
const AFTER_HELP: &str = "\
The last three digits of a mobile number choose its answer:
  100 to 116  that res, billed          915  half of a billed answer's JSON
  910         280105, not billed        916  res 777, which the API document lacks, billed
  912         HTTP 500                  917  error_code 299999, which the document lacks
  913         no answer at all          918  10014 the first time, then res 100
  914         billed, then a reset      any other  res 100, billed

Kinds of --fault (\"billed\": the work was done and the answer was lost):
  an error_code such as 10011, not billed    http-300 to http-599, not billed
  reset-before-body, reset-after-body, hang, not-json: not billed
  reset-after-body-billed, close-after-body-billed, hang-billed, truncate: billed
  slow (3 s late), unknown-res (777): billed, and answered

GET /_sandbox/stats on the same address counts calls, billed calls and peaks.";

/// Serves an imitation of the API on this machine: no key of Juhe's, no cost.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct SandboxArgs {
    /// Where to listen: a loopback address; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787", value_parser = loopback)]
    pub listen: SocketAddr,
    /// The key that callers must send; any other is answered with 10001
    #[arg(long, value_name = "KEY", default_value = DEFAULT_KEY)]
    pub key: String,
    /// Calls in any second before 10011
    #[arg(long, value_name = "N")]
    pub ip_limit: Option<u32>,
    /// Calls in one day of Asia/Shanghai before 10012
    #[arg(long, value_name = "N")]
    pub daily_limit: Option<u32>,
    /// How long each answer takes, such as 50ms
    #[arg(long, value_name = "TIME", default_value = "0ms", value_parser = parse_delay)]
    pub latency: Duration,
    /// Up to this much longer, at random
    #[arg(long, value_name = "TIME", default_value = "0ms", value_parser = parse_delay)]
    pub jitter: Duration,
    /// What goes wrong with the Nth call, such as 3:10011 or 5-9:http-502; may be repeated
    #[arg(long, value_name = "N:KIND")]
    pub fault: Vec<ScriptedFault>,
}

/// Serves until SIGINT or SIGTERM, then writes what was counted.
///
/// # Errors
///
/// When the address cannot be listened on, or `out` cannot be written.
pub async fn run(args: &SandboxArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    // Listened for before the first line, so that whoever has read it can stop the sandbox cleanly.
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| no_signals(&error))?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| no_signals(&error))?;
    let sandbox = Sandbox::start(config(args)).await.map_err(|error| {
        Failure::new(
            Exit::Configuration,
            say!("sandbox-no-address", address = args.listen.to_string(), error = error.to_string()),
        )
    })?;

    writeln!(out, "{}", say!("sandbox-serves", endpoint = sandbox.endpoint(), key = args.key.as_str()))
        .and_then(|()| out.flush())
        .map_err(|error| cannot_write(&error))?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    let stats = sandbox.stats();
    sandbox.shut_down().await;

    writeln!(out, "{}", summary(&stats)).and_then(|()| out.flush()).map_err(|error| cannot_write(&error))?;
    Ok(Exit::Settled)
}

fn config(args: &SandboxArgs) -> SandboxConfig {
    SandboxConfig {
        listen: args.listen,
        key: args.key.clone(),
        ip_limit_per_second: args.ip_limit,
        calls_per_day: args.daily_limit,
        latency: args.latency,
        jitter: args.jitter,
        faults: args.fault.clone(),
    }
}

fn summary(stats: &Stats) -> String {
    let refused: u64 = stats.refused.values().sum();
    say!(
        "sandbox-summary",
        calls = stats.calls.to_string(),
        billed = stats.billed.to_string(),
        refused = refused.to_string(),
        faults = stats.faults.to_string(),
        subjects = stats.subjects.to_string(),
        twice = stats.subjects_billed_twice.to_string(),
        in_flight = stats.peak_concurrency.to_string(),
        in_a_second = stats.peak_calls_in_any_second.to_string(),
    )
}

fn parse_delay(written: &str) -> Result<Duration, String> {
    humantime::parse_duration(written).map_err(|_| say!("bad-duration"))
}

fn loopback(written: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = written.parse().map_err(|_| say!("sandbox-bad-address"))?;
    if address.ip().is_loopback() { Ok(address) } else { Err(say!("sandbox-not-loopback")) }
}

fn no_signals(error: &io::Error) -> Failure {
    Failure::new(Exit::Configuration, say!("no-signals", error = error.to_string()))
}

fn cannot_write(error: &io::Error) -> Failure {
    Failure::new(Exit::Output, say!("sandbox-no-output", error = error.to_string()))
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser};

    use super::*;

    #[derive(Parser)]
    struct Typed {
        #[command(flatten)]
        args: SandboxArgs,
    }

    #[test]
    fn the_arguments_are_read() {
        Typed::command().debug_assert();
        let typed = Typed::try_parse_from([
            "sandbox",
            "--listen",
            "[::1]:0",
            "--ip-limit",
            "5",
            "--daily-limit",
            "9",
            "--latency",
            "50ms",
            "--jitter",
            "5ms",
            "--fault",
            "3:10011",
            "--fault",
            "5-9:http-502",
        ])
        .map_err(|error| error.to_string())
        .unwrap();
        let config = config(&typed.args);
        assert!(config.listen.is_ipv6());
        assert_eq!(config.key, DEFAULT_KEY);
        assert_eq!((config.ip_limit_per_second, config.calls_per_day), (Some(5), Some(9)));
        assert_eq!((config.latency, config.jitter), (Duration::from_millis(50), Duration::from_millis(5)));
        assert_eq!(config.faults, ["3:10011", "5-9:http-502"].map(|written| written.parse().unwrap()));
    }

    #[test]
    fn an_address_that_others_could_reach_is_refused() {
        for listen in ["0.0.0.0:8787", "192.168.1.1:8787", "localhost", "127.0.0.1", "[::]:0"] {
            assert!(Typed::try_parse_from(["sandbox", "--listen", listen]).is_err(), "{listen}");
        }
    }
}
