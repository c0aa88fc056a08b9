//! Open pages are told of changes, whoever made them.

use flowkit::model::{Level, State};
use flowkit::wire::SetFlowRunState;

use super::{Run, log, task_run, tell};
use crate::support::Site;

/// What a page is told, event by event.
struct Ear(reqwest::Response);

impl Ear {
    async fn of(site: &Site, page: &str) -> Self {
        let page: String = page.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let mut ear = Self(site.listen(&format!("/live?page={page}")).await);
        // Whoever begins to listen is told at once.
        ear.hear().await;
        ear
    }

    /// Waits until the page is told of a change.
    async fn hear(&mut self) {
        loop {
            let said = self.0.chunk().await.expect("it can be read").expect("it goes on");
            if String::from_utf8_lossy(&said).contains("event: change") {
                return;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn list_of_runs_is_told_of_what_other_processes_do() {
    let site = Site::start().await;
    let other = site.other_process().await;
    let mut ear = Ear::of(&site, "/").await;

    let now = other.clock().now();
    let id = Run::new("brave-otter", State::pending(now)).make(&other).await;
    ear.hear().await;
    let state = State::running(now);
    other.call(SetFlowRunState { id, state, force: false }).await.expect("it runs");
    ear.hear().await;
    tell(&other, vec![task_run(id, 1, "load-0", State::completed(now))]).await;
    ear.hear().await;

    assert!(site.read("/").await.contains("brave-otter"));
}

#[tokio::test(flavor = "multi_thread")]
async fn page_of_a_run_is_told_of_its_states_task_runs_and_lines() {
    let site = Site::start().await;
    let client = site.client();
    let now = client.clock().now();
    let id = Run::new("brave-otter", State::running(now)).make(client).await;
    let mut ear = Ear::of(&site, &format!("/flow-runs/{id}?level=info")).await;

    log(client, id, 1, Level::Info, "one more").await;
    ear.hear().await;
    tell(client, vec![task_run(id, 1, "load-0", State::completed(now))]).await;
    ear.hear().await;
    let state = State::completed(now);
    client.call(SetFlowRunState { id, state, force: false }).await.expect("it ends");
    ear.hear().await;
}
