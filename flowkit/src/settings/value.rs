//! What a setting's text can mean: the kinds of values and how each is read.
//!
//! A reader returns `None` for text it does not accept; [`Setting`](super::Setting) makes the error,
//! since only it knows the name and whether the text may be shown.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::database::DatabaseUrl;
use crate::Durability;
use crate::model::Level;
use crate::secret::Secret;

/// What values a setting accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// An http or https address.
    Url,
    /// The address of a database.
    Database,
    /// Yes or no.
    Bool,
    /// A whole number.
    Integer,
    /// A span of time, `30s` or `1h30m`.
    Duration,
    /// A span of time, or `off`.
    DurationOrOff,
    /// An amount of bytes, `64KiB`.
    Bytes,
    /// A log level.
    Level,
    /// A file or folder.
    Path,
    /// One of these words.
    Choice(&'static [&'static str]),
}

impl Kind {
    /// Says whether a value can be used.
    #[must_use]
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::Text => !text.is_empty(),
            Self::Url => url(text).is_some(),
            Self::Database => DatabaseUrl::parse(text).is_some(),
            Self::Bool => boolean(text).is_some(),
            Self::Integer => text.parse::<u64>().is_ok(),
            Self::Duration => duration(text).is_some(),
            Self::DurationOrOff => duration_or_off(text).is_some(),
            Self::Bytes => bytes(text).is_some(),
            Self::Level => level(text).is_some(),
            Self::Path => path(text).is_some(),
            Self::Choice(words) => words.contains(&text),
        }
    }

    /// Says whether a value may begin with a folder to be filled in.
    pub(super) const fn is_path(self) -> bool {
        matches!(self, Self::Path | Self::Database)
    }

    /// What to do about a value that is not accepted, where one can guess what was meant.
    pub(super) fn advice(self, text: &str) -> Option<String> {
        match self {
            Self::Duration | Self::DurationOrOff if text.parse::<f64>().is_ok() => {
                Some(format!("say the unit: '{text}s' for seconds, '{text}m' for minutes"))
            }
            Self::Text
            | Self::Url
            | Self::Database
            | Self::Bool
            | Self::Integer
            | Self::Duration
            | Self::DurationOrOff
            | Self::Bytes
            | Self::Level
            | Self::Path
            | Self::Choice(_) => None,
        }
    }
}

/// Completes the sentence "it must be …".
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Url => "an http or https address",
            Self::Database => "a file, 'sqlite::memory:' or 'postgres://…'",
            Self::Bool => "'true' or 'false'",
            Self::Integer => "a whole number",
            Self::Duration => "a duration such as '30s' or '7d'",
            Self::DurationOrOff => "a duration such as '30s' or '7d', or 'off'",
            Self::Bytes => "an amount of bytes such as '64KiB' or '1GB'",
            Self::Level => "one of TRACE, DEBUG, INFO, WARNING, ERROR",
            Self::Path => "a path",
            Self::Choice(words) => return write!(f, "one of {}", words.join(", ")),
        })
    }
}

pub(super) fn level(text: &str) -> Option<Level> {
    text.parse().ok()
}

pub(super) fn durability(text: &str) -> Option<Durability> {
    text.parse().ok()
}

pub(super) fn secret(text: &str) -> Option<Secret> {
    (!text.is_empty()).then(|| Secret::new(text))
}

pub(super) fn path(text: &str) -> Option<PathBuf> {
    (!text.is_empty()).then(|| text.into())
}

pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// Reads an address and takes the slashes off its end; the address of a page becomes that of its API.
pub(super) fn url(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let is_address = matches!(scheme, "http" | "https")
        && !host.is_empty()
        && !host.starts_with(':')
        && !text.contains(char::is_whitespace);
    is_address.then(|| api_of_page(text).unwrap_or_else(|| text.trim_end_matches('/').to_owned()))
}

/// The API behind an address that people paste from their browser: that of a workspace of Prefect
/// Cloud, or of the front page of a server.
pub(super) fn api_of_page(text: &str) -> Option<String> {
    if let Some(path) = text.strip_prefix("https://app.prefect.cloud/account/") {
        let mut parts = path.split(['/', '?', '#']);
        let (account, "workspace", workspace) = (parts.next()?, parts.next()?, parts.next()?)
        else {
            return None;
        };
        let api = "https://api.prefect.cloud/api";
        return Some(format!("{api}/accounts/{account}/workspaces/{workspace}"));
    }
    let (scheme, rest) = text.split_once("://")?;
    let host = rest.trim_end_matches('/');
    (!host.contains(['/', '?', '#'])).then(|| format!("{scheme}://{host}/api"))
}

/// Reads `500ms`, `30s`, `1.5h`, `1h30m`, `7d`, `2w`; zero is a duration too.
///
/// ```
/// let read = flowkit::settings::duration("1h30m");
/// assert_eq!(read.map(|read| read.as_secs()), Some(5400));
/// ```
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let (number, after) = split_number(rest)?;
        let unit_end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let seconds = match &after[..unit_end] {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            "w" => 604_800.0,
            _ => return None,
        };
        let part = Duration::try_from_secs_f64(number * seconds).ok()?;
        total = total.checked_add(part)?;
        rest = &after[unit_end..];
    }
    (!text.is_empty()).then_some(total)
}

/// Reads a duration, or `off` as none.
pub(super) fn duration_or_off(text: &str) -> Option<Option<Duration>> {
    if text == "off" { Some(None) } else { duration(text).map(Some) }
}

/// Reads `1000`, `64KiB` (of 1024) or `64KB` (of 1000).
pub(super) fn bytes(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let amount: u64 = text[..digits].parse().ok()?;
    let unit = match text[digits..].trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return None,
    };
    amount.checked_mul(unit)
}

fn split_number(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_are_read_with_their_units() {
        let seconds = |text| duration(text).map(|read| read.as_secs_f64());
        assert_eq!(seconds("30s"), Some(30.0));
        assert_eq!(seconds("500ms"), Some(0.5));
        assert_eq!(seconds("1.5h"), Some(5_400.0));
        assert_eq!(seconds("1h30m"), Some(5_400.0));
        assert_eq!(seconds("7d"), Some(604_800.0));
        assert_eq!(seconds("2w"), Some(1_209_600.0));
        assert_eq!(seconds("0s"), Some(0.0));
        for wrong in ["", "30", "s", "30x", "-1s", "1..5s", "1h30", "99999999999999999999w"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn bytes_are_read_in_both_families_of_units() {
        assert_eq!(bytes("64KiB"), Some(65_536));
        assert_eq!(bytes("64kb"), Some(64_000));
        assert_eq!(bytes("1 GiB"), Some(1 << 30));
        assert_eq!(bytes("12"), Some(12));
        for wrong in ["", "KiB", "1.5MiB", "-1", "64K", "99999999TiB"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn addresses_need_a_scheme_and_a_host() {
        assert_eq!(url("https://api.example/api/"), Some("https://api.example/api".to_owned()));
        for wrong in ["", "api.example", "ftp://x", "https://", "http://:80", "http://a b"] {
            assert_eq!(url(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn address_of_a_page_becomes_that_of_its_api() {
        #[track_caller]
        fn check(page: &str, api: &str) {
            assert_eq!(url(page).as_deref(), Some(api));
        }
        let cloud = "https://api.prefect.cloud/api/accounts/a1/workspaces/w2";
        check("https://app.prefect.cloud/account/a1/workspace/w2", cloud);
        check("https://app.prefect.cloud/account/a1/workspace/w2/", cloud);
        check("https://app.prefect.cloud/account/a1/workspace/w2/dashboard", cloud);
        check("https://app.prefect.cloud/account/a1/workspace/w2?tab=runs", cloud);
        check(cloud, cloud);
        check("http://127.0.0.1:4200", "http://127.0.0.1:4200/api");
        check("http://127.0.0.1:4200/", "http://127.0.0.1:4200/api");
        check("http://127.0.0.1:4200/api/", "http://127.0.0.1:4200/api");
    }

    #[test]
    fn words_are_read_as_people_write_them() {
        assert_eq!(boolean("Yes"), Some(true));
        assert_eq!(boolean("OFF"), Some(false));
        assert_eq!(boolean("maybe"), None);
        assert_eq!(level("Warning"), Some(Level::Warn));
        assert_eq!(level("loud"), None);
    }

    #[test]
    fn number_without_a_unit_is_refused_with_both_readings() {
        assert_eq!(
            Kind::Duration.advice("30").as_deref(),
            Some("say the unit: '30s' for seconds, '30m' for minutes")
        );
        assert_eq!(Kind::Duration.advice("soon"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_a_reader_panic(text in "\\PC{0,12}|[0-9.]{0,24}[a-zA-Zµ]{0,3}") {
            let kinds = [
                Kind::Text, Kind::Url, Kind::Database, Kind::Bool, Kind::Integer, Kind::Duration,
                Kind::DurationOrOff, Kind::Bytes, Kind::Level, Kind::Path, Kind::Choice(&["a"]),
            ];
            for kind in kinds {
                let _ = kind.accepts(&text);
                let _ = kind.advice(&text);
            }
        }

        #[test]
        fn whole_seconds_are_read_exactly(seconds in 0_u32..) {
            let read = duration(&format!("{seconds}s"));
            prop_assert_eq!(read, Some(Duration::from_secs(seconds.into())));
        }
    }
}
