//! `flowkit variable`: named values that runs share.

use clap::{Args, Subcommand};
use flowkit::model::Variable;
use flowkit::wire::{DeleteVariable, FilterVariables, Page, ReadVariable, SetVariable};
use flowkit::{Error, ErrorKind, Result};
use serde_json::{Value, json};

use crate::global::Global;
use crate::limit::Limit;
use crate::report::Report;
use crate::session::Session;
use crate::table::Column;
use crate::{find, moment};

/// Keep named values that runs share
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  flowkit variable set bucket data-2026
  flowkit variable get bucket
  flowkit variable ls")]
pub(crate) enum Command {
    Ls(Ls),
    Set(Set),

    /// Print the value of a variable
    #[command(after_help = "Examples:
  flowkit variable get bucket
  flowkit variable get limits --output json")]
    Get {
        /// The variable
        name: String,
    },

    /// Show all that is known of a variable
    #[command(after_help = "Example:
  flowkit variable inspect bucket")]
    Inspect {
        /// The variable
        name: String,
    },

    /// Remove variables
    #[command(
        visible_alias = "delete",
        after_help = "Example:
  flowkit variable unset bucket"
    )]
    Unset {
        /// The variables
        #[arg(value_name = "NAME", required = true)]
        names: Vec<String>,
    },
}

/// List the variables, by name
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowkit variable ls
  flowkit variable ls --output json")]
pub(crate) struct Ls {
    #[command(flatten)]
    limit: Limit,
}

/// Set a variable
#[derive(Debug, Args)]
#[command(
    after_help = "A value that is JSON is kept as such; other text is text. To keep a number as text, quote it twice.

Examples:
  flowkit variable set bucket data-2026
  flowkit variable set limits '{\"rows\": 1000}' --overwrite
  flowkit variable set zip '\"04109\"'"
)]
pub(crate) struct Set {
    /// The variable: lower-case letters, digits, `_` and `-`
    name: String,
    /// Its value: JSON, or plain text
    // Negative numbers and texts like `-x` are values, too.
    #[arg(allow_hyphen_values = true)]
    value: String,
    /// A word to find it by; may be repeated
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Change it if it is there already
    #[arg(long)]
    overwrite: bool,
}

impl Command {
    pub(crate) fn run(self, global: &Global) -> Result<Report> {
        Session::run(global, async |session| match self {
            Self::Ls(ls) => ls.run(session).await,
            Self::Set(set) => set.run(session).await,
            Self::Get { name } => get(session, name).await,
            Self::Inspect { name } => inspect(session, name).await,
            Self::Unset { names } => unset(session, &names).await,
        })
    }
}

impl Ls {
    async fn run(self, session: &Session) -> Result<Report> {
        let all = FilterVariables { page: self.limit.page(), ..FilterVariables::default() };
        let variables = self.limit.cut(session.call(all).await?);
        let now = session.now();
        let columns = [
            Column::new("NAME", |variable: &Variable| variable.name.clone()),
            Column::new("VALUE", |variable: &Variable| variable.value.to_string()),
            Column::new("CHANGED", move |variable: &Variable| moment::ago(variable.updated, now)),
            Column::new("TAGS", |variable: &Variable| variable.tags.join(", ")).if_room(),
        ];
        let none = "No variables.";
        Ok(Report::table(&variables.items, &columns, none).lines(variables.rest))
    }
}

impl Set {
    async fn run(self, session: &Session) -> Result<Report> {
        let Self { name, value, tags, overwrite } = self;
        let value = serde_json::from_str(&value).unwrap_or(Value::String(value));
        let set = SetVariable { name, value, tags, overwrite };
        let variable = session.call(set).await.map_err(|error| match error.kind() {
            ErrorKind::Conflict => error.with_hint("--overwrite changes it"),
            _ => error,
        })?;
        let Variable { name, value, .. } = &variable;
        Ok(Report::of(&variable).line(format!("Set variable '{name}' to {value}.")))
    }
}

async fn get(session: &Session, name: String) -> Result<Report> {
    let value = read(session, name).await?.value;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Ok(Report::of(&value).line(text))
}

async fn inspect(session: &Session, name: String) -> Result<Report> {
    let variable = read(session, name).await?;
    let now = session.now();
    let mut fields =
        vec![("Variable", variable.name.clone()), ("Value", variable.value.to_string())];
    if !variable.tags.is_empty() {
        fields.push(("Tags", variable.tags.join(", ")));
    }
    fields.push(("Created", moment::day_and_time(variable.created, now)));
    fields.push(("Changed", moment::day_and_time(variable.updated, now)));
    fields.push(("Id", variable.id.to_string()));
    Ok(Report::of(&variable).fields(&fields))
}

async fn unset(session: &Session, names: &[String]) -> Result<Report> {
    for name in names {
        let gone = session.call(DeleteVariable { name: name.clone() }).await;
        advised(session, name, gone).await?;
    }
    Ok(Report::of(&json!({ "unset": names }))
        .lines(names.iter().map(|name| format!("Unset variable '{name}'."))))
}

async fn read(session: &Session, name: String) -> Result<Variable> {
    let read = session.call(ReadVariable { name: name.clone() }).await;
    advised(session, &name, read).await
}

/// Names the nearest variable to one that does not exist.
async fn advised<T>(session: &Session, name: &str, answer: Result<T>) -> Result<T> {
    let Err(error) = answer else { return answer };
    if error.kind() != ErrorKind::NotFound {
        return Err(error);
    }
    let all = FilterVariables { page: Page::default(), ..FilterVariables::default() };
    let known = session.call(all).await?;
    let known = known.iter().map(|variable| variable.name.as_str());
    let hint = find::advice(name, known, "`flowkit variable ls` shows the variables");
    Err(Error::not_found(format!("variable '{name}'")).with_hint(hint))
}
