//! `flowkit database`, as it is seen in a terminal.

use std::fs;

use crate::support::redactions;
use crate::support::terminal::Terminal;

#[test]
fn database_is_looked_after() {
    let mut terminal = Terminal::new();
    terminal.run_flow("greeting");

    terminal.run("database info");
    terminal.run("database info --output json");
    terminal.run("database upgrade");
    terminal.run("database vacuum");
    terminal.run("database reset");
    terminal.run("database reset --yes");
    terminal.run("database info");

    let _redacted = redactions();
    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn unusable_database_is_explained() {
    let mut terminal = Terminal::new();
    fs::write(terminal.path("text.db"), "this is no database, but it is long enough to be read")
        .expect("the home is ours");

    terminal.set("FLOWKIT_DATABASE_URL", "text.db");
    terminal.run("flow ls");
    terminal.run("database reset --yes");
    terminal.set("FLOWKIT_DATABASE_URL", "/dev/null/runs.db");
    terminal.run("flow ls --output json");

    insta::assert_snapshot!(terminal.transcript());
}
