//! Dbt: a dbt project, and the task that runs a command in it.

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use flowkit::call::TaskCall;
use flowkit::{Clock, Error, Result, task};
use tokio::process::Command;

use crate::command::words;
use crate::outcome::DbtOutcome;
use crate::process::Process;

/// What dbt is told by its environment, where every version of it takes the same words.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("DBT_LOG_FORMAT", "json"),
    // Nodes tell of their ends at debug level only.
    ("DBT_LOG_LEVEL", "debug"),
    ("DBT_USE_COLORS", "false"),
    ("DBT_SEND_ANONYMOUS_USAGE_STATS", "false"),
    // Lines come as they are written, also from Python code that prints.
    ("PYTHONUNBUFFERED", "1"),
];

const HOW_TO_GET_IT: &str = "install it with the adapter of your database, such as \
    `pip install dbt-core dbt-duckdb`, or say where it is with Dbt::executable";

/// A dbt project, in which commands are run.
///
/// Every command is a task run with a dbt process of its own, which is started in the project's
/// folder. What dbt logs are logs of that run, at dbt's own level; its exit code decides how the
/// run ends. A run that is cancelled or out of time interrupts dbt, as Ctrl-C would, and ends
/// when dbt has.
///
/// Two commands at a time must not share a target folder; see dbt's `DBT_TARGET_PATH`.
#[derive(Clone)]
pub struct Dbt {
    project: PathBuf,
    profiles: Option<PathBuf>,
    target: Option<String>,
    environment: BTreeMap<String, String>,
    executable: PathBuf,
}

/// Without the environment, where passwords are.
impl fmt::Debug for Dbt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dbt")
            .field("project", &self.project)
            .field("profiles", &self.profiles)
            .field("target", &self.target)
            .field("executable", &self.executable)
            .finish_non_exhaustive()
    }
}

impl Dbt {
    /// The project in that folder: the one with `dbt_project.yml`.
    #[must_use]
    pub fn project(folder: impl Into<PathBuf>) -> Self {
        Self {
            project: folder.into(),
            profiles: None,
            target: None,
            environment: BTreeMap::new(),
            executable: "dbt".into(),
        }
    }

    /// The folder with `profiles.yml`; dbt looks into the project and `~/.dbt` otherwise.
    #[must_use]
    pub fn profiles(mut self, folder: impl Into<PathBuf>) -> Self {
        self.profiles = Some(folder.into());
        self
    }

    /// The target of the profile to build.
    #[must_use]
    pub fn target(mut self, name: impl Into<String>) -> Self {
        self.target = Some(name.into());
        self
    }

    /// Sets a variable of dbt's environment.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// The program to start instead of the `dbt` on `PATH`.
    #[must_use]
    pub fn executable(mut self, path: impl Into<PathBuf>) -> Self {
        self.executable = path.into();
        self
    }

    /// Runs a command line such as `build --select tag:daily`.
    ///
    /// # Errors
    /// Failed when dbt ends with another code than 0, with a [`DbtFailure`](crate::DbtFailure)
    /// inside; not found when there is no dbt or no project; cancelled when it was interrupted.
    pub fn run(&self, command: &str) -> TaskCall<DbtOutcome> {
        self.command(words(command))
    }

    /// Runs a command that is in words already.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn command<I>(&self, words: I) -> TaskCall<DbtOutcome>
    where
        I: IntoIterator<Item: Into<String>>,
    {
        let mut words: Vec<String> = words.into_iter().map(Into::into).collect();
        if words.first().is_none_or(|word| word != "dbt") {
            words.insert(0, "dbt".to_owned());
        }
        self.call(words)
    }

    fn call(&self, words: Vec<String>) -> TaskCall<DbtOutcome> {
        let name = words.join(" ");
        dbt(words, self.project.clone(), self.target.clone(), self.clone()).name(name)
    }

    fn process(&self, arguments: &[String]) -> Result<Command> {
        if !self.project.is_dir() {
            let project = self.project.display();
            return Err(Error::not_found(format!("the dbt project `{project}`")));
        }
        let project = absolute(&self.project)?;
        let mut command = Command::new(&self.executable);
        command.args(arguments).current_dir(&project).envs(ENVIRONMENT.iter().copied());
        command.env("DBT_PROJECT_DIR", project);
        if let Some(profiles) = &self.profiles {
            command.env("DBT_PROFILES_DIR", absolute(profiles)?);
        }
        if let Some(target) = &self.target {
            command.env("DBT_TARGET", target);
        }
        command.envs(&self.environment);
        Ok(command)
    }
}

/// Runs a dbt command, the way the well-known tutorial spells it.
///
/// The command begins with `dbt`: `trigger_dbt_cli_command("dbt build", "jaffle_shop", "jaffle_shop")`.
/// [`Dbt`] has more to set.
///
/// # Errors
/// As [`Dbt::run`]; also invalid when the command does not begin with `dbt`.
pub fn trigger_dbt_cli_command(
    command: &str,
    project_dir: impl Into<PathBuf>,
    profiles_dir: impl Into<PathBuf>,
) -> TaskCall<DbtOutcome> {
    Dbt::project(project_dir).profiles(profiles_dir).call(words(command))
}

/// Runs dbt and watches it. The command, the project and the target make the call what it is;
/// where dbt and its profiles are may change between two tries of it.
#[task]
async fn dbt(
    command: Vec<String>,
    project: PathBuf,
    target: Option<String>,
    #[resource] setup: Dbt,
) -> Result<DbtOutcome> {
    let dbt = Dbt { project, target, ..setup };
    let name = command.join(" ");
    let arguments = match command.split_first() {
        Some((first, arguments)) if first == "dbt" => arguments,
        Some(_) | None => {
            return Err(Error::invalid(format!("`{name}` does not begin with `dbt`")));
        }
    };
    let clock = Clock::system();
    let started = clock.now();
    let mut process = dbt.process(arguments)?;
    let process =
        Process::start(&mut process).map_err(|error| not_started(&dbt.executable, error))?;
    let (status, report) = flowkit::shield(|stop| process.watch(stop)).await??;
    if status.success() {
        return Ok(report.outcome(clock.now().since(started)));
    }
    let failure = report.failure(name, status.code());
    Err(Error::failed(failure.to_string()).with_source(failure))
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path)
        .map_err(|error| Error::invalid("the current folder is gone").with_source(error))
}

fn not_started(executable: &Path, error: std::io::Error) -> Error {
    let dbt = executable.display();
    if error.kind() == ErrorKind::NotFound {
        let problem = format!("`{dbt}` is not installed or not on PATH");
        return Error::new(flowkit::ErrorKind::NotFound, problem).with_hint(HOW_TO_GET_IT);
    }
    Error::unavailable(format!("`{dbt}` could not be started")).with_source(error)
}
