//! Our server, as a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::Api;

/// A server of flowkit's with a database of its own; gone when dropped.
pub(crate) struct FlowkitServer {
    process: Child,
    _home: TempDir,
    api: Api,
}

impl FlowkitServer {
    /// Starts one on a free port; it listens before this returns.
    pub(crate) fn start() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_flowkit-mounted"));
        command.args(["server", "start", "--port", "0"]).env_clear().env("HOME", home.path());
        command.current_dir(home.path()).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("flowkit starts");
        let stdout = process.stdout.take().expect("it is piped");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
        let url = line.split_whitespace().nth(1).unwrap_or_else(|| panic!("no address: {line}"));
        Self { process, _home: home, api: Api::new(format!("{url}/api")) }
    }

    pub(crate) const fn api(&self) -> &Api {
        &self.api
    }
}

impl Drop for FlowkitServer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
