//! The real Prefect: what its clients and its server make of our flows, and what they make of us.

use crate::support::{Account, Api, Examples, Known, Prefect, PrefectServer, settle};

/// Runs our Python flows with that version's client on a server.
fn run_all(version: Prefect, api: &Api) {
    version.run("hello.py", api);
    version.run("everything.py", api);
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
