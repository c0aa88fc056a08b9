//! A terminal in which flowkit commands are typed, and what was seen in it.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A user with an empty home folder; nothing of this machine's environment is seen.
pub(crate) struct Terminal {
    home: TempDir,
    environment: Vec<(&'static str, &'static str)>,
    seen: String,
}

impl Terminal {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().expect("a scratch folder can be made");
        Self { home, environment: Vec::new(), seen: String::new() }
    }

    /// Sets a variable for the commands that follow.
    pub(crate) fn set(&mut self, variable: &'static str, value: &'static str) {
        self.environment.push((variable, value));
        writeln!(self.seen, "$ export {variable}={value}").expect("memory can be written");
    }

    /// Runs `flowkit` with these arguments, parted by spaces.
    pub(crate) fn run(&mut self, arguments: &str) -> Output {
        let output = Command::new(env!("CARGO_BIN_EXE_flowkit-mounted"))
            .args(arguments.split_whitespace())
            .env_clear()
            .env("HOME", self.home.path())
            .envs(self.environment.iter().copied())
            .output()
            .expect("flowkit can be started");
        self.note(arguments, &output);
        output
    }

    fn note(&mut self, arguments: &str, output: &Output) {
        let seen = &mut self.seen;
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        writeln!(seen, "$ flowkit {arguments}").expect("memory can be written");
        seen.push_str(&out);
        for line in err.lines() {
            writeln!(seen, "[stderr] {line}").expect("memory can be written");
        }
        if !output.status.success() {
            let code = output.status.code().expect("flowkit is not killed");
            writeln!(seen, "[exit {code}]").expect("memory can be written");
        }
        seen.push('\n');
    }

    /// A path in the user's home folder.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.home.path().join(path)
    }

    /// Everything that was typed and printed, without what differs from machine to machine.
    pub(crate) fn transcript(&self) -> String {
        let platform = format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH);
        self.seen
            .replace(&self.home.path().display().to_string(), "[HOME]")
            .replace(env!("CARGO_PKG_VERSION"), "[VERSION]")
            .replace(&platform, "[PLATFORM]")
            .replace("flowkit-mounted", "flowkit")
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("flowkit prints UTF-8")
}
