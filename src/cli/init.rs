//! `reverify init`: an example to start from. Nothing that is there already is touched.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::{Exit, Failure};
use super::sample;
use crate::api::ApiKey;
use crate::lang::{self, Language};
use crate::say;

/// A portrait in the public domain (NASA), small enough to be sent as it is.
const PORTRAIT: &[u8] = include_bytes!("../../fixtures/photos/ready-small.jpg");

const KEY_FILE: &str = "juhe.key";

/// `reverify init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Where to make it; the folder is made if it is missing
    #[arg(value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
}

/// What became of a file.
enum Made {
    New,
    Kept,
}

/// Makes the files that are missing.
///
/// # Errors
///
/// If one cannot be written, or what is typed is no key.
pub(super) fn run(args: &InitArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    let folder = &args.dir;
    let photos = folder.join("photos");
    for made in [folder, &photos] {
        fs::create_dir_all(made).map_err(|error| failed(made, &error))?;
    }
    let key_path = folder.join(KEY_FILE);
    let key = if key_path.exists() { None } else { ask_for_key()? };
    let has_key = key.is_some() || key_path.exists();

    let mut said = Vec::new();
    let photo = photos.join("example.jpg");
    let toml = sample::text(lang::current(), has_key.then_some(KEY_FILE));
    for (path, content, mode, what) in [
        (folder.join("applicants.csv"), input().into_bytes(), 0o600, say!("init-input")),
        (photo, PORTRAIT.to_vec(), 0o600, say!("init-photo")),
        (folder.join("reverify.toml"), toml.into_bytes(), 0o644, say!("init-configuration")),
    ] {
        said.push(tell(&path, &what, &make(&path, &content, mode)?));
    }
    match key {
        Some(key) => {
            let made = make(&key_path, format!("{}\n", key.secret()).as_bytes(), 0o600)?;
            said.push(tell(&key_path, &say!("init-key"), &made));
        }
        None if has_key => said.push(tell(&key_path, &say!("init-key"), &Made::Kept)),
        None => said.push(say!("init-no-key", path = key_path.display().to_string())),
    }
    said.push(String::new());
    said.push(next_steps(folder, has_key));
    let written = writeln!(out, "{}", said.join("\n"));
    written.map_err(|error| Failure::new(Exit::Output, say!("not-printed", error = error.to_string())))?;
    Ok(Exit::Settled)
}

/// Two made-up persons, in a form that a spreadsheet opens as it is.
fn input() -> String {
    let header = match lang::current() {
        Language::English => "realname,idcard,mobile,photo",
        Language::Chinese => "姓名,身份证号,手机号,照片",
    };
    format!(
        "\u{feff}{header}\r\n测试甲,000000196001010014,19900000100,photos/example.jpg\r\n\
         测试乙,000000196102020027,19900000101,photos/example.jpg\r\n"
    )
}

/// Asks on a terminal, without showing what is typed. `None`: nobody is there, or there is no key yet.
fn ask_for_key() -> Result<Option<ApiKey>, Failure> {
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    let wrong = |message: String| Failure::new(Exit::Configuration, message);
    let typed = rpassword::prompt_password(say!("init-ask-key"));
    let typed = typed.map_err(|error| wrong(say!("init-key-unread", error = error.to_string())))?;
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let key = ApiKey::parse(&typed);
    key.map(Some).map_err(|error| wrong(say!("init-key-unusable", error = error.to_string())))
}

/// Makes a file that is not there yet.
fn make(path: &Path, content: &[u8], mode: u32) -> Result<Made, Failure> {
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let mut file = match file {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(Made::Kept),
        file => file.map_err(|error| failed(path, &error))?,
    };
    file.write_all(content).and_then(|()| file.sync_all()).map_err(|error| failed(path, &error))?;
    Ok(Made::New)
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    let path = path.display().to_string();
    Failure::new(Exit::Output, say!("init-failed", path = path, error = lang::os_error(error)))
}

fn tell(path: &Path, what: &str, made: &Made) -> String {
    let path = path.display().to_string();
    match made {
        Made::New => say!("init-made", path = path, what = what),
        Made::Kept => say!("init-kept", path = path),
    }
}

fn next_steps(folder: &Path, has_key: bool) -> String {
    let mut lines = vec![say!("init-next")];
    if folder != Path::new(".") {
        let folder = folder.display().to_string();
        lines.push(format!("    cd {}", super::next_step::quoted(&folder)));
    }
    lines.push(format!("    reverify run applicants.csv --sandbox --ledger trial.db  {}", say!("init-try")));
    lines.push(format!("    reverify doctor  {}", say!("init-check")));
    let option = if has_key { String::new() } else { format!(" --key-file {KEY_FILE}") };
    lines.push(format!("    reverify run applicants.csv{option} --limit 10  {}", say!("init-run")));
    lines.join("\n")
}
