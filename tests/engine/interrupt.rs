//! Interrupts: a program that is asked to stop ends its runs first.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::support::Scratch;

/// Starts the program with a flow that never ends, and waits until it is in the middle of it.
fn hanging(scratch: &Scratch) -> Child {
    std::fs::write(scratch.folder().join("stuck"), "").expect("written");
    let mut program = Command::new(env!("CARGO_BIN_EXE_flowkit-program"))
        .arg("endless")
        .current_dir(scratch.folder())
        .env("FLOWKIT_HOME", scratch.folder())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    let output = program.stdout.take().expect("piped");
    let first = BufReader::new(output).lines().next().expect("a line").expect("read");
    assert_eq!(first, "waiting");
    program
}

fn signal(program: &Child, signal: &str) {
    let sent = Command::new("kill").args([signal, &program.id().to_string()]).status();
    assert!(sent.expect("started").success());
}

async fn end_of(scratch: &Scratch, mut program: Child) -> (ExitStatus, String, Vec<String>) {
    let status = program.wait().expect("ended");
    let state = scratch.only_flow_run().await.state.expect("a state").name.into_owned();
    (status, state, scratch.task_states("wait-0").await)
}

#[tokio::test]
async fn interrupted_program_cancels_its_runs_and_says_so() {
    for name in ["-INT", "-TERM"] {
        let scratch = Scratch::new().await;
        let program = hanging(&scratch);
        signal(&program, name);
        let (status, state, task_states) = end_of(&scratch, program).await;
        assert_eq!(status.code(), Some(130), "{name}");
        assert_eq!(state, "Cancelled", "{name}");
        assert_eq!(task_states, ["Pending", "Running", "Cancelled"], "{name}");
    }
}

#[tokio::test]
async fn killed_program_leaves_runs_that_the_next_one_finds_crashed() {
    let scratch = Scratch::new().await;
    let program = hanging(&scratch);
    // That a run started is told soon, not at once.
    while scratch.task_runs().await.is_empty() {
        tokio::task::yield_now().await;
    }
    signal(&program, "-KILL");
    let pid = program.id();
    let (status, state, _) = end_of(&scratch, program).await;
    assert_eq!(status.code(), None);
    assert_eq!(state, "Running", "nobody has looked yet");
    drop(scratch.restart().await);
    let state = scratch.only_flow_run().await.state.expect("a state");
    assert_eq!(state.name, "Crashed");
    let told = state.message.expect("a message");
    assert!(told.starts_with(&format!("process {pid} on host ")), "{told}");
    assert_eq!(scratch.task_states("wait-0").await.last().map(String::as_str), Some("Crashed"));
}
