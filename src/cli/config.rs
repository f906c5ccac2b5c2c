//! `reverify config`: which options are in force for `run`, and where each comes from.

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::api_key::Source;
use super::args::RunArgs;
use super::config_file::FromFile;
use super::exit::{Exit, Failure};
use crate::lang::layout;
use crate::say;

/// Columns of an option's name, and of its value.
const NAME: usize = 20;
const VALUE: usize = 26;

/// `reverify config`: the options of `run`, all of them optional.
#[derive(Clone, Debug)]
pub struct ConfigArgs {
    json: bool,
    matches: ArgMatches,
    /// What `reverify.toml` says.
    pub(super) from_file: Option<FromFile>,
}

impl Args for ConfigArgs {
    fn augment_args(command: Command) -> Command {
        let command = RunArgs::augment_args(command).mut_arg("input", |input| input.required(false));
        let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Write JSON");
        command.arg(json.help_heading("Output"))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ConfigArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self { json: matches.get_flag("json"), matches: matches.clone(), from_file: None })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Where a value comes from.
#[derive(Debug, PartialEq, Eq)]
enum Origin {
    Flag,
    Environment(String),
    File(PathBuf),
    Default,
}

impl Origin {
    const fn word(&self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Environment(_) => "environment",
            Self::File(_) => "file",
            Self::Default => "default",
        }
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::Environment(name) => Some(name.clone()),
            Self::File(path) => Some(path.display().to_string()),
            Self::Flag | Self::Default => None,
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Flag => say!("config-from-flag"),
            Self::Environment(name) => say!("config-from-environment", name = name.as_str()),
            Self::File(path) => say!("config-from-file", path = path.display().to_string()),
            Self::Default => say!("config-from-default"),
        }
    }
}

struct InForce {
    name: String,
    /// `None`: not set.
    value: Option<String>,
    origin: Origin,
}

/// Prints the options in force. The API key is said to be set or not, and never shown.
///
/// # Errors
///
/// If standard output cannot be written.
pub(super) fn run(args: &ConfigArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    let options = options(args);
    let key = Source::find(args.matches.get_one::<PathBuf>("key_file").map(PathBuf::as_path));
    let text = if args.json { json(&options, key.as_ref()) } else { table(args, &options, key.as_ref()) };
    let written = out.write_all(text.as_bytes());
    written.map_err(|error| Failure::new(Exit::Output, say!("not-printed", error = error.to_string())))?;
    Ok(Exit::Settled)
}

fn options(args: &ConfigArgs) -> Vec<InForce> {
    let command = super::args::root();
    let of_run = RunArgs::augment_args(Command::new("run"));
    let all = of_run.get_arguments().chain(command.get_arguments());
    let all = all.filter(|argument| argument.get_long().is_some());
    all.map(|argument| in_force(args, argument)).collect()
}

fn in_force(args: &ConfigArgs, argument: &Arg) -> InForce {
    let (id, name) = (argument.get_id().as_str(), argument.get_long().unwrap_or_default().to_owned());
    let decided = args.from_file.as_ref().filter(|file| file.decides.contains(&name));
    let origin = match (decided, args.matches.value_source(id)) {
        (Some(file), _) => Origin::File(file.path.clone()),
        (None, Some(ValueSource::CommandLine)) => Origin::Flag,
        (None, Some(ValueSource::EnvVariable)) => {
            Origin::Environment(argument.get_env().unwrap_or_default().to_string_lossy().into_owned())
        }
        _ => Origin::Default,
    };
    let value = if matches!(argument.get_action(), ArgAction::SetTrue) {
        Some(args.matches.get_flag(id).to_string())
    } else {
        let values = args.matches.get_raw(id).into_iter().flatten();
        let values: Vec<String> = values.map(|value| value.to_string_lossy().into_owned()).collect();
        Some(values.join(", ")).filter(|value| !value.is_empty())
    };
    // What stands behind the question mark of an address may be a secret.
    let value = value.map(|value| match name.as_str() {
        "endpoint" => value.split('?').next().unwrap_or_default().to_owned(),
        _ => value,
    });
    InForce { name, value, origin }
}

fn table(args: &ConfigArgs, options: &[InForce], key: Option<&Source>) -> String {
    let file = args.from_file.as_ref().map(|file| file.path.display().to_string());
    let mut text =
        file.map_or_else(|| say!("config-no-file"), |path| say!("config-file-read", path = path.as_str()));
    text.push_str("\n\n");
    for InForce { name, value, origin } in options {
        let value = value.as_deref().map(crate::output::text::for_terminal);
        let value = value.unwrap_or_else(|| "-".to_owned());
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "  {}  {}  {}",
            layout::left(name, NAME),
            layout::left(&value, VALUE),
            origin.shown()
        );
    }
    let key = key.map(Source::shown);
    let key = key
        .map_or_else(|| say!("config-key-not-set"), |place| say!("config-key-set", place = place.as_str()));
    let _ = writeln!(text, "\n{key}");
    text
}

fn json(options: &[InForce], key: Option<&Source>) -> String {
    let options: serde_json::Map<_, _> = options
        .iter()
        .map(|option| {
            let origin = &option.origin;
            let entry =
                serde_json::json!({ "value": option.value, "source": origin.word(), "from": origin.place() });
            (option.name.clone(), entry)
        })
        .collect();
    let key = serde_json::json!({ "set": key.is_some(), "from": key.map(Source::shown) });
    format!("{}\n", serde_json::json!({ "options": options, "api_key": key }))
}
