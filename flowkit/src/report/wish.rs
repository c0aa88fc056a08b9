//! Wishes: what people ask of a run on the server's page, mirrored into the database, where the
//! process that executes the run heeds it.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::http::Trouble;
use super::teller::Teller;
use super::telling::Telling;
use crate::model::{FlowRunId, State, StateDetails, StateType};
use crate::wire::{SetFlowRunState, SetStateAnswer};
use crate::{Result, Timestamp};

/// How many runs are asked for at a time.
const PAGE: usize = 200;

/// A flow run as the server knows it.
#[derive(Debug, Deserialize)]
struct Seen {
    id: Uuid,
    state: Option<SeenState>,
}

#[derive(Debug, Deserialize)]
pub(super) struct SeenState {
    id: Uuid,
    #[serde(rename = "type")]
    kind: StateType,
    name: String,
    message: Option<String>,
    #[serde(default)]
    state_details: Option<StateDetails>,
}

/// Asks what the server wants of these runs, and has it done here.
pub(super) async fn hear<'t>(
    teller: &mut Teller,
    tellings: impl Iterator<Item = &'t mut Telling>,
) -> Result<(), Trouble> {
    let mut asked: HashMap<Uuid, &mut Telling> = tellings
        .filter(|telling| !telling.is_over() && !telling.is_given_up)
        .filter_map(|telling| Some((telling.report.remote_id?, telling)))
        .collect();
    let ids: Vec<Uuid> = asked.keys().copied().collect();
    for some in ids.chunks(PAGE) {
        let wanted = json!({ "flow_runs": { "id": { "any_": some } }, "limit": PAGE });
        let (seen, _): (Vec<Seen>, _) = teller.http.post("/flow_runs/filter", &wanted).await?;
        for Seen { id, state } in seen {
            let (Some(telling), Some(state)) = (asked.get_mut(&id), state) else { continue };
            let now = teller.client.clock().now();
            let keeps_id = teller.peer.is_flowkit();
            if let Some(wish) = wish(telling, &state, now, keeps_id) {
                heed(teller, telling, wish).await?;
            }
        }
    }
    Ok(())
}

/// What the server's state asks of a run here; nothing if it only shows what we told it.
fn wish(telling: &Telling, seen: &SeenState, now: Timestamp, keeps_id: bool) -> Option<State> {
    let (_, states) = telling.run.as_ref()?;
    let current = states.last()?;
    let is_told = telling.report.states as usize >= states.len();
    let mut state = match (seen.kind, current.kind) {
        (StateType::Cancelling | StateType::Cancelled, StateType::Cancelling) => return None,
        (StateType::Cancelling | StateType::Cancelled, _) => State::cancelling(now),
        (StateType::Paused, StateType::Running) if is_told => {
            let timeout = seen.state_details.as_ref().and_then(|details| details.pause_timeout);
            State::paused(timeout, now)
        }
        // A pause of ours that is told and no longer shown was ended there.
        (StateType::Running, StateType::Paused) if is_told => State::running(now),
        (StateType::Scheduled, StateType::Paused) if is_told && seen.name == "Resuming" => {
            State::running(now)
        }
        (
            StateType::Scheduled
            | StateType::Pending
            | StateType::Running
            | StateType::Completed
            | StateType::Failed
            | StateType::Crashed
            | StateType::Paused,
            _,
        ) => return None,
    };
    state.message.clone_from(&seen.message);
    if keeps_id && state.kind == seen.kind {
        state.id = seen.id.into();
    }
    Some(state)
}

/// Proposes it here, as the command line does.
async fn heed(teller: &Teller, telling: &mut Telling, wish: State) -> Result<(), Trouble> {
    let id: FlowRunId = telling.report.flow_run_id;
    let proposal = SetFlowRunState { id, state: wish.clone(), force: false };
    // Told before it is proposed, since the run may be read in between.
    telling.mirrored.insert(wish.id);
    if let SetStateAnswer::Accept { state } = teller.client.call(proposal).await? {
        telling.mirrored.insert(state.id);
    }
    Ok(())
}
