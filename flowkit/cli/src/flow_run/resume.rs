//! `flowkit flow-run resume`: has a flow run go on, in its process or in a new one.

use std::io;
use std::process::{Command, ExitStatus, Stdio};

use clap::Args;
use flowkit::model::{Program, State, StateType};
use flowkit::settings::Environment;
use flowkit::wire::{ReadFlowRun, ReadTaskRun};
use flowkit::{Error, Result};
use serde_json::json;

use super::propose;
use crate::global::Global;
use crate::named_run::NamedRun;
use crate::output::Format;
use crate::report::Report;
use crate::session::Session;
use crate::{colour, find};

/// Let a paused flow run go on, or execute again one that crashed, failed or was cancelled
#[derive(Debug, Args)]
#[command(
    after_help = "A run that has ended is executed by the program that began it, in the folder that it began in;
what it has completed is not done again. The exit code is that of the program.

Examples:
  flowkit flow-run resume brave-otter
  flowkit flow-run resume foo/brave-otter"
)]
pub(crate) struct Resume {
    /// The flow run: its id or its name
    #[arg(value_name = "RUN")]
    name: String,
}

impl Resume {
    pub(super) async fn run(self, session: &Session, global: &Global) -> Result<Report> {
        let named = find::flow_run(session, &self.name).await?;
        match named.run.state_type() {
            StateType::Paused => let_go_on(session, &named).await,
            StateType::Failed | StateType::Crashed | StateType::Cancelled => {
                execute_again(session, &named, global).await
            }
            StateType::Completed => {
                Err(Error::refused(format!("flow run '{named}' has completed already")))
            }
            StateType::Scheduled => {
                Err(Error::refused(format!("flow run '{named}' goes on by itself at its time")))
            }
            StateType::Pending | StateType::Running | StateType::Cancelling => Err(held(&named)),
        }
    }
}

async fn let_go_on(session: &Session, named: &NamedRun) -> Result<Report> {
    let proposed = propose::state(session, named, State::running(session.now())).await?;
    if let Some(reason) = proposed.otherwise {
        let name = &proposed.state.name;
        return Err(Error::refused(format!("flow run '{named}' is {name}: {reason}")));
    }
    Ok(Report::of(&json!({ "id": named.run.id, "state": proposed.state }))
        .line(format!("Flow run '{named}' goes on."))
        .line(format!("See how it goes: flowkit flow-run watch {named}")))
}

fn held(named: &NamedRun) -> Error {
    let state = colour::name(named.run.state.as_ref());
    Error::refused(format!("flow run '{named}' is {state}; a living process executes it"))
        .with_hint(format!("see how it goes: `flowkit flow-run watch {named}`"))
}

/// Starts the program that began the run and passes on how it ends.
async fn execute_again(session: &Session, named: &NamedRun, global: &Global) -> Result<Report> {
    refuse_subflow(session, named).await?;
    let program = named.run.program.as_ref().ok_or_else(|| {
        Error::refused(format!("flow run '{named}' does not say which program began it"))
            .with_hint("call the flow again from your program")
    })?;
    check(program)?;
    let mut command = Command::new(&program.executable);
    command.current_dir(&program.working_dir);
    command.env(Environment::FLOW_RUN_ID, named.run.id.to_string());
    if let Some(profile) = &global.profile {
        command.env("FLOWKIT_PROFILE", profile);
    }
    if session.format == Format::Json {
        // Our answer shall be all that is on the standard output.
        command.stdout(Stdio::from(io::stderr()));
    }
    let status = run_to_its_end(command).await.map_err(|error| {
        let executable = program.executable.display();
        Error::unavailable(format!("could not start {executable}")).with_source(error)
    })?;
    let run = session.call(ReadFlowRun { id: named.run.id }).await?;
    let named = NamedRun { run, ..named.clone() };
    let state = named.run.state.as_ref().map(colour::state).unwrap_or_default();
    Ok(Report::of(&named)
        .line(format!("Flow run '{named}' ended: {state}"))
        .exit_code(exit_code(status)))
}

/// A subflow goes on when the run around it does, which waits for its result.
async fn refuse_subflow(session: &Session, named: &NamedRun) -> Result<()> {
    let Some(id) = named.run.parent_task_run_id else { return Ok(()) };
    let refused = Error::refused(format!("flow run '{named}' is part of another flow run"));
    let Some(id) = session.call(ReadTaskRun { id }).await?.flow_run_id else { return Err(refused) };
    let around = session.call(ReadFlowRun { id }).await?;
    let around = NamedRun::of(session, around).await?;
    Err(refused.with_hint(format!("resume that one: `flowkit flow-run resume {around}`")))
}

fn check(Program { executable, working_dir }: &Program) -> Result<()> {
    let (gone, mend) = if !executable.is_file() {
        (format!("the program {}", executable.display()), "build it again")
    } else if !working_dir.is_dir() {
        (format!("the folder {}", working_dir.display()), "make it again")
    } else {
        return Ok(());
    };
    let hint = format!("{mend}, or call the flow again from your program");
    Err(Error::not_found(gone).with_hint(hint))
}

/// Waits for the program; an interrupt is meant for it, and it gets one too.
async fn run_to_its_end(mut command: Command) -> io::Result<ExitStatus> {
    let ended = tokio::task::spawn_blocking(move || command.status());
    tokio::pin!(ended);
    loop {
        tokio::select! {
            status = &mut ended => return status?,
            interrupted = tokio::signal::ctrl_c() => interrupted?,
        }
    }
}

/// The exit code of the program; as shells do, 128 and the signal for one that was killed.
fn exit_code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(1);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
