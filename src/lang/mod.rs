//! What people read, in English and in Chinese.
//!
//! Every message has a name, and one text in each language in the Fluent files beside this one. The
//! macro [`say!`](crate::say) gives it in the language of the process, [`say_in!`](crate::say_in) in
//! a language that is named. A number chooses singular or plural and is shown with a comma between
//! thousands; what is no count (a code, a year) is handed over as text.
//!
//! Not here: the output's column values and the words of scripts (`match`, `rejected`), which are the
//! same in every language.

pub mod layout;
mod negotiate;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::memoizer::MemoizerKind;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::langid;

pub use negotiate::{Language, UnknownLanguage};

/// The files of both languages: one for each part of the program.
const FILES: [(&str, &str, &str); 14] = [
    ("announce", include_str!("en/announce.ftl"), include_str!("zh/announce.ftl")),
    ("audit", include_str!("en/audit.ftl"), include_str!("zh/audit.ftl")),
    ("cli", include_str!("en/cli.ftl"), include_str!("zh/cli.ftl")),
    ("diff", include_str!("en/diff.ftl"), include_str!("zh/diff.ftl")),
    ("intake", include_str!("en/intake.ftl"), include_str!("zh/intake.ftl")),
    ("ledger", include_str!("en/ledger.ftl"), include_str!("zh/ledger.ftl")),
    ("output", include_str!("en/output.ftl"), include_str!("zh/output.ftl")),
    ("photo", include_str!("en/photo.ftl"), include_str!("zh/photo.ftl")),
    ("plan", include_str!("en/plan.ftl"), include_str!("zh/plan.ftl")),
    ("rejection", include_str!("en/rejection.ftl"), include_str!("zh/rejection.ftl")),
    ("report", include_str!("en/report.ftl"), include_str!("zh/report.ftl")),
    ("resolve", include_str!("en/resolve.ftl"), include_str!("zh/resolve.ftl")),
    ("setup", include_str!("en/setup.ftl"), include_str!("zh/setup.ftl")),
    ("summary", include_str!("en/summary.ftl"), include_str!("zh/summary.ftl")),
];

static CURRENT: AtomicU8 = AtomicU8::new(Language::English as u8);

static ENGLISH: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::English));
static CHINESE: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::Chinese));

/// Chooses the language of the process. Called once, before anything is said.
pub fn set(language: Language) {
    CURRENT.store(language as u8, Ordering::Relaxed);
}

/// The language of the process: English until [`set`] says otherwise.
pub fn current() -> Language {
    if CURRENT.load(Ordering::Relaxed) == Language::Chinese as u8 {
        Language::Chinese
    } else {
        Language::English
    }
}

/// Gives a message by its name; the name itself where there is no such message, which a test rules out.
pub fn message(language: Language, name: &str, values: &FluentArgs<'_>) -> String {
    let bundle = match language {
        Language::English => &*ENGLISH,
        Language::Chinese => &*CHINESE,
    };
    let Some(pattern) = bundle.get_message(name).and_then(|message| message.value()) else {
        return name.to_owned();
    };
    bundle.format_pattern(pattern, Some(values), &mut Vec::new()).into_owned()
}

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let locale = match language {
        Language::English => langid!("en"),
        Language::Chinese => langid!("zh-CN"),
    };
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    // Marks around values would stand in files and on terminals as dirt.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(with_thousands));
    for (_, english, chinese) in FILES {
        let text = if language == Language::English { english } else { chinese };
        // What cannot be read is left out; a test reads every file to its end.
        let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(readable, _)| readable);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// The Chinese help of the command line, whose English stands beside each option in the code.
static HELP: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| {
    let mut bundle = FluentBundle::new_concurrent(vec![langid!("zh-CN")]);
    let text = include_str!("zh/help.ftl").to_owned();
    bundle.add_resource_overriding(FluentResource::try_new(text).unwrap_or_else(|(readable, _)| readable));
    bundle
});

/// A text of the Chinese help, if there is one of this name.
pub fn chinese_help(name: &str) -> Option<String> {
    let pattern = HELP.get_message(name)?.value()?;
    Some(HELP.format_pattern(pattern, None, &mut Vec::new()).into_owned())
}

/// Says what the system said of a file: in Chinese the common ones, the others as the system has them.
pub fn os_error(error: &std::io::Error) -> String {
    use std::io::ErrorKind as Kind;
    if current() == Language::English {
        return error.to_string();
    }
    match error.kind() {
        Kind::NotFound => "没有这个文件或文件夹",
        Kind::PermissionDenied => "没有权限",
        Kind::AlreadyExists => "已存在同名的文件",
        Kind::IsADirectory => "这是一个文件夹",
        Kind::NotADirectory => "路径中有一部分不是文件夹",
        Kind::StorageFull | Kind::QuotaExceeded => "磁盘空间不足",
        Kind::FileTooLarge => "文件过大",
        Kind::ReadOnlyFilesystem => "文件系统是只读的",
        Kind::InvalidData => "内容不是 UTF-8 文本",
        _ => return error.to_string(),
    }
    .to_owned()
}

/// Writes a duration: `1h 30m`, `1 小时 30 分`.
pub fn duration(duration: Duration) -> String {
    let english = humantime::format_duration(duration).to_string();
    match current() {
        Language::English => english,
        Language::Chinese => {
            let parts = english.split(' ').map(|part| {
                let unit = part.trim_start_matches(|character: char| character.is_ascii_digit());
                let number = &part[..part.len() - unit.len()];
                let (_, chinese) =
                    UNITS.into_iter().find(|(known, _)| *known == unit).unwrap_or((unit, unit));
                format!("{number} {chinese}")
            });
            parts.collect::<Vec<_>>().join(" ")
        }
    }
}

const UNITS: [(&str, &str); 13] = [
    ("year", "年"),
    ("years", "年"),
    ("month", "个月"),
    ("months", "个月"),
    ("day", "天"),
    ("days", "天"),
    ("h", "小时"),
    ("m", "分"),
    ("s", "秒"),
    ("ms", "毫秒"),
    ("us", "微秒"),
    ("µs", "微秒"),
    ("ns", "纳秒"),
];

/// Sets thousands of whole numbers apart: `1,234,567`.
fn with_thousands<M: MemoizerKind>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let text = number.as_string();
    let digits = text.strip_prefix('-').unwrap_or(&text);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut grouped = String::with_capacity(text.len() + text.len() / 3);
    grouped.push_str(&text[..text.len() - digits.len()]);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    Some(grouped)
}

#[doc(hidden)]
pub use fluent_bundle::{FluentArgs as Values, FluentValue as Value};

/// Says a message in the language of the process: `say!("photo-rejected", path = shown, bytes = 12)`.
#[macro_export]
macro_rules! say {
    ($name:literal $(, $key:ident = $value:expr)* $(,)?) => {
        $crate::say_in!($crate::lang::current(), $name $(, $key = $value)*)
    };
}

/// Says a message in a language: `say_in!(Language::Chinese, "photo-rejected", path = shown)`.
#[macro_export]
macro_rules! say_in {
    ($language:expr, $name:literal $(, $key:ident = $value:expr)* $(,)?) => {{
        #[allow(unused_mut, reason = "a message without values")]
        let mut values = $crate::lang::Values::new();
        $(values.set(stringify!($key), $crate::lang::Value::from($value));)*
        $crate::lang::message($language, $name, &values)
    }};
}
