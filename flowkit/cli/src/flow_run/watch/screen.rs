//! Screen: a picture drawn in place on a terminal, with a bar of how far it is.

use std::io;

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use console::{Term, truncate_str};
use flowkit::Timestamp;
use flowkit::model::RunCounts;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::picture::Picture;
use super::tree;

/// A place on the terminal that is drawn again and again.
pub(super) struct Screen {
    terminal: Term,
    all: MultiProgress,
    tree: ProgressBar,
    bar: ProgressBar,
    has_colours: bool,
}

impl Screen {
    pub(super) fn new() -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stdout());
        let style = |template| {
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
        };
        let tree = all.add(ProgressBar::new_spinner().with_style(style("{msg}")));
        let bar =
            all.add(ProgressBar::new(0).with_style(style("{bar:40} {pos} of {len} task runs")));
        let has_colours = AutoStream::choice(&io::stdout()) != ColorChoice::Never;
        Self { terminal: Term::stdout(), all, tree, bar, has_colours }
    }

    pub(super) fn draw(&self, picture: &Picture, now: Timestamp) {
        let (height, width) = self.terminal.size();
        let lines = fit(tree::lines(picture, now), height.into(), width.into());
        let text = lines.join("\n");
        let text = if self.has_colours { text } else { strip_str(&text).to_string() };
        self.bar.set_length(picture.counts.total());
        self.bar.set_position(ended(&picture.counts));
        self.tree.set_message(text);
    }

    /// Leaves the place empty, for what is printed last.
    pub(super) fn clear(self) {
        self.tree.finish_and_clear();
        self.bar.finish_and_clear();
        // What cannot be cleared stays above the last lines.
        let _ = self.all.clear();
    }
}

fn ended(counts: &RunCounts) -> u64 {
    counts.0.iter().filter(|(kind, _)| kind.is_terminal()).map(|(_, count)| count).sum()
}

/// The lines that a terminal has room for, above the bar and the cursor.
fn fit(mut lines: Vec<String>, height: usize, width: usize) -> Vec<String> {
    let room = height.saturating_sub(3).max(1);
    let hidden = lines.len().saturating_sub(room);
    if hidden > 0 {
        lines.truncate(room);
        lines.push(format!("… and {hidden} more lines"));
    }
    lines.iter().map(|line| truncate_str(line, width, "…").into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_tree_fits_the_terminal() {
        let lines = (1..=9).map(|n| format!("line {n}")).collect();
        assert_eq!(fit(lines, 5, 5), ["line…", "line…", "… an…"]);
    }
}
