//! What becomes of photos without a face: one option for every command that looks at photos.

use clap::{Args, ValueEnum};

use crate::photo::FacePolicy;

/// How photos are judged.
#[derive(Clone, Copy, Debug, Args)]
pub struct FaceArgs {
    /// A photo without a face, or with one under 40 pixels wide as sent
    #[arg(
        long,
        value_name = "WHAT",
        env = "REVERIFY_FACE",
        default_value = "require",
        help_heading = "Input"
    )]
    pub face: FaceArg,
}

/// `--face`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FaceArg {
    /// Reject it before it costs a call
    Require,
    /// Send it all the same, with a warning
    Warn,
    /// Look for no face: send the whole picture
    Off,
}

impl FaceArgs {
    /// The policy that is meant.
    pub fn policy(self) -> FacePolicy {
        match self.face {
            FaceArg::Require => FacePolicy::Require,
            FaceArg::Warn => FacePolicy::Warn,
            FaceArg::Off => FacePolicy::Off,
        }
    }
}
