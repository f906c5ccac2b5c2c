//! Where the API key comes from: a file, the environment, a service's credentials. Never an argument's value.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::exit::{Exit, Failure};
use crate::api::ApiKey;
use crate::{lang, say};

/// The environment variable that may hold the key itself.
pub(super) const VARIABLE: &str = "JUHE_KEY";

/// Where a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The file that `--key-file` names.
    File(PathBuf),
    /// `$JUHE_KEY`.
    Variable,
    /// The file that systemd hands to its service.
    Credential(PathBuf),
}

impl Source {
    /// Finds the first place that there is. `None`: no key is set anywhere.
    pub(super) fn find(key_file: Option<&Path>) -> Option<Self> {
        if let Some(path) = key_file {
            return Some(Self::File(path.to_owned()));
        }
        if std::env::var_os(VARIABLE).is_some_and(|text| !text.is_empty()) {
            return Some(Self::Variable);
        }
        let path = Path::new(&std::env::var_os("CREDENTIALS_DIRECTORY")?).join("juhe_key");
        path.exists().then_some(Self::Credential(path))
    }

    /// The file, if it is one.
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) | Self::Credential(path) => Some(path),
            Self::Variable => None,
        }
    }

    /// Says where, without the key.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Variable => format!("${VARIABLE}"),
            Self::Credential(path) => format!("$CREDENTIALS_DIRECTORY ({})", path.display()),
        }
    }

    /// Reads the key.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is no key.
    pub(super) fn read(&self) -> Result<ApiKey, Failure> {
        let wrong = |message: String| Failure::new(Exit::Configuration, message);
        let Some(path) = self.file() else {
            let text = std::env::var(VARIABLE).map_err(|_| wrong(say!("key-variable-not-text")))?;
            return ApiKey::parse(&text)
                .map_err(|error| wrong(say!("key-variable-unusable", error = error.to_string())));
        };
        let shown = path.display().to_string();
        let unreadable = |error: io::Error| {
            wrong(say!("key-file-unreadable", path = shown.as_str(), error = lang::os_error(&error)))
        };
        let mut text = String::new();
        let file = fs::File::open(path).map_err(unreadable)?;
        file.take(4096).read_to_string(&mut text).map_err(unreadable)?;
        ApiKey::parse(&text)
            .map_err(|error| wrong(say!("key-file-no-key", path = shown.as_str(), error = error.to_string())))
    }

    /// True if other users may read the file.
    pub(super) fn is_open_to_others(&self) -> bool {
        self.file().is_some_and(|path| fs::metadata(path).is_ok_and(|known| known.mode() & 0o007 != 0))
    }
}

/// Reads the API key for a run, and warns of a file that others may read.
///
/// # Errors
///
/// If there is no key, or it cannot be read.
pub(super) fn read(key_file: Option<&Path>) -> Result<ApiKey, Failure> {
    let source = Source::find(key_file);
    let source = source.ok_or_else(|| Failure::new(Exit::Configuration, say!("key-missing")))?;
    let key = source.read()?;
    if source.is_open_to_others() {
        // Standard error may be closed; the run goes on all the same.
        let _ =
            writeln!(io::stderr(), "reverify: {}", say!("key-file-open-to-others", path = source.shown()));
    }
    Ok(key)
}
