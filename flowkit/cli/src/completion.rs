//! `flowkit completion`: lets a shell complete commands.

use clap::{Args, CommandFactory};
use clap_complete::Shell;
use serde_json::json;

use crate::Cli;
use crate::report::Report;

/// Print a script that lets a shell complete flowkit's commands
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  source <(flowkit completion bash)
  flowkit completion zsh > ~/.zfunc/_flowkit
  flowkit completion fish > ~/.config/fish/completions/flowkit.fish")]
pub(crate) struct Completion {
    /// The shell that shall read the script
    shell: Shell,
}

impl Completion {
    pub(crate) fn run(self) -> Report {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "flowkit", &mut script);
        let script = String::from_utf8_lossy(&script);
        Report::of(&json!({ "shell": self.shell.to_string(), "script": script }))
            .line(script.trim_end())
    }
}
