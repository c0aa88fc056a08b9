//! Changes: a bell for whoever shows live data.

use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

/// Rings for whoever listens; costs next to nothing while nobody does.
pub(super) struct Bell {
    rung: watch::Sender<u64>,
    /// Somebody looks whether it has to be rung for what other processes do.
    is_watched: Mutex<bool>,
}

impl Default for Bell {
    fn default() -> Self {
        Self { rung: watch::Sender::new(0), is_watched: Mutex::new(false) }
    }
}

impl Bell {
    /// Wakes all who listen.
    pub(super) fn ring(&self) {
        if self.is_heard() {
            self.rung.send_modify(|times| *times += 1);
        }
    }

    /// Hears it from now on; says whether somebody has to begin watching other processes.
    pub(super) fn listen(&self) -> (watch::Receiver<u64>, bool) {
        let mut is_watched = self.is_watched.lock().unwrap_or_else(PoisonError::into_inner);
        let ear = self.rung.subscribe();
        (ear, !std::mem::replace(&mut is_watched, true))
    }

    /// Says whether whoever watches may stop, since nobody listens any more.
    pub(super) fn may_stop(&self) -> bool {
        let mut is_watched = self.is_watched.lock().unwrap_or_else(PoisonError::into_inner);
        *is_watched = self.is_heard();
        !*is_watched
    }

    /// Notes that nobody watches, whether or not somebody listens.
    pub(super) fn give_up(&self) {
        *self.is_watched.lock().unwrap_or_else(PoisonError::into_inner) = false;
    }

    fn is_heard(&self) -> bool {
        self.rung.receiver_count() > 0
    }

    /// Returns when nobody listens any more.
    #[cfg(feature = "postgres")]
    pub(super) async fn unheard(&self) {
        self.rung.closed().await;
    }
}
