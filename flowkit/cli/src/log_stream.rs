//! The log lines of a run, printed one after another, also while they are being written.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use clap::Args;
use flowkit::model::{Level, Log, LogId};
use flowkit::wire::{FilterLogs, LogFilter, Page};
use flowkit::{Result, Timestamp};

use crate::follow::Follower;
use crate::log_line::Writers;
use crate::report::Report;
use crate::session::Session;

/// How many lines are read at once.
const PAGE: Page = Page::first(1_000);

/// How long a line may be on its way, so that it appears before lines that are there already.
const UNSETTLED: Duration = Duration::from_millis(250);

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
    let logs = LogFilter { level: lines.level.map(Into::into), ..filter };
    let mut stream = LogStream {
        session,
        logs,
        writers: Writers::default(),
        settled: None,
        unsettled: BTreeMap::new(),
    };
    match (lines.head, lines.tail) {
        (Some(head), _) => stream.print_first(head).await?,
        (None, Some(tail)) => stream.print_last(tail).await?,
        (None, None) => stream.print_new().await?,
    }
    if lines.follow {
        stream.follow(has_ended).await?;
    }
    Ok(Report::said())
}

struct LogStream<'a> {
    session: &'a Session,
    logs: LogFilter,
    writers: Writers,
    /// The last line before which no further one can appear.
    settled: Option<LogId>,
    /// The lines behind it that are printed already.
    unsettled: BTreeMap<LogId, Timestamp>,
}

impl LogStream<'_> {
    async fn follow(&mut self, has_ended: impl AsyncFn() -> Result<bool>) -> Result<()> {
        let mut follower = Follower::default();
        let mut ended = false;
        loop {
            let was_ended = ended;
            ended = has_ended().await?;
            self.print_new().await?;
            // The last lines may be written a moment after the end.
            if was_ended {
                return Ok(());
            }
            follower.wait(self.session).await?;
        }
    }

    async fn print_new(&mut self) -> Result<()> {
        let mut after = self.settled;
        loop {
            let mut lines = self.page(after).await?;
            let Some(last) = lines.last() else { return Ok(()) };
            after = Some(last.id);
            lines.retain(|line| !self.unsettled.contains_key(&line.id));
            self.print(&lines).await?;
            self.settle(&lines);
        }
    }

    async fn print_first(&mut self, mut count: usize) -> Result<()> {
        let mut after = None;
        while count > 0 {
            let mut lines = self.page(after).await?;
            let Some(last) = lines.last() else { return Ok(()) };
            after = Some(last.id);
            lines.truncate(count);
            count -= lines.len();
            self.print(&lines).await?;
        }
        Ok(())
    }

    async fn print_last(&mut self, count: usize) -> Result<()> {
        let (mut after, mut tail) = (None, VecDeque::new());
        loop {
            let lines = self.page(after).await?;
            let Some(last) = lines.last() else { break };
            after = Some(last.id);
            self.settle(&lines);
            tail.extend(lines);
            tail.drain(..tail.len().saturating_sub(count));
        }
        self.print(tail.make_contiguous()).await
    }

    async fn page(&self, after: Option<LogId>) -> Result<Vec<Log>> {
        let logs = self.logs.clone();
        self.session.call(FilterLogs { logs, after, page: PAGE, ..FilterLogs::default() }).await
    }

    /// Remembers that these lines are dealt with, as long as that is not clear from their place.
    fn settle(&mut self, lines: &[Log]) {
        self.unsettled.extend(lines.iter().map(|line| (line.id, line.timestamp)));
        let settled = self.session.now() - UNSETTLED;
        while let Some(first) = self.unsettled.first_entry()
            && *first.get() < settled
        {
            self.settled = Some(first.remove_entry().0);
        }
    }

    async fn print(&mut self, lines: &[Log]) -> Result<()> {
        self.writers.learn(self.session, lines).await?;
        for line in lines {
            self.session.say(&self.writers.line(line), line)?;
        }
        Ok(())
    }
}
