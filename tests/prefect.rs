//! The real Prefect: what its clients and its server make of our flows, and what they make of us.

use std::fs;

use crate::support::{
    Account, Api, Examples, FlowkitServer, Known, Prefect, PrefectServer, assert_differences,
    settle,
};

/// Runs our Python flows with that version's client on a server.
fn run_all(version: Prefect, api: &Api) {
    version.run("hello.py", api);
    version.run("everything.py", api);
}

/// What Prefect's own server of that version says of them.
fn truth(version: Prefect) -> Account {
    let file = format!(
        "{}/snapshots/all__prefect__prefect_{}.snap",
        env!("CARGO_MANIFEST_DIR"),
        version.name()
    );
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    Account::from_snapshot(&text)
}

/// One server for all, since its start takes long.
async fn check_prefect(version: Prefect) {
    let server = PrefectServer::start(version).await;
    let api = server.api();

    run_all(version, api);
    settle(api).await;
    let account = Account::read(api).await;
    let known = Known::to(api).await;
    let examples = Examples::new();
    let reports = ["hello", "etl"].map(|name| examples.run_reporting(name, api.url()));
    settle(api).await;
    let of_flowkit = Account::read_new(api, &known).await;

    for report in reports {
        assert!(report.status.success(), "{}", String::from_utf8_lossy(&report.stderr));
    }
    let name = version.name();
    insta::assert_snapshot!(format!("prefect_{name}"), account);
    insta::assert_snapshot!(format!("flowkit_at_prefect_{name}"), of_flowkit);
}

async fn check_flowkit(version: Prefect) {
    let server = FlowkitServer::start();

    run_all(version, server.api());

    let account = Account::read(server.api()).await;
    // What still differs is written down, so that each line that goes is seen and none comes back.
    let differences = truth(version).differences(&account);
    assert_differences(&format!("differences_{}", version.name()), differences);
}

#[tokio::test]
async fn prefect_2_6_5_is_told_by_python_and_rust() {
    check_prefect(Prefect::V2Early).await;
}

#[tokio::test]
async fn prefect_2_20_is_told_by_python_and_rust() {
    check_prefect(Prefect::V2Late).await;
}

#[tokio::test]
async fn prefect_3_is_told_by_python_and_rust() {
    check_prefect(Prefect::V3).await;
}

#[tokio::test]
async fn prefect_2_6_5_finds_flowkit_the_same() {
    check_flowkit(Prefect::V2Early).await;
}

#[tokio::test]
async fn prefect_2_20_finds_flowkit_the_same() {
    check_flowkit(Prefect::V2Late).await;
}

#[tokio::test]
async fn prefect_3_finds_flowkit_the_same() {
    check_flowkit(Prefect::V3).await;
}
