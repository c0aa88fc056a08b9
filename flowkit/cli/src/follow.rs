//! Following what other processes do, by looking again and again.

use std::time::Duration;

use flowkit::Result;

use crate::session::Session;

/// How often to ask whether anything changed, which costs next to nothing.
const ASK: Duration = Duration::from_millis(100);

/// After so many times it is looked at anyway: a process that died changes nothing, and times go on.
const PATIENCE: u32 = 3;

/// Whoever follows what other processes do.
#[derive(Debug, Default)]
pub(crate) struct Follower {
    seen: Option<u64>,
}

impl Follower {
    /// Waits until it is time to look again. Runs whose processes died are Crashed by then.
    pub(crate) async fn wait(&mut self, session: &Session) -> Result<()> {
        for _ in 0..PATIENCE {
            session.sleep(ASK).await;
            if session.is_remote() {
                continue;
            }
            let changes = Some(session.client().foreign_changes().await?);
            if self.seen != changes {
                self.seen = changes;
                break;
            }
        }
        session.reap().await
    }
}
