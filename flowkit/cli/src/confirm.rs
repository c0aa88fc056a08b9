//! Asks before something is gone for good.

use std::io::{self, IsTerminal, Write};

use clap::Args;
use flowkit::{Error, Result};

/// Whether to ask before something is gone for good.
#[derive(Debug, Args)]
pub(crate) struct Confirmation {
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

impl Confirmation {
    /// Asks, unless the answer was given on the command line.
    ///
    /// # Errors
    /// Cancelled if the answer is no, invalid if there is nobody to ask.
    pub(crate) fn ask(&self, question: &str) -> Result<()> {
        if self.yes {
            return Ok(());
        }
        if !io::stdin().is_terminal() {
            return Err(Error::invalid("this has to be confirmed, and there is nobody to ask")
                .with_hint("--yes confirms it"));
        }
        let mut err = anstream::stderr().lock();
        let mut answer = String::new();
        write!(err, "{question} [y/N] ")
            .and_then(|()| err.flush())
            .and_then(|()| io::stdin().read_line(&mut answer))
            .map_err(|error| Error::internal("could not ask").with_source(error))?;
        match answer.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => Ok(()),
            _ => Err(Error::cancelled("nothing was changed")),
        }
    }
}
