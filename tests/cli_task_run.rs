//! `flowkit task-run`: lists, all about one run, its logs.

use crate::support::redactions;
use crate::support::terminal::Terminal;

#[test]
fn task_runs_are_listed_inspected_and_heard() {
    let mut terminal = Terminal::new();
    terminal.run_flow("greeting");

    terminal.run("task-run ls");
    terminal.run("task-run ls --flow-run brave-otter --state completed --limit 1");
    terminal.run("task-run ls --flow-run brave-otter --state failed");
    terminal.run("task-run inspect greet-0");
    terminal.run("task-run inspect greet-1 --flow-run brave-otter --output json");
    terminal.run("task-run logs greet-1");
    terminal.run("task-run inspect gret-1");
    terminal.run("task-run inspect greet-0 --flow-run gone");

    let _redacted = redactions();
    insta::assert_snapshot!(terminal.transcript());
}
