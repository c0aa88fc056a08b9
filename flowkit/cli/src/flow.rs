//! `flowkit flow`: the flows that were ever run here.

use clap::{Args, Subcommand};
use flowkit::Result;
use flowkit::model::Flow;
use flowkit::wire::FilterFlows;

use crate::global::Global;
use crate::limit::Limit;
use crate::moment;
use crate::report::Report;
use crate::session::Session;
use crate::table::Column;

/// Look at flows
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  flowkit flow ls
  flowkit flow ls --output json")]
pub(crate) enum Command {
    Ls(Ls),
}

/// List the flows that were ever run here, by name
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowkit flow ls
  flowkit flow ls --limit 100 --output json")]
pub(crate) struct Ls {
    #[command(flatten)]
    limit: Limit,
}

impl Command {
    pub(crate) fn run(self, global: &Global) -> Result<Report> {
        match self {
            Self::Ls(ls) => Session::run(global, async |session| ls.run(session).await),
        }
    }
}

impl Ls {
    async fn run(self, session: &Session) -> Result<Report> {
        let all = FilterFlows { page: self.limit.page(), ..FilterFlows::default() };
        let flows = self.limit.cut(session.call(all).await?);
        let now = session.now();
        let columns = [
            Column::new("NAME", |flow: &Flow| flow.name.clone()),
            Column::new("FIRST SEEN", move |flow: &Flow| moment::ago(flow.created, now)),
            Column::new("TAGS", |flow: &Flow| flow.tags.join(", ")).if_room(),
            Column::new("ID", |flow: &Flow| flow.id.to_string()).if_room(),
        ];
        let none = "No flow was run yet.";
        Ok(Report::table(&flows.items, &columns, none).lines(flows.rest))
    }
}
