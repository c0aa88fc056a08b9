//! `flowkit profile`, as it is seen in a terminal.

use std::fs;

use crate::support::terminal::Terminal;

#[test]
fn profile_is_created_used_and_deleted() {
    let mut terminal = Terminal::new();

    terminal.run("profile create demo");
    terminal.run("profile ls");
    terminal.run("profile use demo");
    terminal.run("config set FLOWKIT_API_URL=http://127.0.0.1:4200/api FLOWKIT_API_KEY=pnu_1234");
    terminal.run("profile create copy --from demo");
    terminal.run("profile inspect copy");
    terminal.run("profile rename demo prod");
    terminal.run("profile ls");
    terminal.run("profile use default");
    terminal.run("profile delete prod");
    terminal.run("profile ls");

    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn wrong_names_are_refused_with_what_to_do() {
    let mut terminal = Terminal::new();
    terminal.run("profile create demo");
    terminal.run("profile use demo");

    terminal.run("profile create demo");
    terminal.run("profile create demo/x");
    terminal.run("profile create copy --from dmeo");
    terminal.run("profile use dmeo");
    terminal.run("profile inspect nothing-like-it");
    terminal.run("profile rename demo default");
    terminal.run("profile rename default x");
    terminal.run("profile delete default");
    terminal.run("profile delete demo");
    terminal.run("-p dmeo config view");

    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn programs_get_json() {
    let mut terminal = Terminal::new();

    terminal.run("profile create demo --output json");
    terminal.run("profile use demo --output=json");
    terminal.run("config set FLOWKIT_API_KEY=pnu_1234 --output json");
    terminal.run("profile ls --output json");
    terminal.run("profile inspect --output json");
    terminal.run("profile rename demo prod --output json");
    terminal.run("profile use gone --output json");

    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn profile_that_is_gone_is_noticed() {
    let mut terminal = Terminal::new();
    fs::create_dir(terminal.path(".flowkit")).expect("the home is ours");
    fs::write(terminal.path(".flowkit/profiles.toml"), "active = \"gone\"").expect("it is ours");

    terminal.run("config view");
    terminal.run("config view --output json");
    terminal.set("FLOWKIT_PROFILE", "gone-too");
    terminal.run("profile ls");
    terminal.run("profile use default");
    terminal.run("config view");

    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn broken_file_is_named_and_its_secrets_are_not() {
    let mut terminal = Terminal::new();
    let file = "[profiles.default]\nFLOWKIT_API_KEY = \"s3cr3t";
    fs::create_dir(terminal.path(".flowkit")).expect("the home is ours");
    fs::write(terminal.path(".flowkit/profiles.toml"), file).expect("it is ours");

    terminal.run("profile create demo");
    terminal.run("version");

    let kept = fs::read_to_string(terminal.path(".flowkit/profiles.toml"));
    assert_eq!(kept.ok().as_deref(), Some(file));
    insta::assert_snapshot!(terminal.transcript());
}

#[cfg(unix)]
#[test]
fn profiles_can_be_read_by_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mut terminal = Terminal::new();

    terminal.run("config set FLOWKIT_API_KEY=pnu_1234");

    let mode = |path: &str| {
        let found = fs::metadata(terminal.path(path)).expect("it was made");
        found.permissions().mode() & 0o777
    };
    assert_eq!(mode(".flowkit"), 0o700);
    assert_eq!(mode(".flowkit/profiles.toml"), 0o600);
}
