//! `flowkit flow-run watch`: a flow run as it happens, until it ends.
//!
//! A [`picture`](mod@picture) is read again and again. On a terminal it is drawn as a
//! [`tree`](mod@tree) in place, elsewhere its [`changes`](mod@changes) are told line by line.

mod changes;
mod picture;
mod screen;
mod tree;

use std::io::{self, IsTerminal};

use clap::Args;
use flowkit::Result;

use crate::follow::Follower;
use crate::output::Format;
use crate::report::Report;
use crate::session::Session;
use crate::{colour, find};
use changes::Changes;
use picture::{Painter, Picture};
use screen::Screen;

/// Follow a flow run with its task runs and subflows until it ends
#[derive(Debug, Args)]
#[command(
    after_help = "The exit code is 0 if the run completed, else 1. Without a terminal, and with --output json,
each change of a state is a line of its own.

Examples:
  flowkit flow-run watch brave-otter
  flowkit flow-run watch foo/brave-otter --output json"
)]
pub(crate) struct Watch {
    /// The flow run: its id or its name
    #[arg(value_name = "RUN")]
    name: String,
}

impl Watch {
    pub(in super::super) async fn run(self, session: &Session) -> Result<Report> {
        let named = find::flow_run(session, &self.name).await?;
        let mut view = View::of(session);
        let mut painter = Painter::default();
        let mut follower = Follower::default();
        let mut ended = false;
        let last = loop {
            let was_ended = ended;
            let picture = painter.paint(session, &named).await?;
            ended = picture.named.run.state_type().is_terminal();
            view.show(session, &picture)?;
            // Its last task runs may be written a moment after the end.
            if was_ended && ended {
                break picture;
            }
            follower.wait(session).await?;
        };
        Ok(view.end(session, &last))
    }
}

/// How the run is shown.
enum View {
    Tree(Screen),
    Lines(Changes),
}

impl View {
    fn of(session: &Session) -> Self {
        if session.format == Format::Text && io::stdout().is_terminal() {
            Self::Tree(Screen::new())
        } else {
            Self::Lines(Changes::default())
        }
    }

    fn show(&mut self, session: &Session, picture: &Picture) -> Result<()> {
        match self {
            Self::Tree(screen) => {
                screen.draw(picture, session.now());
                Ok(())
            }
            Self::Lines(changes) => changes.tell(session, picture),
        }
    }

    /// What remains to be seen at the end.
    fn end(self, session: &Session, last: &Picture) -> Report {
        let report = match self {
            Self::Tree(screen) => {
                screen.clear();
                Report::said().lines(tree::lines(last, session.now()))
            }
            Self::Lines(_) => Report::said(),
        };
        let state = last.named.run.state.as_ref();
        let completed = state.is_some_and(|state| state.is_completed());
        let how = state.map(colour::state).unwrap_or_default();
        let report = report.line(format!("Flow run '{}' ended: {how}", last.named));
        if completed { report } else { report.exit_code(1) }
    }
}
