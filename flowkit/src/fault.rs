//! Places where a test can make the process die, to see what is left.

#[cfg(feature = "testing")]
mod wish {
    use std::sync::atomic::{AtomicU64, Ordering};

    /// How many places are left to pass; zero is no wish to die.
    static PLACES_LEFT: AtomicU64 = AtomicU64::new(0);

    /// Lets the process die at the place of that number.
    pub(crate) fn die_at(place: u64) {
        PLACES_LEFT.store(place, Ordering::SeqCst);
    }

    /// A place where the process may be told to die.
    pub(crate) fn place() {
        let left = PLACES_LEFT.load(Ordering::SeqCst);
        if left > 0 && PLACES_LEFT.fetch_sub(1, Ordering::SeqCst) == 1 {
            std::process::abort();
        }
    }
}

#[cfg(feature = "testing")]
pub(crate) use wish::{die_at, place};

/// A place where only a test may tell the process to die.
#[cfg(all(not(feature = "testing"), feature = "sqlite"))]
pub(crate) const fn place() {}
