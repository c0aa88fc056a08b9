//! The flowkit command line, as a library so that any binary can offer the same commands.
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     flowkit_cli::run()
//! }
//! ```
//!
//! One module per noun: it parses its arguments, calls flowkit and says what to show. How that is
//! shown, as text or JSON, lives in `output`; what every command can be told, in `global`.

mod api_key;
mod artifact;
mod cloud;
mod completion;
mod concurrency_limit;
mod config;
mod database;
mod flow;
mod flow_run;
mod profile;
mod server;
mod task_run;
mod variable;
mod version;

mod colour;
mod confirm;
mod counts;
mod find;
mod follow;
mod global;
mod history;
mod limit;
mod log_line;
mod log_stream;
mod moment;
mod named_run;
mod output;
mod report;
mod session;
mod state_filter;
mod table;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use global::Global;
use output::Format;
use report::Report;

/// Runs the command that this process was started with, and says how it ended.
#[must_use]
pub fn run() -> ExitCode {
    run_from(std::env::args_os())
}

/// Runs the command in these arguments, the first of which is the name of the program.
///
/// The exit code is 0 when the command did what it was asked, 2 when it was not understood, else
/// that of the [kind of error](flowkit::ErrorKind::exit_code).
pub fn run_from<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    // The command line may be too wrong to be parsed, but its errors must look as asked for.
    let asked_for = Format::asked_for_in(&arguments);
    if arguments.iter().any(|argument| argument == "--no-color") {
        anstream::ColorChoice::Never.write_global();
    }
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(refusal) => return output::refuse(&refusal, asked_for),
    };
    let format = cli.global.output;
    let global = Global { profile: cli.global.profile.or(cli.short_profile), ..cli.global };
    match cli.command.run(&global) {
        Ok(report) => output::show(&report, format),
        Err(error) => output::fail(&error, format),
    }
}

/// Flows and their runs: what was run, what is running, what shall run.
#[derive(Debug, Parser)]
#[command(
    name = "flowkit",
    version,
    propagate_version = false,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Examples:
  flowkit flow-run ls
  flowkit flow-run watch brave-otter
  flowkit profile create demo
  flowkit config set FLOWKIT_LOGGING_LEVEL=DEBUG
  flowkit -p demo config view --output json"
)]
struct Cli {
    /// The same as --profile
    #[arg(short = 'p', value_name = "NAME", hide = true, conflicts_with = "profile")]
    short_profile: Option<String>,
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(subcommand)]
    Flow(flow::Command),
    #[command(subcommand)]
    FlowRun(flow_run::Command),
    #[command(subcommand)]
    TaskRun(task_run::Command),
    #[command(subcommand)]
    Artifact(artifact::Command),
    #[command(subcommand)]
    Variable(variable::Command),
    #[command(subcommand)]
    ConcurrencyLimit(concurrency_limit::Command),
    #[command(subcommand)]
    Database(database::Command),
    #[command(subcommand)]
    Server(server::Command),
    #[command(subcommand)]
    ApiKey(api_key::Command),
    #[command(subcommand)]
    Profile(profile::Command),
    #[command(subcommand)]
    Cloud(cloud::Command),
    #[command(subcommand)]
    Config(config::Command),
    Version(version::Version),
    Completion(completion::Completion),
}

impl Command {
    fn run(self, global: &Global) -> flowkit::Result<Report> {
        match self {
            Self::Flow(command) => command.run(global),
            Self::FlowRun(command) => command.run(global),
            Self::TaskRun(command) => command.run(global),
            Self::Artifact(command) => command.run(global),
            Self::Variable(command) => command.run(global),
            Self::ConcurrencyLimit(command) => command.run(global),
            Self::Database(command) => command.run(global),
            Self::Version(version) => version.run(global),
            Self::Server(command) => command.run(global),
            Self::ApiKey(command) => command.run(global),
            Self::Profile(command) => command.run(global),
            Self::Cloud(command) => command.run(global),
            Self::Config(command) => command.run(global),
            Self::Completion(completion) => Ok(completion.run()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example() {
        #[track_caller]
        fn check(command: &clap::Command) {
            if command.get_name() == "help" {
                return;
            }
            let name = command.get_name();
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Example"), "'{name}' has no example");
            assert!(command.get_about().is_some(), "'{name}' does not say what it does");
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
