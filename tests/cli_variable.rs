//! `flowkit variable`, as it is seen in a terminal.

use crate::support::redactions;
use crate::support::terminal::Terminal;

#[test]
fn variables_are_set_read_and_unset() {
    let mut terminal = Terminal::new();

    terminal.run("variable set bucket data-2026 --tag prod");
    terminal.run_with(&["variable", "set", "limits", r#"{"rows": 1000}"#]);
    terminal.run("variable set offset -5");
    terminal.run("variable ls");
    terminal.run("variable get bucket");
    terminal.run("variable get limits");
    terminal.run("variable get bucket --output json");
    terminal.run("variable set bucket other");
    terminal.run("variable set bucket other --overwrite");
    terminal.run("variable inspect bucket");
    terminal.run("variable unset bucket offset");
    terminal.run("variable ls --output json");

    let _redacted = redactions();
    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn wrong_variables_are_refused_with_what_to_do() {
    let mut terminal = Terminal::new();

    terminal.run("variable ls");
    terminal.run("variable get bucket");
    terminal.run("variable set bucket x");
    terminal.run("variable get buket");
    terminal.run("variable unset buket");
    terminal.run("variable set BUCKET x");
    terminal.run("variable set bucket");

    insta::assert_snapshot!(terminal.transcript());
}
