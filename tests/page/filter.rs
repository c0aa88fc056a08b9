//! Lists show what their address asks for.

use std::time::Duration;

use flowkit::api::Client;
use flowkit::model::{Level, State};

use super::{Run, log, task_run, tell};
use crate::support::Site;

/// Makes runs that differ in all that can be asked for.
async fn fill(client: &Client) {
    let now = client.clock().now();
    let day = Duration::from_secs(24 * 60 * 60);
    Run { tags: &["nightly", "io"], ..Run::new("brave-otter", State::completed(now)) }
        .make(client)
        .await;
    Run { flow: "sums", ..Run::new("calm-heron", State::failed("no", now)) }.make(client).await;
    Run { tags: &["io"], ..Run::new("quick-lynx", State::running(now)) }.make(client).await;
    Run { age: day * 3, ..Run::new("lazy-mole", State::crashed("gone", now)) }.make(client).await;
}

#[track_caller]
fn check(path: &str, html: &str, expected: &[&str]) {
    for name in ["brave-otter", "calm-heron", "quick-lynx", "lazy-mole"] {
        let is_listed = html.contains(&format!("\">{name}</a>"));
        assert_eq!(is_listed, expected.contains(&name), "{path}: {name}");
    }
}

#[tokio::test]
async fn runs_are_listed_by_state_flow_tag_time_and_name() {
    let site = Site::start().await;
    fill(site.client()).await;

    for (path, expected) in [
        ("/", &["brave-otter", "calm-heron", "quick-lynx"][..]),
        ("/?range=7d", &["brave-otter", "calm-heron", "quick-lynx", "lazy-mole"]),
        ("/?range=all&state=wrong", &["calm-heron", "lazy-mole"]),
        ("/?state=failed", &["calm-heron"]),
        ("/?state=running", &["quick-lynx"]),
        ("/?state=Completed", &["brave-otter"]),
        ("/?state=crashed", &["lazy-mole"]),
        ("/?flow=sums", &["calm-heron"]),
        ("/?flow=sum", &["calm-heron"]),
        ("/?flow=nope", &[]),
        ("/?tag=io", &["brave-otter", "quick-lynx"]),
        ("/?tag=io,nightly", &["brave-otter"]),
        ("/?tag=i", &[]),
        ("/?q=HERON", &["calm-heron"]),
        ("/?q=%25", &[]),
        ("/?tag=io&state=running&q=quick", &["quick-lynx"]),
        (
            "/?range=nonsense&before=nonsense&from=x&to=y",
            &["brave-otter", "calm-heron", "quick-lynx"],
        ),
    ] {
        check(path, &site.read(path).await, expected);
    }
}

#[tokio::test]
async fn chart_counts_what_is_asked_for_and_leads_to_a_span() {
    let site = Site::start().await;
    fill(site.client()).await;

    let html = site.read("/?range=7d&flow=etl").await;

    assert!(html.contains("<b>3 runs</b>"), "{html}");
    let (_, bar) = html.split_once("<a href=\"/?flow=etl&amp;from=").expect("a bar");
    let (from, _) = bar.split_once('"').expect("its end");
    let link = format!("/?flow=etl&from={}", from.replace("&amp;", "&"));
    check(&link, &site.read(&link).await, &["lazy-mole"]);
}

#[tokio::test]
async fn older_runs_are_a_page_away() {
    let site = Site::start().await;
    let now = site.client().clock().now();
    for number in 0..60_u64 {
        let name = format!("run-{number:02}");
        let age = Duration::from_secs(60 - number);
        Run { age, ..Run::new(&name, State::completed(now)) }.make(site.client()).await;
    }

    let first = site.read("/").await;

    assert!(first.contains(">run-59</a>") && !first.contains(">run-09</a>"));
    let (before, _) = first.split_once("\" rel=\"next\"").expect("a next page");
    let link = before.rsplit_once("href=\"").expect("its address").1.replace("&amp;", "&");
    let second = site.read(&link).await;
    assert!(second.contains(">run-09</a>") && !second.contains(">run-10</a>"), "{second}");
    assert!(second.contains("← Newest"));
}

#[tokio::test]
async fn subflows_are_listed_when_they_are_asked_for() {
    let site = Site::start().await;
    let client = site.client();
    let now = client.clock().now();
    let around = Run::new("brave-otter", State::completed(now)).make(client).await;
    let mut stands_for = task_run(around, 1, "sums-0", State::completed(now));
    let inner = Run { flow: "sums", ..Run::new("calm-heron", State::completed(now)) };
    let inner = inner.make_below(client, stands_for.id).await;
    if let Some(state) = stands_for.states.last_mut() {
        state.details_mut().child_flow_run_id = Some(inner);
    }
    tell(client, vec![stands_for]).await;

    check("/", &site.read("/").await, &["brave-otter"]);
    check("/?sub=1", &site.read("/?sub=1").await, &["brave-otter", "calm-heron"]);
    let page = site.read(&format!("/flow-runs/{around}")).await;
    assert!(page.contains(&format!("href=\"/flow-runs/{inner}\">calm-heron")), "{page}");
    let below = site.read(&format!("/flow-runs/{inner}")).await;
    assert!(below.contains(&format!("href=\"/flow-runs/{around}\">brave-otter")), "{below}");
}

#[tokio::test]
async fn task_runs_and_lines_of_a_run_are_narrowed_down() {
    let site = Site::start().await;
    let client = site.client();
    let now = client.clock().now();
    let id = Run::new("brave-otter", State::running(now)).make(client).await;
    let runs = vec![
        task_run(id, 1, "load-1", State::completed(now)),
        task_run(id, 2, "load-2", State::failed("no", now)),
        task_run(id, 3, "sum-1", State::running(now)),
    ];
    tell(client, runs).await;
    log(client, id, 1, Level::Info, "all is well").await;
    log(client, id, 2, Level::Warn, "the disk is nearly full").await;

    let rows = async |query: &str| {
        let html = site.read(&format!("/flow-runs/{id}?{query}")).await;
        let (_, rows) = html.split_once("id=\"task-rows\"").expect("the table");
        let rows = rows.split_once("</section>").expect("its end").0.to_owned();
        ["load-1", "load-2", "sum-1"].map(|name| rows.contains(&format!(">{name}</a>")))
    };
    assert_eq!(rows("").await, [true, true, true]);
    assert_eq!(rows("state=failed").await, [false, true, false]);
    assert_eq!(rows("state=running&task=SUM").await, [false, false, true]);
    assert_eq!(rows("state=cancelled").await, [false, false, false]);

    let lines = async |query: &str| {
        let html = site.read(&format!("/flow-runs/{id}?{query}")).await;
        ["all is well", "the disk is nearly full"].map(|line| html.contains(line))
    };
    assert_eq!(lines("").await, [true, true]);
    assert_eq!(lines("level=warning").await, [false, true]);
    assert_eq!(lines("log=WELL").await, [true, false]);
    assert_eq!(lines("level=error").await, [false, false]);
}
