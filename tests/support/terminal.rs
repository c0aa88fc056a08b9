//! A terminal in which flowkit commands are typed, and what was seen in it.

use std::ffi::OsStr;
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

/// A user with an empty home folder; nothing of this machine's environment is seen.
pub(crate) struct Terminal {
    home: TempDir,
    environment: Vec<(&'static str, &'static str)>,
    seen: String,
    hidden: Vec<(String, &'static str)>,
}

impl Terminal {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().expect("a scratch folder can be made");
        Self { home, environment: Vec::new(), seen: String::new(), hidden: Vec::new() }
    }

    /// Sets a variable for the commands that follow.
    pub(crate) fn set(&mut self, variable: &'static str, value: &'static str) {
        self.environment.push((variable, value));
        writeln!(self.seen, "$ export {variable}={value}").expect("memory can be written");
    }

    /// Runs `flowkit` with these arguments, parted by spaces.
    pub(crate) fn run(&mut self, arguments: &str) -> Output {
        let output = self.flowkit(arguments).output().expect("flowkit can be started");
        self.note(arguments, &output);
        output
    }

    /// Runs `flowkit` with these arguments, which may hold spaces.
    pub(crate) fn run_with<A: AsRef<OsStr>>(&mut self, arguments: &[A]) -> Output {
        let output = self.flowkit("").args(arguments).output().expect("flowkit can be started");
        let shown: Vec<_> = arguments.iter().map(|a| a.as_ref().display().to_string()).collect();
        self.note(&shown.join(" "), &output);
        output
    }

    /// Starts `flowkit` and leaves it running.
    pub(crate) fn start(&mut self, arguments: &str) -> Child {
        let mut command = self.flowkit(arguments);
        command.stdout(Stdio::piped()).spawn().expect("flowkit can be started")
    }

    /// Waits for what was started, and notes what it printed.
    pub(crate) fn finish(&mut self, arguments: &str, started: Child) -> Output {
        let output = started.wait_with_output().expect("it ends");
        self.note(arguments, &output);
        output
    }

    /// Runs a flow of the program; what it tells on the console is not noted.
    pub(crate) fn run_flow(&mut self, flow: &str) {
        let output = self.program(flow).output().expect("the program can be started");
        let code = output.status.code().expect("the program is not killed");
        writeln!(self.seen, "$ flowkit-program {flow}\n[exit {code}]\n").expect("memory");
    }

    /// Starts a flow of the program and returns once it says that it waits.
    pub(crate) fn start_flow(&mut self, flow: &str) -> Child {
        writeln!(self.seen, "$ flowkit-program {flow} &\n").expect("memory can be written");
        let mut command = self.program(flow);
        let mut program = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let stdout = program.as_mut().expect("the program can be started").stdout.take();
        let mut line = String::new();
        let told = BufReader::new(stdout.expect("it is piped")).read_line(&mut line);
        assert_eq!((told.ok(), line.as_str()), (Some(8), "waiting\n"));
        program.expect("it was started")
    }

    fn flowkit(&self, arguments: &str) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_flowkit-mounted"));
        command.args(arguments.split_whitespace());
        command
    }

    fn program(&self, flow: &str) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_flowkit-program"));
        command.arg(flow);
        command
    }

    fn command(&self, executable: &str) -> Command {
        let mut command = Command::new(executable);
        command.env_clear().env("HOME", self.home.path()).envs(self.environment.iter().copied());
        command.current_dir(self.home.path()).stdin(Stdio::null());
        command
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

    /// Shows something that is different every time under a name.
    pub(crate) fn hide(&mut self, what: &str, name: &'static str) {
        self.hidden.push((what.to_owned(), name));
    }

    /// Everything that was typed and printed, without what differs from machine to machine.
    pub(crate) fn transcript(&self) -> String {
        let platform = format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH);
        let shown = |seen: String, (what, name): &(String, &str)| seen.replace(what, name);
        self.hidden
            .iter()
            .fold(self.seen.clone(), shown)
            .replace(env!("CARGO_BIN_EXE_flowkit-program"), "[PROGRAM]")
            .replace(&self.home.path().display().to_string(), "[HOME]")
            .replace(env!("CARGO_PKG_VERSION"), "[VERSION]")
            .replace(&platform, "[PLATFORM]")
            .replace("flowkit-mounted", "flowkit")
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("flowkit prints UTF-8")
}
