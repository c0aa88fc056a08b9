//! The log lines of a run, printed one after another, also while they are being written.

use std::collections::VecDeque;

use clap::Args;
use flowkit::Result;
use flowkit::model::{Level, Log, LogId};
use flowkit::wire::{FilterLogs, LogFilter, Page};

use crate::follow::Follower;
use crate::log_line::Writers;
use crate::report::Report;
use crate::session::Session;

/// How many lines are read at once.
const PAGE: Page = Page::first(1_000);

/// Which lines are shown.
#[derive(Debug, Args)]
pub(crate) struct Lines {
    /// Go on until the run ends
    #[arg(short, long)]
    follow: bool,
    /// Only lines of this level and above: trace, debug, info, warning or error
    #[arg(short, long, value_name = "LEVEL")]
    level: Option<Level>,
    /// Only the first lines
    #[arg(long, value_name = "N", conflicts_with_all = ["tail", "follow"])]
    head: Option<usize>,
    /// Only the last lines
    #[arg(short = 'n', long, value_name = "N")]
    tail: Option<usize>,
}

/// Prints the lines that the filter finds, and those still to come if they are asked for.
pub(crate) async fn print(
    session: &Session,
    lines: Lines,
    filter: LogFilter,
    has_ended: impl AsyncFn() -> Result<bool>,
) -> Result<Report> {
    let mut stream = LogStream {
        session,
        logs: LogFilter { level: lines.level, ..filter },
        after: None,
        writers: Writers::default(),
    };
    match (lines.head, lines.tail) {
        (Some(head), _) => stream.print_first(head).await?,
        (None, Some(tail)) => stream.print_last(tail).await?,
        (None, None) => stream.print_all().await?,
    }
    if lines.follow {
        stream.follow(has_ended).await?;
    }
    Ok(Report::said())
}

struct LogStream<'a> {
    session: &'a Session,
    logs: LogFilter,
    after: Option<LogId>,
    writers: Writers,
}

impl LogStream<'_> {
    async fn follow(&mut self, has_ended: impl AsyncFn() -> Result<bool>) -> Result<()> {
        let mut follower = Follower::default();
        loop {
            // Asked before the lines are read, so that the last ones are not missed.
            let ended = has_ended().await?;
            self.print_all().await?;
            if ended {
                return Ok(());
            }
            follower.wait(self.session).await?;
        }
    }

    async fn print_all(&mut self) -> Result<()> {
        self.print_first(usize::MAX).await
    }

    async fn print_first(&mut self, mut count: usize) -> Result<()> {
        while count > 0 {
            let mut lines = self.next_page().await?;
            if lines.is_empty() {
                break;
            }
            lines.truncate(count);
            count -= lines.len();
            self.print(&lines).await?;
        }
        Ok(())
    }

    async fn print_last(&mut self, count: usize) -> Result<()> {
        let mut last = VecDeque::new();
        loop {
            let lines = self.next_page().await?;
            if lines.is_empty() {
                break;
            }
            last.extend(lines);
            last.drain(..last.len().saturating_sub(count));
        }
        self.print(last.make_contiguous()).await
    }

    async fn next_page(&mut self) -> Result<Vec<Log>> {
        let page = FilterLogs { logs: self.logs.clone(), after: self.after, page: PAGE };
        let lines = self.session.call(page).await?;
        self.after = lines.last().map(|line| line.id).or(self.after);
        Ok(lines)
    }

    async fn print(&mut self, lines: &[Log]) -> Result<()> {
        self.writers.learn(self.session, lines).await?;
        for line in lines {
            self.session.say(&self.writers.line(line), line)?;
        }
        Ok(())
    }
}
