//! `flowkit artifact`, as it is seen in a terminal.

use crate::support::redactions;
use crate::support::terminal::Terminal;

#[test]
fn artifacts_are_listed_shown_and_deleted() {
    let mut terminal = Terminal::new();
    terminal.run_flow("greeting");

    terminal.run("artifact ls");
    terminal.run("artifact ls --flow-run brave-otter --type table --output json");
    terminal.run("artifact inspect report");
    terminal.run("artifact inspect guests");
    terminal.run("artifact inspect geusts");
    terminal.run("artifact ls --type picture");
    terminal.run("artifact delete guests");
    terminal.run("artifact delete guests --yes");
    terminal.run("artifact delete guests --yes");
    terminal.run("artifact ls --key report");

    let _redacted = redactions();
    insta::assert_snapshot!(terminal.transcript());
}
