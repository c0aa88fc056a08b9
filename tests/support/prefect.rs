//! The real Prefect, which `tests/setup/prefect.sh` installs: its servers and its clients.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use super::Api;
use super::executable::on_path;

/// Our own flows in Python, and what starts a server.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/prefect");

/// Nothing is sent to Prefect's makers, and no page is served.
const QUIET: &[(&str, &str)] = &[
    ("DO_NOT_TRACK", "1"),
    ("PREFECT_ORION_ANALYTICS_ENABLED", "false"),
    ("PREFECT_SERVER_ANALYTICS_ENABLED", "false"),
    ("PREFECT_ORION_UI_ENABLED", "false"),
    ("PREFECT_UI_ENABLED", "false"),
    ("PREFECT_SERVER_UI_ENABLED", "false"),
];

/// A version of Prefect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prefect {
    /// 2.6.5, the version of the tutorial.
    V2Early,
    /// 2.20, the last of 2.x.
    V2Late,
    /// 3.x.
    V3,
}

impl Prefect {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::V2Early => "2.6.5",
            Self::V2Late => "2.20",
            Self::V3 => "3.x",
        }
    }

    /// Runs a file of flows with this version's client, to its end.
    ///
    /// # Panics
    /// If the file does not come to its end; flows that fail are its own affair.
    pub(crate) fn run(self, file: &str, api: &Api) -> Output {
        let home = tempfile::tempdir().expect("a folder");
        let mut python = self.python(home.path());
        python.env("PREFECT_API_URL", api.url()).env("PREFECT_LOGGING_LEVEL", "DEBUG");
        let output = python.arg(Path::new(FOLDER).join(file)).output().expect("Python starts");
        let told = String::from_utf8_lossy(&output.stderr);
        let last = told.char_indices().rev().nth(2000).map_or(0, |(place, _)| place);
        let last = &told[last..];
        assert!(output.status.success(), "{file} with Prefect {} failed: …{last}", self.name());
        output
    }

    fn python(self, home: &Path) -> Command {
        let python = on_path(&format!("python-prefect-{}", self.name()), "prefect.sh");
        let mut command = Command::new(python);
        command.env_clear().envs(QUIET.iter().copied());
        command.env("HOME", home).env("PREFECT_HOME", home.join("prefect")).current_dir(home);
        // Files that Python compiles would lie beside our flows.
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONIOENCODING", "utf-8");
        // What it says of sets is in one order.
        command.env("PYTHONHASHSEED", "0");
        command
    }

    /// What its server is made of.
    const fn app(self) -> &'static str {
        match self {
            Self::V2Early => "prefect.orion.api.server:create_app",
            Self::V2Late | Self::V3 => "prefect.server.api.server:create_app",
        }
    }
}

/// A server of Prefect's own, with a database of its own; gone when dropped.
pub(crate) struct PrefectServer {
    process: Child,
    home: TempDir,
    api: Api,
}

impl PrefectServer {
    /// Starts one; it is healthy before this returns.
    pub(crate) async fn start(version: Prefect) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let log = File::create(home.path().join("log")).expect("a file");
        let mut python = version.python(home.path());
        python.arg(Path::new(FOLDER).join("server.py")).arg(version.app());
        python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        let mut process = python.spawn().expect("Python starts");
        let stdout = process.stdout.take().expect("it is piped");
        let mut port = String::new();
        BufReader::new(stdout).read_line(&mut port).expect("it prints its port");
        let api = Api::new(format!("http://127.0.0.1:{}/api", port.trim()));
        let server = Self { process, home, api };
        assert!(!port.is_empty(), "the server did not start:\n{}", server.log());
        // It listens already; this waits until it answers.
        assert_eq!(server.api.get("/health").await, true, "{}", server.log());
        server
    }

    pub(crate) const fn api(&self) -> &Api {
        &self.api
    }

    /// What it said on its standard error.
    fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
    }
}

impl Drop for PrefectServer {
    fn drop(&mut self) {
        // It may have ended already; if this process is killed, it ends with its standard input.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
