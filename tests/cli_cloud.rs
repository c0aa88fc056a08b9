//! `flowkit cloud` and what else of the command line asks a server, as seen in a terminal.

use std::fs;

use crate::support::terminal::Terminal;
use crate::support::{Answer, StandIn};

const WORKSPACES: &str = r#"[
    {"account_id": "11111111-1111-4111-8111-111111111111", "account_name": "Acme",
     "account_handle": "acme", "workspace_id": "22222222-2222-4222-8222-222222222222",
     "workspace_name": "Production", "workspace_description": "", "workspace_handle": "prod"},
    {"account_id": "11111111-1111-4111-8111-111111111111", "account_name": "Acme",
     "account_handle": "acme", "workspace_id": "33333333-3333-4333-8333-333333333333",
     "workspace_name": "Try-out", "workspace_description": "", "workspace_handle": "dev"}
]"#;

const CLOUD: &[Answer] = &[("GET /api/me/workspaces", 200, WORKSPACES)];

const CLOSED: &[Answer] =
    &[("GET /api/me/workspaces", 401, r#"{"detail":"Invalid authentication credentials"}"#)];

/// A user whose Prefect Cloud is a stand-in.
fn terminal(cloud: &StandIn) -> Terminal {
    let mut terminal = Terminal::new();
    terminal.hide(cloud.url(), "http://cloud");
    terminal.run(&format!("config set FLOWKIT_CLOUD_API_URL={}/api", cloud.url()));
    terminal
}

#[test]
fn key_is_checked_and_a_workspace_chosen() {
    let cloud = StandIn::giving(CLOUD);
    let mut terminal = terminal(&cloud);
    fs::write(terminal.path("key"), "pnu_of_this_user\n").expect("written");

    terminal.run("cloud workspace ls");
    terminal.run("cloud login --key-from key");
    terminal.run("cloud workspace ls");
    terminal.run("cloud workspace set --workspace acme/prdo");
    terminal.run("cloud workspace set --workspace acme/prod");
    terminal.run("cloud workspace ls --output json");
    terminal.run("config view");
    terminal.run("cloud logout");
    terminal.run("profile inspect");

    insta::assert_snapshot!(terminal.transcript());
    assert_eq!(cloud.asked()[0], "GET /api/me/workspaces Bearer pnu_of_this_user");
}

#[test]
fn key_that_is_not_known_is_not_kept() {
    let cloud = StandIn::giving(CLOSED);
    let mut terminal = terminal(&cloud);
    fs::write(terminal.path("key"), "pnu_of_nobody").expect("written");

    terminal.run("cloud login --key-from key");
    terminal.run("cloud login");
    terminal.run("profile inspect");

    insta::assert_snapshot!(terminal.transcript());
}

const PREFECT: &[Answer] =
    &[("GET /api/admin/version", 200, "\"3.8.8\""), ("POST /api/flows/filter", 200, "[]")];

const GUARDED: &[Answer] = &[
    ("GET /api/admin/version", 401, r#"{"exception_message":"Unauthorized"}"#),
    ("GET /api/flowkit", 401, r#"{"exception_message":"Unauthorized"}"#),
];

#[test]
fn profile_that_is_used_is_connected() {
    let (prefect, guarded) = (StandIn::giving(PREFECT), StandIn::giving(GUARDED));
    let mut terminal = Terminal::new();
    terminal.hide(prefect.url(), "http://prefect");
    terminal.hide(guarded.url(), "http://guarded");
    for (name, url) in [("theirs", prefect.url()), ("guarded", guarded.url())] {
        terminal.run(&format!("profile create {name}"));
        terminal.run(&format!("-p {name} config set FLOWKIT_API_URL={url}/api"));
    }

    terminal.run("profile use theirs");
    terminal.run("flow-run ls");
    terminal.run("profile use theirs --output json");
    terminal.run("profile use guarded");
    terminal.run("flow-run ls");
    terminal.run("profile use default");

    insta::assert_snapshot!(terminal.transcript());
}
