//! `flowkit config`, as it is seen in a terminal.

use std::fs;

use crate::support::terminal::Terminal;

#[test]
fn settings_are_set_viewed_and_unset() {
    let mut terminal = Terminal::new();

    terminal.run("config view");
    terminal.run("config set FLOWKIT_LOGGING_LEVEL=DEBUG FLOWKIT_API_KEY=pnu_1234");
    terminal.run("config view");
    terminal.run("config view --hide-sources --show-defaults");
    terminal.run("config unset FLOWKIT_API_KEY");
    terminal.run("config unset FLOWKIT_API_KEY");
    terminal.run("config view --output json");

    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn one_wrong_value_sets_none() {
    let mut terminal = Terminal::new();

    terminal.run("config set FLOWKIT_DURABILITY=power FLOWKIT_LOGGING_LEVEL=loud");
    terminal.run("config set FLOWKIT_LOGING_LEVEL=DEBUG");
    terminal.run("config set FLOWKIT_LEASE_DURATION=30");
    terminal.run("config set FLOWKIT_HOME=/data");
    terminal.run("config set FLOWKIT_API_KEY=");
    terminal.run("config set FLOWKIT_API_KEY");
    terminal.run("config set FLOWKIT_API_URL=https://app.prefect.cloud/account/a1/workspace/w2");
    terminal.run("config set FLOWKIT_DATABASE_URL=mysql://me:hunter22@db/runs");
    terminal.run("config unset NONSENSE");
    terminal.run("config view");

    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn environment_counts_more_and_is_mentioned() {
    let mut terminal = Terminal::new();
    terminal.set("FLOWKIT_LOGGING_LEVEL", "ERROR");
    terminal.set("FLOWKIT_LOGING_LEVEL", "ERROR");
    terminal.set("PREFECT_API_URL", "http://127.0.0.1:4200/api");
    terminal.set("PREFECT_API_KEY", "pnu_1234");

    terminal.run("config set FLOWKIT_LOGGING_LEVEL=DEBUG");
    terminal.run("config view");
    terminal.run("config set FLOWKIT_API_URL=https://ours.example/api");
    terminal.run("config view");

    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn unusable_profile_can_be_seen_and_mended() {
    let mut terminal = Terminal::new();
    let file = "[profiles.default]\nFLOWKIT_KEYY = \"s3cr3t\"\nFLOWKIT_CANCEL_GRACE = \"later\"";
    fs::create_dir(terminal.path(".flowkit")).expect("the home is ours");
    fs::write(terminal.path(".flowkit/profiles.toml"), file).expect("it is ours");

    terminal.run("config view");
    terminal.run("profile inspect");
    terminal.run("config unset FLOWKIT_KEYY");
    terminal.run("config set FLOWKIT_CANCEL_GRACE=1m");
    terminal.run("config view");

    insta::assert_snapshot!(terminal.transcript());
}
