//! Pause: a flow run that waits for somebody to let it go on.

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{Error, Result};

/// The gate that task runs pass before they start.
#[derive(Debug)]
pub(crate) struct Gate(watch::Sender<bool>);

impl Default for Gate {
    fn default() -> Self {
        Self(watch::Sender::new(true))
    }
}

impl Gate {
    /// Lets nobody pass until it is opened.
    pub(crate) fn close(&self) {
        self.0.send_replace(false);
    }

    /// Lets everybody pass.
    pub(crate) fn open(&self) {
        self.0.send_replace(true);
    }

    /// Says whether task runs may start.
    pub(crate) fn is_open(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the gate is open.
    pub(crate) async fn pass(&self, cancel: &CancellationToken) -> Result<()> {
        if self.is_open() {
            return Ok(());
        }
        let mut gate = self.0.subscribe();
        tokio::select! {
            _ = gate.wait_for(|open| *open) => Ok(()),
            () = cancel.cancelled() => Err(Error::cancelled("the flow run was asked to stop")),
        }
    }
}
