//! Concurrency: slots under a named limit, held as long as a value lives.

use std::time::Duration;

use uuid::Uuid;

use super::current::cancellation;
use super::runtime::Runtime;
use super::slots;
use crate::model::LimitScope;
use crate::wire::Acquired;
use crate::{Error, Result};

/// How long to wait before asking again, if nobody in this process gives slots back before.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// Slots under a named limit; given back when this is dropped.
#[derive(Debug)]
pub struct Slots {
    runtime: Runtime,
    holder: Uuid,
}

/// Takes `slots` slots under the limit of that name, waiting for them as long as it takes.
///
/// A name without a limit is free. The slots are leased: when the process that holds them dies,
/// they are free again within the lease time (`FLOWKIT_LEASE_DURATION`).
///
/// # Errors
/// Refused when the limit has fewer slots than that; cancelled when the run is asked to stop
/// while it waits; unavailable when the database does not answer.
pub async fn concurrency(name: &str, slots: u32) -> Result<Slots> {
    let runtime = Runtime::current().await?;
    let holder = runtime.new_id();
    let cancel = cancellation();
    loop {
        let names = vec![name.to_owned()];
        match slots::acquire(&runtime, LimitScope::Name, names, slots, holder).await? {
            Acquired::Granted => return Ok(Slots { runtime, holder }),
            Acquired::Never { name } => {
                let problem = format!("concurrency limit '{name}' has fewer than {slots} slots");
                return Err(Error::refused(problem));
            }
            Acquired::Full { .. } => tokio::select! {
                () = slots::wait(&runtime, ASK_AGAIN) => {}
                () = cancel.cancelled() => {
                    return Err(Error::cancelled("the flow run was asked to stop"));
                }
            },
        }
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        self.runtime.release_later(self.holder);
    }
}
