//! Operations on leases: which process executes which flow run, and until when it is believed to live.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::operations;
use crate::Timestamp;
use crate::model::{FlowRun, FlowRunId};

operations! {
    ClaimFlowRun => (), Post "/flowkit/flow_runs/{id}/claim";
    ReleaseFlowRun => (), Post "/flowkit/flow_runs/{id}/release";
    RenewLeases => Vec<FlowRun>, Post "/flowkit/leases/renew";
    ReapFlowRuns => Vec<FlowRun>, Post "/flowkit/leases/reap";
}

/// The process that holds leases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseHolder {
    /// Names this process, once and never again.
    pub id: Uuid,
    /// The machine, as long as it runs: its name and the id of its boot.
    pub host: String,
    /// The number of the process there, for people.
    pub pid: u32,
    /// A file that the process holds locked while it lives, so that its death is seen at once on the same host.
    pub lock_file: Option<String>,
}

/// Takes the lease on a flow run; conflict if another living process holds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClaimFlowRun {
    /// Which one.
    pub id: FlowRunId,
    /// Who takes it.
    pub holder: LeaseHolder,
    /// Until when it is held unless it is renewed.
    pub until: Timestamp,
}

/// Gives the lease on a flow run back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReleaseFlowRun {
    /// Which one.
    pub id: FlowRunId,
    /// Who held it.
    pub holder: Uuid,
}

/// Renews all leases and slots of a process; answers with those of its runs that others want changed
/// (Cancelling, Paused, or taken out of its hands).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RenewLeases {
    /// Who holds them.
    pub holder: Uuid,
    /// Until when they are held now.
    pub until: Timestamp,
    /// The slots' holders that belong to the process.
    pub slot_holders: Vec<Uuid>,
}

/// Marks as Crashed every run whose lease is over and whose process is not seen alive; answers with them.
///
/// A holder on this host is judged by its lock file, another one by the time of its lease.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReapFlowRuns {
    /// The host of whoever asks.
    pub host: String,
    /// The time now.
    pub now: Timestamp,
}
