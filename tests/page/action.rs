//! What can be done on the pages is done, and only by whoever looks at them.

use flowkit::ErrorKind;
use flowkit::model::{LimitScope, State, StateType};
use flowkit::wire::{
    FilterConcurrencyLimits, FilterVariables, ReadFlowRun, ReadFlowRunStates, ReadVariable,
};
use serde_json::json;

use super::Run;
use crate::support::Site;

#[tokio::test]
async fn runs_are_paused_resumed_and_cancelled() {
    let site = Site::start().await;
    let client = site.client();
    let now = client.clock().now();
    let id = Run::new("brave-otter", State::running(now)).make(client).await;
    let path = format!("/flow-runs/{id}");

    for (action, state) in [("pause", "Paused"), ("resume", "Running"), ("cancel", "Cancelling")] {
        assert!(
            site.read(&path).await.contains(&format!("action=\"{path}/{action}\"")),
            "{action}"
        );
        let page = site.send(&format!("{path}/{action}"), &[]).await;
        assert_eq!((page.status, page.location()), (303, path.as_str()), "{}", page.html);
        let run = client.call(ReadFlowRun { id }).await.expect("the run");
        assert_eq!(run.state.expect("a state").name, state);
    }
}

#[tokio::test]
async fn run_that_nobody_began_is_cancelled_at_once_and_deleted() {
    let site = Site::start().await;
    let client = site.client();
    let now = client.clock().now();
    let id = Run::new("brave-otter", State::pending(now)).make(client).await;

    site.send(&format!("/flow-runs/{id}/cancel"), &[]).await;
    let run = client.call(ReadFlowRun { id }).await.expect("the run");
    let deleted = site.send(&format!("/flow-runs/{id}/delete"), &[]).await;

    assert_eq!(run.state_type(), StateType::Cancelled);
    assert_eq!(deleted.location(), "/");
    let gone = client.call(ReadFlowRun { id }).await.expect_err("it is gone");
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn what_the_rules_refuse_is_said_with_the_reason() {
    let site = Site::start().await;
    let client = site.client();
    let now = client.clock().now();
    let id = Run::new("brave-otter", State::completed(now)).make(client).await;

    let page = site.send(&format!("/flow-runs/{id}/pause"), &[]).await;

    assert_eq!(page.status, 403, "{}", page.html);
    assert!(page.html.contains("Refused") && page.html.contains("already"), "{}", page.html);
    let states = client.call(ReadFlowRunStates { id }).await.expect("its states");
    assert_eq!(states.len(), 1);
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let site = Site::start().await;
    let client = site.client();
    let now = client.clock().now();
    let id = Run::new("brave-otter", State::running(now)).make(client).await;

    for from in ["cross-site", "same-site"] {
        for (path, form) in [
            (format!("/flow-runs/{id}/cancel"), &[][..]),
            ("/variables".to_owned(), &[("name", "a"), ("value", "1")]),
            ("/concurrency".to_owned(), &[("scope", "tag"), ("name", "a"), ("limit", "1")]),
        ] {
            let page = site.send_from(&path, form, from).await;
            assert_eq!(page.status, 403, "{path} from {from}");
            assert!(page.html.contains("sent by another site"), "{}", page.html);
        }
    }
    let run = client.call(ReadFlowRun { id }).await.expect("the run");
    assert_eq!(run.state_type(), StateType::Running);
    assert_eq!(client.call(FilterVariables::default()).await.expect("variables"), []);
}

#[tokio::test]
async fn variables_are_made_changed_and_deleted() {
    let site = Site::start().await;
    let client = site.client();
    let value = async || {
        let read = ReadVariable { name: "limits".into() };
        client.call(read).await.expect("it is there").value
    };

    let name = ("name", "limits");
    site.send("/variables", &[name, ("value", "{\"rows\": 7}"), ("tags", "a, b")]).await;
    assert_eq!(value().await, json!({ "rows": 7 }));
    let again = site.send("/variables", &[name, ("value", "x")]).await;
    assert_eq!((again.status, value().await), (409, json!({ "rows": 7 })));
    site.send("/variables", &[name, ("value", "plain text"), ("overwrite", "1")]).await;
    assert_eq!(value().await, json!("plain text"));
    site.send("/variables/delete", &[name]).await;
    assert_eq!(client.call(FilterVariables::default()).await.expect("variables"), []);

    let wrong = site.send("/variables", &[("name", "Not Allowed"), ("value", "1")]).await;
    assert_eq!(wrong.status, 422, "{}", wrong.html);
}

#[tokio::test]
async fn limits_are_set_and_deleted() {
    let site = Site::start().await;
    let client = site.client();
    let limits = async || {
        let all = client.call(FilterConcurrencyLimits::default()).await.expect("limits");
        all.into_iter().map(|limit| (limit.scope, limit.name, limit.limit)).collect::<Vec<_>>()
    };

    let of = [("scope", "tag"), ("name", "io")];
    site.send("/concurrency", &[of[0], of[1], ("limit", "3")]).await;
    assert_eq!(limits().await, [(LimitScope::Tag, "io".to_owned(), 3)]);
    let wrong = site.send("/concurrency", &[of[0], of[1], ("limit", "many")]).await;
    assert_eq!(wrong.status, 422);
    assert!(site.read("/concurrency").await.contains("0 of 3"));
    assert_eq!(site.send("/concurrency/reset", &of).await.status, 303);
    site.send("/concurrency/delete", &of).await;
    assert_eq!(limits().await, []);
}
