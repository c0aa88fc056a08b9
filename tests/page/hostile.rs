//! What users write is text, wherever it is shown.

use flowkit::model::{ArtifactKind, Level, State};
use flowkit::wire::{SetConcurrencyLimit, SetVariable, UpdateFlowRun};
use serde_json::json;

use super::{Run, artifact, log, task_run, tell};
use crate::support::Site;

/// Breaks out of elements, of attributes in either quotes, and of comments.
const HOSTILE: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>--><a b=\"";

#[track_caller]
fn check(path: &str, html: &str) {
    for harm in ["<script>alert", "<img", "><a b=", "\"'>"] {
        assert!(!html.contains(harm), "{path}: {harm}\n{html}");
    }
    assert!(html.contains("alert(1)"), "{path} does not show it at all:\n{html}");
}

#[tokio::test]
async fn hostile_text_is_shown_as_text() {
    let site = Site::start().await;
    let client = site.client();
    let now = client.clock().now();
    let mut state = State::failed(HOSTILE, now);
    state.name = HOSTILE.to_owned().into();
    let run = Run { flow: HOSTILE, tags: &[HOSTILE], ..Run::new(HOSTILE, state.clone()) };
    let id = run.make(client).await;
    let rename = UpdateFlowRun { name: Some(HOSTILE.into()), ..update(id) };
    client.call(rename).await.expect("it is renamed");
    let mut told = task_run(id, 1, HOSTILE, state);
    told.task_inputs = Some(
        json!({ HOSTILE: [{ "input_type": "parameter", "name": HOSTILE },
            { "input_type": "constant", "type": HOSTILE }] })
        .to_string(),
    );
    told.result = Some(format!("={}", json!({ HOSTILE: HOSTILE })));
    told.extra_tags = vec![HOSTILE.to_owned()];
    let task_run_id = told.id;
    tell(client, vec![told]).await;
    log(client, id, 3, Level::Error, HOSTILE).await;
    let flow = client.call(flowkit::wire::ReadFlowRun { id }).await.expect("the run").flow_id;

    for path in [
        "/?range=all".to_owned(),
        format!("/flow-runs/{id}"),
        format!("/task-runs/{task_run_id}"),
        "/flows".to_owned(),
        format!("/flows/{flow}"),
        "/search?q=alert(1)".to_owned(),
    ] {
        check(&path, &site.read(&path).await);
    }
}

fn update(id: flowkit::model::FlowRunId) -> UpdateFlowRun {
    serde_json::from_value(json!({ "id": id })).expect("a change of nothing")
}

#[tokio::test]
async fn hostile_artifacts_variables_and_limits_are_shown_as_text() {
    let site = Site::start().await;
    let client = site.client();
    let variable = SetVariable {
        name: "hostile".into(),
        value: json!(HOSTILE),
        tags: vec![HOSTILE.into()],
        overwrite: false,
    };
    client.call(variable).await.expect("it is kept");
    let limit = SetConcurrencyLimit {
        scope: flowkit::model::LimitScope::Tag,
        name: HOSTILE.into(),
        limit: 1,
    };
    client.call(limit).await.expect("it is kept");
    let kinds = [
        (ArtifactKind::Markdown, json!(HOSTILE)),
        (ArtifactKind::Table, json!([{ HOSTILE: HOSTILE }])),
        (ArtifactKind::Link, json!(format!("[{HOSTILE}](javascript:alert(1))"))),
        (ArtifactKind::Image, json!(HOSTILE)),
        (ArtifactKind::Markdown, json!({ "alert(1)": HOSTILE })),
    ];
    for (number, (kind, data)) in (1..).zip(kinds) {
        let id = artifact(client, number, kind, &format!("hostile-{number}"), data).await;
        let path = format!("/artifacts/{id}");
        let html = site.read(&path).await;
        check(&path, &html);
        assert!(!html.contains("href=\"javascript:"), "{html}");
    }

    for path in ["/variables", "/concurrency", "/artifacts"] {
        check(path, &site.read(path).await);
    }
}

#[tokio::test]
async fn hostile_addresses_are_shown_as_text() {
    let site = Site::start().await;
    let hostile: String = HOSTILE.bytes().map(|byte| format!("%{byte:02X}")).collect();

    for path in [
        format!("/?q={hostile}&flow={hostile}&tag={hostile}&state={hostile}"),
        format!("/search?q={hostile}"),
        format!("/flows?q={hostile}"),
        format!("/variables?q={hostile}"),
        format!("/flow-runs/{hostile}"),
        format!("/{hostile}"),
    ] {
        let page = site.get(&path).await;
        assert!([200, 404].contains(&page.status), "{path}: {}", page.status);
        for harm in ["<script>alert", "<img", "\"'>"] {
            assert!(!page.html.contains(harm), "{path}: {harm}\n{}", page.html);
        }
    }
}

#[test]
fn no_template_prints_anything_as_it_is() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../flowkit/templates");
    for template in std::fs::read_dir(folder).expect("templates") {
        let path = template.expect("a template").path();
        let text = std::fs::read_to_string(&path).expect("a text");
        for word in ["|safe", "| safe", "escape(", "autoescape"] {
            assert!(!text.contains(word), "{} holds {word}", path.display());
        }
    }
}
