//! Artifacts, variables and spans: what runs leave for others.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use flowkit::model::ArtifactKind;
use flowkit::prelude::*;
use flowkit::wire::FilterArtifacts;
use flowkit::{artifact, variable};
use serde::Serialize;
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::support::Scratch;

#[derive(Serialize)]
struct Row {
    name: &'static str,
    orders: u32,
}

#[task]
async fn report() -> flowkit::Result<()> {
    artifact::markdown("summary", "# All is well").await?;
    artifact::table("customers", &[Row { name: "Ada", orders: 3 }]).await?;
    artifact::link("dashboard", "https://example.com", Some("Dashboard")).await?;
    artifact::image("chart", "https://example.com/chart.png").await?;
    let progress = artifact::progress("loading", "Files loaded", 0.0).await?;
    progress.set(150.0).await?;
    let refused = artifact::markdown("Not A Key", "text").await.expect_err("a wrong key");
    assert_eq!(refused.kind(), flowkit::ErrorKind::Invalid);
    Ok(())
}

#[flow]
async fn reporting() -> flowkit::Result<()> {
    report().await
}

#[tokio::test]
async fn artifacts_belong_to_the_run_that_left_them() {
    let scratch = Scratch::new().await;
    scratch.hold(async { reporting().await }).await.expect("completed");
    let run = scratch.task_run("report-0").await;
    let client = scratch.runtime().client();
    let mut all = client.call(FilterArtifacts::default()).await.expect("answered");
    all.sort_by_key(|artifact| artifact.id);
    assert!(all.iter().all(|artifact| artifact.task_run_id == Some(run.id)));
    assert!(all.iter().all(|artifact| artifact.flow_run_id == run.flow_run_id));
    let told: Vec<_> =
        all.iter().map(|artifact| (artifact.kind.clone(), artifact.data.clone())).collect();
    let expected = [
        (ArtifactKind::Markdown, json!("# All is well")),
        (ArtifactKind::Table, json!([{ "name": "Ada", "orders": 3 }])),
        (ArtifactKind::Link, json!("[Dashboard](https://example.com)")),
        (ArtifactKind::Image, json!("https://example.com/chart.png")),
        (ArtifactKind::Progress, json!(100.0)),
    ];
    assert_eq!(told, expected);
}

#[flow]
async fn remembering() -> flowkit::Result<()> {
    assert_eq!(variable::get::<u32>("last-page").await?, None);
    variable::set("last-page", &7).await?;
    variable::set("last-page", &8).await?;
    assert_eq!(variable::get("last-page").await?, Some(8));
    let wrong = variable::get::<String>("last-page").await.expect_err("it is a number");
    assert!(wrong.to_string().contains("variable `last-page` is no"), "{wrong}");
    variable::unset("last-page").await?;
    assert_eq!(variable::get::<u32>("last-page").await?, None);
    Ok(())
}

#[tokio::test]
async fn variables_are_shared_by_name() {
    let scratch = Scratch::new().await;
    scratch.hold(async { remembering().await }).await.expect("completed");
}

/// Notes the fields of every span, as an OpenTelemetry layer would.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<BTreeMap<u64, BTreeMap<&'static str, String>>>>);

impl Spans {
    fn note(&self, id: &Id, record: impl FnOnce(&mut Fields<'_>)) {
        let mut spans = self.0.lock().expect("not poisoned");
        record(&mut Fields(spans.entry(id.into_u64()).or_default()));
    }
}

struct Fields<'a>(&'a mut BTreeMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}").trim_matches('"').to_owned());
    }
}

impl<S: tracing::Subscriber> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _context: Context<'_, S>) {
        self.note(id, |fields| {
            fields.0.insert("span", attributes.metadata().name().to_owned());
            attributes.record(fields);
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _context: Context<'_, S>) {
        self.note(id, |fields| values.record(fields));
    }
}

#[tokio::test]
async fn every_run_is_a_span_with_stable_field_names() {
    let scratch = Scratch::new().await;
    let spans = Spans::default();
    let flowkit_layer = flowkit::log::layer(scratch.runtime().settings());
    let subscriber = tracing_subscriber::registry().with(flowkit_layer).with(spans.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    scratch.hold(async { reporting().await }).await.expect("completed");
    let (flow_run, task_run) = (scratch.only_flow_run().await, scratch.task_run("report-0").await);
    let spans = spans.0.lock().expect("not poisoned").clone();
    let ours: Vec<_> =
        spans.into_values().filter(|fields| fields.contains_key("otel.name")).collect();
    let flow = BTreeMap::from([
        ("span", "flow_run".to_owned()),
        ("otel.name", flow_run.name.clone()),
        ("flow.name", "reporting".to_owned()),
        ("flow_run.id", flow_run.id.to_string()),
        ("flow_run.name", flow_run.name.clone()),
    ]);
    let task = BTreeMap::from([
        ("span", "task_run".to_owned()),
        ("otel.name", "report-0".to_owned()),
        ("task.name", "report".to_owned()),
        ("task_run.id", task_run.id.to_string()),
        ("task_run.name", "report-0".to_owned()),
        ("flow_run.id", flow_run.id.to_string()),
    ]);
    assert_eq!(ours, [flow, task]);
}
