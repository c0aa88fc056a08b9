//! Proposes a state for a flow run, as all commands do that change one.

use flowkit::model::State;
use flowkit::wire::{ReadFlowRun, SetFlowRunState, SetStateAnswer};
use flowkit::{Error, Result};

use crate::named_run::NamedRun;
use crate::session::Session;

/// What became of the proposal.
pub(super) struct Proposed {
    /// The state that the run is in now.
    pub(super) state: State,
    /// Why it is another one than was proposed.
    pub(super) otherwise: Option<String>,
}

/// Proposes a state and says which one the run is in then.
///
/// # Errors
/// Refused if the rules stop it.
pub(super) async fn state(session: &Session, named: &NamedRun, state: State) -> Result<Proposed> {
    let proposal = SetFlowRunState { id: named.run.id, state, force: false };
    match session.call(proposal).await? {
        SetStateAnswer::Accept { state } => Ok(Proposed { state, otherwise: None }),
        SetStateAnswer::Reject { state, reason } => Ok(Proposed { state, otherwise: Some(reason) }),
        SetStateAnswer::Wait { reason, .. } | SetStateAnswer::Abort { reason } => {
            Err(refused(session, named, &reason).await?)
        }
    }
}

/// Why the rules stopped it, in the words of the other commands where the run has ended.
async fn refused(session: &Session, named: &NamedRun, reason: &str) -> Result<Error> {
    let run = session.call(ReadFlowRun { id: named.run.id }).await?;
    Ok(Error::refused(match run.state.filter(State::is_terminal) {
        Some(end) => format!("flow run '{named}' has ended already: {}", end.name),
        None => format!("flow run '{named}': {reason}"),
    }))
}
