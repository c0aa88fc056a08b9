//! Answers about variables.

use super::Local;
use crate::api::Answer;
use crate::model::Variable;
use crate::store::{Tx, variable};
use crate::wire::{DeleteVariable, FilterVariables, ReadVariable, SetVariable};
use crate::{Error, Result};

/// How many letters a name may have.
const LONGEST_NAME: usize = 255;

impl Answer<SetVariable> for Local {
    async fn answer(&self, wanted: SetVariable) -> Result<Variable> {
        check_name(&wanted.name)?;
        let (id, now) = (self.new_id(), self.now());
        let write = async move |tx: &mut Tx<'_>| {
            let SetVariable { name, value, tags, overwrite } = wanted;
            let known = variable::read(tx, &name).await?;
            if known.is_some() && !overwrite {
                let problem = format!("variable '{name}' exists already");
                return Err(Error::conflict(problem).with_hint("say so if it is to be changed"));
            }
            let (id, created) = known.map_or((id, now), |known| (known.id, known.created));
            let made = Variable { id, created, updated: now, name, value, tags };
            variable::put(tx, &made).await?;
            Ok(made)
        };
        self.store.write(write).await
    }
}

fn check_name(name: &str) -> Result<()> {
    let is_allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-');
    if !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(is_allowed) {
        return Ok(());
    }
    let rule = "a name has 1 to 255 lower-case letters, digits, `_` and `-`";
    Err(Error::invalid(format!("a variable cannot be called '{name}'")).with_hint(rule))
}

impl Answer<ReadVariable> for Local {
    async fn answer(&self, ReadVariable { name }: ReadVariable) -> Result<Variable> {
        let read = async move |tx: &mut Tx<'_>| {
            variable::read(tx, &name).await?.ok_or_else(|| no_variable(&name))
        };
        self.store.read(read).await
    }
}

impl Answer<FilterVariables> for Local {
    async fn answer(&self, wanted: FilterVariables) -> Result<Vec<Variable>> {
        self.store.scan(async move |tx| variable::filter(tx, wanted).await).await
    }
}

impl Answer<DeleteVariable> for Local {
    async fn answer(&self, DeleteVariable { name }: DeleteVariable) -> Result<()> {
        let write = async move |tx: &mut Tx<'_>| match variable::delete(tx, &name).await? {
            true => Ok(()),
            false => Err(no_variable(&name)),
        };
        self.store.write(write).await
    }
}

fn no_variable(name: &str) -> Error {
    Error::not_found(format!("variable '{name}'"))
}
