//! Each page is there, says what it is about, and asks nobody else for anything.

use flowkit::model::{ArtifactKind, Level, State};
use flowkit::wire::SetVariable;
use serde_json::json;

use super::{Run, artifact, log, task_run, tell};
use crate::support::Site;

#[tokio::test]
async fn empty_pages_say_what_to_do() {
    let site = Site::start().await;

    for (path, advice) in [
        ("/", "Call a flow, and it appears here by itself."),
        ("/flows", "No flow has run yet."),
        ("/artifacts", "flowkit::artifact::markdown"),
        ("/variables", "There is no variable."),
        ("/concurrency", "There is no limit."),
        ("/settings", "All settings of this server"),
        ("/search?q=otter", "Nothing has that name or id."),
    ] {
        let html = site.read(path).await;
        assert!(html.contains(advice), "{path}: {html}");
    }
}

#[tokio::test]
async fn failed_run_says_why_in_the_list_and_first_on_its_page() {
    let site = Site::start().await;
    let client = site.client();
    let now = client.clock().now();
    let id = Run::new("brave-otter", State::failed("the disk is full", now)).make(client).await;
    let failed = task_run(id, 1, "load-7", State::failed("no room for part 7", now));
    let task_run_id = failed.id;
    tell(client, vec![task_run(id, 0, "load-0", State::completed(now)), failed]).await;
    log(client, id, 2, Level::Error, "the disk said no").await;

    let list = site.read("/").await;
    let page = site.read(&format!("/flow-runs/{id}")).await;

    assert!(list.contains("brave-otter") && list.contains("the disk is full"), "{list}");
    assert!(list.contains("1 ✕ of 2"), "{list}");
    for said in ["brave-otter", "the disk is full", "What went wrong", "no room for part 7"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(page.contains("the disk said no") && page.contains("monday"), "{page}");
    assert!(page.contains(&format!("href=\"/task-runs/{task_run_id}\"")), "{page}");
}

#[tokio::test]
async fn task_run_shows_where_its_inputs_came_from_and_what_it_returned() {
    let site = Site::start().await;
    let client = site.client();
    let now = client.clock().now();
    let flow_run = Run::new("brave-otter", State::completed(now)).make(client).await;
    let first = task_run(flow_run, 1, "read-0", State::completed(now));
    let mut second = task_run(flow_run, 2, "sum-0", State::completed(now));
    let input = json!({ "rows": [{ "input_type": "task_run", "id": first.id }] });
    second.task_inputs = Some(input.to_string());
    second.result = Some("={\"sum\":42}".into());
    let (upstream, id) = (first.id, second.id);
    tell(client, vec![first, second]).await;

    let page = site.read(&format!("/task-runs/{id}")).await;

    assert!(page.contains(&format!("href=\"/task-runs/{upstream}\">read-0")), "{page}");
    assert!(page.contains("&#34;sum&#34;: 42"), "{page}");
    let picture = site.read(&format!("/flow-runs/{flow_run}")).await;
    assert!(picture.contains("class=\"edge\""), "the edge between the two is drawn");
}

#[tokio::test]
async fn artifacts_are_shown_as_their_kind_wants() {
    let site = Site::start().await;
    let client = site.client();
    let markdown =
        artifact(client, 1, ArtifactKind::Markdown, "report", json!("# All *well*")).await;
    let table = json!([{ "name": "Ada", "visits": 3 }]);
    let table = artifact(client, 2, ArtifactKind::Table, "guests", table).await;
    let image = json!("https://pictures.example/cat.png");
    let image = artifact(client, 3, ArtifactKind::Image, "cat", image).await;
    let newer = artifact(client, 4, ArtifactKind::Markdown, "report", json!("newer")).await;

    let page = site.read(&format!("/artifacts/{markdown}")).await;
    assert!(page.contains("<h1>All <em>well</em></h1>"), "{page}");
    assert!(page.contains(&format!("href=\"/artifacts/{newer}\"")), "the other version: {page}");
    let page = site.read(&format!("/artifacts/{table}")).await;
    assert!(page.contains("<td class=\"num\">3</td>"), "{page}");
    let page = site.read(&format!("/artifacts/{image}")).await;
    assert!(page.contains("Show the picture") && !page.contains("<img"), "{page}");
    let latest = site.get("/artifacts/key/report").await;
    assert_eq!(latest.location(), format!("/artifacts/{newer}"));
}

#[tokio::test]
async fn what_is_not_there_is_said_with_advice() {
    let site = Site::start().await;
    let nowhere = "01890000-0000-7000-8000-000000000000";

    for path in [
        "/nope".to_owned(),
        format!("/flow-runs/{nowhere}"),
        format!("/task-runs/{nowhere}"),
        format!("/flows/{nowhere}"),
        format!("/artifacts/{nowhere}"),
        "/flow-runs/brave-otter".to_owned(),
        "/artifacts/key/nope".to_owned(),
    ] {
        let page = site.get(&path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.html.contains("not found") && page.html.contains("All runs"), "{path}");
    }
}

#[tokio::test]
async fn addresses_that_prefect_prints_lead_here() {
    let site = Site::start().await;

    for (theirs, ours) in [
        ("/runs/flow-run/7", "/flow-runs/7"),
        ("/flow-runs/flow-run/7", "/flow-runs/7"),
        ("/runs/task-run/7", "/task-runs/7"),
        ("/task-runs/task-run/7", "/task-runs/7"),
        ("/flows/flow/7", "/flows/7"),
        ("/runs", "/"),
    ] {
        let page = site.get(theirs).await;
        assert_eq!((page.status, page.location()), (308, ours), "{theirs}");
    }
}

#[tokio::test]
async fn browser_may_fetch_nothing_from_elsewhere_and_keeps_assets_for_good() {
    let site = Site::start().await;

    let page = site.get("/").await;

    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"));
    assert!(!page.html.contains("style=") && !page.html.contains("onclick"), "{}", page.html);
    let outside = page.html.split("http").skip(1).find(|rest| rest.starts_with(['s', ':']));
    assert_eq!(outside, None, "no address of another host");
    for attribute in ["href=\"/assets/", "src=\"/assets/"] {
        let (_, rest) = page.html.split_once(attribute).expect("an asset");
        let (name, _) = rest.split_once('"').expect("its end");
        let asset = site.get(&format!("/assets/{name}")).await;
        assert_eq!(
            (asset.status, asset.header("cache-control")),
            (200, "max-age=31536000, immutable")
        );
    }
    assert_eq!(site.get("/assets/page-0.css").await.status, 404);
}

#[tokio::test]
async fn search_leads_to_the_one_run_that_is_meant() {
    let site = Site::start().await;
    let client = site.client();
    let now = client.clock().now();
    let id = Run::new("brave-otter", State::completed(now)).make(client).await;
    Run { flow: "sums", ..Run::new("calm-otter", State::completed(now)) }.make(client).await;

    for wanted in ["brave-otter", "etl/brave-otter", &id.to_string(), "brave"] {
        let page = site.get(&format!("/search?q={wanted}")).await;
        assert_eq!(page.location(), format!("/flow-runs/{id}"), "{wanted}");
    }
    let both = site.read("/search?q=otter").await;
    assert!(both.contains("brave-otter") && both.contains("calm-otter"), "{both}");
}

#[tokio::test]
async fn secret_settings_are_not_shown() {
    let site = Site::start().await;
    let secret = SetVariable {
        name: "plain".into(),
        value: json!({ "a": 1 }),
        tags: Vec::new(),
        overwrite: false,
    };
    site.client().call(secret).await.expect("it is kept");

    let settings = site.read("/settings").await;
    let variables = site.read("/variables").await;

    assert!(settings.contains("FLOWKIT_API_KEY") && settings.contains("not set"), "{settings}");
    assert!(variables.contains("{&#34;a&#34;:1}"), "{variables}");
}
