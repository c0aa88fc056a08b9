//! `--limit`: how much of a long list is shown.

use clap::Args;
use flowkit::wire::Page;

/// How much of a long list is shown.
#[derive(Debug, Args)]
pub(crate) struct Limit {
    /// Show at most so many
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

/// The part of a list that is shown, and what is said of the rest.
pub(crate) struct Shown<T> {
    pub(crate) items: Vec<T>,
    pub(crate) rest: Option<String>,
}

impl Limit {
    /// What to ask for: one more than is shown, so that the list is known to go on.
    pub(crate) fn page(&self) -> Page {
        Page::first(self.limit.saturating_add(1))
    }

    /// Cuts what was answered.
    pub(crate) fn cut<T>(&self, mut items: Vec<T>) -> Shown<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let rest = (items.len() > limit).then(|| {
            format!("… and more; --limit {} shows the next ones", self.limit.saturating_mul(5))
        });
        items.truncate(limit);
        Shown { items, rest }
    }
}
