//! The examples, run as a user runs them.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

/// A folder in which examples are run, with a home of flowkit's in it.
pub(crate) struct Examples {
    folder: TempDir,
}

impl Examples {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    /// Runs an example to its end.
    pub(crate) fn run(&self, name: &str) -> Output {
        self.run_with_path(name, OsStr::new(""))
    }

    /// Runs an example to its end, while it reports to a server's API.
    pub(crate) fn run_reporting(&self, name: &str, url: &str) -> Output {
        self.command(name).env("FLOWKIT_API_URL", url).output().expect("it can be started")
    }

    /// Runs an example to its end, with folders in which it finds other programs.
    pub(crate) fn run_with_path(&self, name: &str, path: &OsStr) -> Output {
        self.command(name).env("PATH", path).output().expect("it can be started")
    }

    fn command(&self, name: &str) -> Command {
        let program = built().get(name).unwrap_or_else(|| panic!("there is no example {name}"));
        let mut example = Command::new(program);
        example.current_dir(&self.folder).env_clear().env("FLOWKIT_HOME", self.path("home"));
        example
    }

    /// A path in the folder.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(path)
    }
}

/// The programs of the examples, built once.
fn built() -> &'static HashMap<String, PathBuf> {
    static BUILT: OnceLock<HashMap<String, PathBuf>> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--package", "flowkit-examples", "--examples"]);
        cargo.args(["--message-format", "json-render-diagnostics"]);
        let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo starts");
        let problems = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the examples were not built:\n{problems}");
        output.stdout.split(|byte| *byte == b'\n').filter_map(program).collect()
    })
}

/// The name and the place of a program that cargo tells of.
fn program(message: &[u8]) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_slice(message).ok()?;
    let name = message["target"]["name"].as_str()?;
    Some((name.to_owned(), message["executable"].as_str()?.into()))
}
