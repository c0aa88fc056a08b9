//! `flowkit flow-run resume`: runs that are executed again, and those that cannot be.

use std::fs;

use crate::support::redactions;
use crate::support::terminal::Terminal;

#[test]
fn failed_run_is_executed_again_by_its_program() {
    let mut terminal = Terminal::new();
    fs::write(terminal.path("broken"), "").expect("the home is ours");
    terminal.run_flow("etl");

    let failed = terminal.run("flow-run resume quick-lynx --output json");
    fs::remove_file(terminal.path("broken")).expect("it is there");
    let completed = terminal.run("flow-run resume quick-lynx");
    let again = terminal.run("flow-run resume quick-lynx");

    assert_eq!(failed.status.code(), Some(1), "the program's own code");
    let failed: serde_json::Value = serde_json::from_slice(&failed.stdout).expect("JSON alone");
    assert_eq!(failed["state"]["type"], "FAILED");
    assert!(completed.status.success());
    let console = String::from_utf8(completed.stderr).expect("text");
    assert!(console.contains("Task run 'load-3' - Finished in state Completed()"), "{console}");
    assert!(!console.contains("Task run 'load-2'"), "it is not run again: {console}");
    let told = String::from_utf8(completed.stdout).expect("text");
    assert_eq!(told, "Flow run 'etl/quick-lynx' ended: Completed\n");
    assert_eq!(again.status.code(), Some(5), "it has completed already");
}

#[test]
fn crashed_run_goes_on_where_it_was() {
    let mut terminal = Terminal::new();
    let mut program = terminal.start_flow("stubborn");

    terminal.run("flow-run resume brown-mule");
    program.kill().expect("it runs");
    program.wait().expect("it is dead");
    terminal.run("flow-run ls");
    terminal.run("flow-run inspect brown-mule");
    fs::write(terminal.path("loose"), "").expect("the home is ours");
    let resumed = terminal.run("flow-run resume brown-mule --output json");

    let run: serde_json::Value = serde_json::from_slice(&resumed.stdout).expect("JSON");
    assert_eq!((&run["state"]["type"], &run["run_count"]), (&"COMPLETED".into(), &2.into()));
    let _redacted = redactions();
    let transcript = terminal.transcript();
    let (before, _) =
        transcript.split_once("$ flowkit flow-run resume brown-mule --output").expect("it was run");
    // Whether the task run that was under way is known depends on how soon its process died.
    let known = before.lines().filter(|line| !line.starts_with("Task runs"));
    insta::assert_snapshot!(known.collect::<Vec<_>>().join("\n"));
}
