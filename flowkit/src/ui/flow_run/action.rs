//! Actions: what somebody who looks at a flow run can have done with it.

use axum::extract::{Path, State as Shared};

use super::read_id;
use crate::api::Client;
use crate::model::{FlowRun, FlowRunId, State, StateType};
use crate::ui::frame::{Answer, see};
use crate::wire::{
    ClaimFlowRun, DeleteFlowRun, LeaseHolder, ReadFlowRun, ReleaseFlowRun, SetFlowRunState,
    SetStateAnswer,
};
use crate::{Error, ErrorKind, Result};

/// Why a run ended, as its state tells.
const CANCELLED: &str = "cancelled on the page";

/// Something that can be done with a run as it stands.
pub(super) struct Action {
    pub(super) word: &'static str,
    pub(super) name: &'static str,
    /// What it does, for whoever is about to do it.
    pub(super) meaning: &'static str,
    pub(super) is_dangerous: bool,
}

const CANCEL: Action = Action {
    word: "cancel",
    name: "Cancel",
    meaning: "Its process stops it: async tasks at their next await, others when they look at their token.",
    is_dangerous: true,
};

const PAUSE: Action = Action {
    word: "pause",
    name: "Pause",
    meaning: "What runs goes on to its end; no further task starts until somebody resumes the run.",
    is_dangerous: false,
};

const RESUME: Action = Action {
    word: "resume",
    name: "Resume",
    meaning: "The run goes on where it waits.",
    is_dangerous: false,
};

const DELETE: Action = Action {
    word: "delete",
    name: "Delete",
    meaning: "The run goes with its task runs, states, logs and artifacts. It cannot be brought back.",
    is_dangerous: true,
};

/// What can be done with a run as it stands.
pub(super) fn offered(run: &FlowRun) -> Vec<Action> {
    match run.state_type() {
        StateType::Paused => vec![RESUME, CANCEL],
        StateType::Running => vec![PAUSE, CANCEL],
        StateType::Scheduled | StateType::Pending => vec![CANCEL],
        StateType::Cancelling => Vec::new(),
        StateType::Completed | StateType::Failed | StateType::Cancelled | StateType::Crashed => {
            vec![DELETE]
        }
    }
}

/// Does what a form asks for.
pub(crate) async fn act(
    Shared(client): Shared<Client>,
    Path((id, action)): Path<(String, String)>,
) -> Answer {
    let id = read_id(&id)?;
    let now = client.clock().now();
    match action.as_str() {
        "cancel" => cancel(&client, id).await?,
        "pause" => insist(&client, id, State::paused(None, now)).await?,
        "resume" => insist(&client, id, State::running(now)).await?,
        "delete" => {
            client.call(DeleteFlowRun { id }).await?;
            return Ok(see("/"));
        }
        other => return Err(Error::not_found(format!("action '{other}' of flow runs")).into()),
    }
    Ok(see(&format!("/flow-runs/{id}")))
}

async fn cancel(client: &Client, id: FlowRunId) -> Result<()> {
    let run = client.call(ReadFlowRun { id }).await?;
    let now = client.clock().now();
    // A run that nobody executes is Cancelled at once instead.
    propose(client, id, State::cancelling(now).with_message(CANCELLED)).await?;
    if run.state_type() == StateType::Pending {
        end_if_left(client, id).await?;
    }
    Ok(())
}

/// Cancels a run that nobody has begun and nobody holds: its process died before it claimed it.
async fn end_if_left(client: &Client, id: FlowRunId) -> Result<()> {
    let until = client.clock().now();
    // For a moment we hold it ourselves, under a name that no process has.
    let holder = LeaseHolder {
        id: id.as_uuid(),
        host: String::new(),
        pid: std::process::id(),
        lock_file: None,
    };
    match client.call(ClaimFlowRun { id, holder, until }).await {
        Err(error) if error.kind() == ErrorKind::Conflict => return Ok(()),
        claimed => claimed?,
    }
    let cancelled = State::cancelled(client.clock().now()).with_message(CANCELLED);
    propose(client, id, cancelled).await?;
    client.call(ReleaseFlowRun { id, holder: id.as_uuid() }).await
}

/// Has a run enter that state and no other.
async fn insist(client: &Client, id: FlowRunId, state: State) -> Result<()> {
    match propose(client, id, state).await? {
        Some(reason) => Err(Error::refused(reason)),
        None => Ok(()),
    }
}

/// Proposes a state; says why it became another one.
async fn propose(client: &Client, id: FlowRunId, state: State) -> Result<Option<String>> {
    match client.call(SetFlowRunState { id, state, force: false }).await? {
        SetStateAnswer::Accept { .. } => Ok(None),
        SetStateAnswer::Reject { reason, .. } => Ok(Some(reason)),
        SetStateAnswer::Wait { reason, .. } | SetStateAnswer::Abort { reason } => {
            Err(Error::refused(reason))
        }
    }
}
