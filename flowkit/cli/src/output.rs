//! How a command's answer is shown: as text for people, as JSON for programs.
//!
//! A command returns a [`Report`], which holds both; one that lasts prints through [`say`] as
//! things happen. Answers go to the standard output; errors, warnings and hints to the standard
//! error, so that an answer can be piped.

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::ValueEnum;
use clap::builder::styling::{AnsiColor, Style};
use flowkit::{Error, ErrorKind, Result, secret};
use serde::Serialize;
use serde_json::{Value, json};

use crate::report::Report;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();

/// The exit code of a command line that is not understood.
const USAGE: u8 = 2;

/// In which form answers and errors are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
}

impl Format {
    /// The format that a command line asks for, even if it is wrong otherwise.
    pub(crate) fn asked_for_in(arguments: &[OsString]) -> Self {
        let json = arguments.iter().zip(arguments.iter().skip(1));
        let json = json.filter(|&(option, value)| option == "--output" && value == "json").count();
        if json > 0 || arguments.iter().any(|argument| argument == "--output=json") {
            Self::Json
        } else {
            Self::Text
        }
    }
}

/// Prints a report.
pub(crate) fn show(report: &Report, format: Format) -> ExitCode {
    warn(&report.warnings, format);
    let mut out = anstream::stdout().lock();
    let written = match (format, &report.json) {
        (Format::Text, _) => report.lines.iter().try_for_each(|line| writeln!(out, "{line}")),
        (Format::Json, Some(json)) => writeln!(out, "{json:#}"),
        (Format::Json, None) => Ok(()),
    };
    match unless_closed(written.and_then(|()| out.flush())) {
        Err(error) => fail(&error, format),
        Ok(Reader::Gone) => ExitCode::SUCCESS,
        Ok(Reader::Listens) => ExitCode::from(report.exit_code),
    }
}

/// Prints something that just happened: a line of text, or JSON on a line.
///
/// Ends the process if nobody reads any more.
pub(crate) fn say(text: &impl Display, data: &impl Serialize, format: Format) -> Result<()> {
    let mut out = anstream::stdout().lock();
    let written = match format {
        Format::Text => writeln!(out, "{text}"),
        Format::Json => writeln!(out, "{}", json!(data)),
    };
    match unless_closed(written.and_then(|()| out.flush()))? {
        Reader::Listens => Ok(()),
        Reader::Gone => std::process::exit(0),
    }
}

enum Reader {
    Listens,
    /// Whoever read has seen enough, like `head`.
    Gone,
}

fn unless_closed(written: io::Result<()>) -> Result<Reader> {
    match written {
        Ok(()) => Ok(Reader::Listens),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(Error::internal("could not print").with_source(error)),
    }
}

/// Prints an error, with what to do about it, and returns its exit code.
pub(crate) fn fail(error: &Error, format: Format) -> ExitCode {
    let message = error.full_message();
    let message = secret::redact(&message);
    let _ = match format {
        Format::Text => say_error(&message, error.hint()),
        Format::Json => say_json(&json!({ "error": {
            "kind": kind_name(error.kind()),
            "message": message,
            "hint": error.hint(),
        }})),
    };
    ExitCode::from(error.kind().exit_code())
}

/// Prints why a command line was not understood, or the help that it asked for.
pub(crate) fn refuse(refusal: &clap::Error, format: Format) -> ExitCode {
    let asked_for_help = !refusal.use_stderr();
    // Nobody is left to tell if this cannot be printed.
    let _ = if asked_for_help || format == Format::Text {
        refusal.print()
    } else {
        let (message, hint) = usage(refusal);
        say_json(&json!({ "error": { "kind": "usage", "message": message, "hint": hint }}))
    };
    if asked_for_help { ExitCode::SUCCESS } else { ExitCode::from(USAGE) }
}

/// What is wrong with a command line, and what may have been meant.
fn usage(refusal: &clap::Error) -> (String, Option<String>) {
    if refusal.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return ("a command is missing".to_owned(), None);
    }
    let text = refusal.render().to_string();
    let mut paragraphs = text
        .split("\n\n")
        .map(|paragraph| paragraph.lines().map(str::trim).collect::<Vec<_>>().join(" "));
    let message = paragraphs.next().unwrap_or_default();
    let hint = paragraphs.find_map(|tip| tip.strip_prefix("tip: ").map(str::to_owned));
    (message.trim_start_matches("error: ").to_owned(), hint)
}

fn say_error(message: &str, hint: Option<&str>) -> io::Result<()> {
    let mut err = anstream::stderr().lock();
    writeln!(err, "{ERROR}error:{ERROR:#} {message}")?;
    match hint {
        Some(hint) => writeln!(err, "{HINT}hint:{HINT:#} {hint}"),
        None => Ok(()),
    }
}

/// Prints what the user should know.
pub(crate) fn warn(warnings: &[String], format: Format) {
    for warning in warnings {
        // Nobody reads a closed standard error; the answer still counts.
        let _ = match format {
            Format::Text => {
                writeln!(anstream::stderr(), "{WARNING}warning:{WARNING:#} {warning}")
            }
            Format::Json => say_json(&json!({ "warning": warning })),
        };
    }
}

fn say_json(value: &Value) -> io::Result<()> {
    writeln!(anstream::stderr(), "{value}")
}

/// The kind as JSON has it: `not_found`.
fn kind_name(kind: ErrorKind) -> String {
    let mut name = String::new();
    for letter in format!("{kind:?}").chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_is_found_in_a_wrong_command_line() {
        let format = |line: &str| {
            let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            Format::asked_for_in(&arguments)
        };
        assert_eq!(format("flowkit --nonsense --output json"), Format::Json);
        assert_eq!(format("flowkit --output=json profile"), Format::Json);
        assert_eq!(format("flowkit --output text profile json"), Format::Text);
    }

    #[test]
    fn kinds_are_spelled_as_json_spells() {
        assert_eq!(kind_name(ErrorKind::NotFound), "not_found");
        assert_eq!(kind_name(ErrorKind::Invalid), "invalid");
    }
}
