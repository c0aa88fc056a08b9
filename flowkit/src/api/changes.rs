//! Changes: what wakes whoever shows live data.

use std::fmt;

use tokio::sync::watch;

use super::Client;

/// Wakes whoever shows live data, whenever something has changed.
///
/// Begin to listen, look, and then wait: nothing that changes after the look is missed. Many changes
/// at once may wake once, and a wake-up may turn out to be about something else. Should a process
/// die in the moment in which it has changed something, nobody is woken for that; so look now and
/// then anyway.
pub struct Changes {
    ear: watch::Receiver<u64>,
    /// Keeps the database open.
    _client: Client,
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Changes")
    }
}

impl Changes {
    #[cfg(feature = "sqlite")]
    pub(super) const fn new(ear: watch::Receiver<u64>, client: Client) -> Self {
        Self { ear, _client: client }
    }

    /// Returns when something has changed since this was last called, or at once if it has already.
    pub async fn next(&mut self) {
        if self.ear.changed().await.is_err() {
            // The database is open as long as this is, so it cannot end.
            std::future::pending::<()>().await;
        }
    }
}
