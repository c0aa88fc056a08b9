//! `flowkit api-key`, and what a server that has one lets in, as it is seen in a terminal.

use crate::support::redactions;
use crate::support::terminal::Terminal;

#[test]
fn keys_are_made_shown_once_and_revoked() {
    let mut terminal = Terminal::new();

    terminal.run("api-key ls");
    terminal.run("api-key create laptop");
    terminal.run("api-key create ci --expires 30d");
    terminal.run("api-key ls");
    terminal.run("api-key create laptop");
    terminal.run("api-key create two/words");
    terminal.run("api-key create late --expires soon");
    terminal.run("api-key revoke laptpo");
    terminal.run("api-key revoke laptop");
    terminal.run("api-key ls --output json");

    let _redacted = redactions();
    insta::assert_snapshot!(terminal.transcript());
    let database = std::fs::read(terminal.path(".flowkit/flowkit.db")).expect("a database");
    assert!(!database.windows(4).any(|part| part == b"fku_"), "a key is kept as it is");
}

#[test]
fn server_that_lets_everybody_in_keeps_out_of_networks() {
    let mut terminal = Terminal::new();

    terminal.run("server start --host 0.0.0.0 --port 0");
    terminal.run("server start --host nowhere.invalid --port 0");
    terminal.run("server start --port 0 --tls-cert missing.pem");
    terminal.run("server start --port 0 --tls-cert missing.pem --tls-key missing.pem");
    terminal.run("server start --port 0 --allow-origin *");

    let _redacted = redactions();
    insta::assert_snapshot!(terminal.transcript());
}
