//! Following, pausing and cancelling a flow run of another process.

use crate::support::redactions;
use crate::support::terminal::Terminal;

#[test]
fn paused_run_goes_on_and_its_logs_are_followed_to_the_end() {
    let mut terminal = Terminal::new();
    let mut program = terminal.start_flow("patient");
    let logs = "flow-run logs quiet-owl --follow";
    let watch = "flow-run watch quiet-owl";

    let following = terminal.start(logs);
    let watching = terminal.start(watch);
    // It says that it waits just before it does.
    let resumed = (0..1_000).any(|_| terminal.run("flow-run resume quiet-owl").status.success());
    assert!(resumed, "it never paused: {}", terminal.transcript());
    assert!(program.wait().expect("it ends").success());
    let logs = terminal.finish(logs, following);
    let watch = terminal.finish(watch, watching);

    let logs = String::from_utf8(logs.stdout).expect("text");
    assert!(
        logs.contains("Paused; let it go on with: flowkit flow-run resume quiet-owl"),
        "{logs}"
    );
    assert!(logs.ends_with("| INFO    | Task run 'greet-0' - 👋 again\n"), "{logs}");
    assert!(watch.status.success());
    let watch = String::from_utf8(watch.stdout).expect("text");
    assert!(watch.contains("| Completed  | Task run 'greet-0'\n"), "{watch}");
    assert!(watch.ends_with("Flow run 'patient/quiet-owl' ended: Completed\n"), "{watch}");
}

#[test]
fn running_run_is_paused_resumed_and_cancelled() {
    let mut terminal = Terminal::new();
    let mut program = terminal.start_flow("endless");

    terminal.run("flow-run delete sleepy-mole --yes");
    terminal.run("flow-run pause sleepy-mole --timeout 1h");
    terminal.run("flow-run resume sleepy-mole");
    terminal.run("flow-run resume sleepy-mole");
    terminal.run("database reset --yes");
    terminal.run("flow-run cancel sleepy-mole");
    program.wait().expect("it ends");
    terminal.run("flow-run watch sleepy-mole");
    terminal.run("flow-run cancel sleepy-mole");
    terminal.run("flow-run pause sleepy-mole");

    let _redacted = redactions();
    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn task_run_that_goes_on_is_found_by_its_state() {
    let mut terminal = Terminal::new();
    let mut program = terminal.start_flow("stubborn");

    // That a task run started is told soon, not at once.
    let mut asked = 0;
    let running = loop {
        let listed = terminal.run("task-run ls --state running --state pending --output json");
        let runs: Vec<serde_json::Value> = serde_json::from_slice(&listed.stdout).expect("JSON");
        if !runs.is_empty() || asked == 1_000 {
            break runs;
        }
        asked += 1;
    };
    program.kill().expect("it runs");
    program.wait().expect("it is dead");

    let names: Vec<_> = running.iter().map(|run| &run["name"]).collect();
    assert_eq!(names, ["wait-0"], "the one that completed is left out");
}

#[test]
fn ended_run_is_watched_as_a_list_of_its_states() {
    let mut terminal = Terminal::new();
    terminal.run_flow("greeting");

    terminal.run("flow-run watch brave-otter");
    terminal.run("flow-run watch brave-otter --output json");

    let _redacted = redactions();
    insta::assert_snapshot!(terminal.transcript());
}
