//! Pause: a flow run that waits for somebody to let it go on.

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{Error, Result};

/// The gate that task runs pass before they start.
#[derive(Debug)]
pub(crate) struct Gate(watch::Sender<Door>);

#[derive(Debug)]
struct Door {
    is_open: bool,
    /// How often it was closed.
    closings: u64,
}

impl Default for Gate {
    fn default() -> Self {
        Self(watch::Sender::new(Door { is_open: true, closings: 0 }))
    }
}

impl Gate {
    /// Lets nobody pass until it is opened.
    pub(crate) fn close(&self) {
        self.0.send_modify(|door| {
            door.is_open = false;
            door.closings += 1;
        });
    }

    /// Lets everybody pass.
    pub(crate) fn open(&self) {
        self.0.send_modify(|door| door.is_open = true);
    }

    /// How often it was closed.
    pub(crate) fn closings(&self) -> u64 {
        self.0.borrow().closings
    }

    /// Lets everybody pass, unless it was closed again since it was closed that often.
    pub(crate) fn open_unless_closed_since(&self, closings: u64) {
        self.0.send_if_modified(|door| {
            let opens = !door.is_open && door.closings == closings;
            door.is_open |= opens;
            opens
        });
    }

    /// Says whether task runs may start.
    pub(crate) fn is_open(&self) -> bool {
        self.0.borrow().is_open
    }

    /// Waits until the gate is open.
    pub(crate) async fn pass(&self, cancel: &CancellationToken) -> Result<()> {
        if self.is_open() {
            return Ok(());
        }
        let mut gate = self.0.subscribe();
        tokio::select! {
            _ = gate.wait_for(|door| door.is_open) => Ok(()),
            () = cancel.cancelled() => Err(Error::cancelled("the flow run was asked to stop")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_that_paused_meanwhile_is_not_taken_for_running() {
        let gate = Gate::default();

        let before = gate.closings();
        gate.close();
        gate.open_unless_closed_since(before);
        assert!(!gate.is_open(), "what was read is older than the pause");

        gate.open_unless_closed_since(gate.closings());
        assert!(gate.is_open());
    }
}
