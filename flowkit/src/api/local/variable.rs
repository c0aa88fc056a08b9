//! Answers about variables.

use super::Local;
use crate::api::Answer;
use crate::model::{Variable, VariableId};
use crate::store::{Tx, variable};
use crate::wire::{
    CountVariables, DeleteVariable, DeleteVariableById, FilterVariables, ReadVariable,
    ReadVariableById, SetVariable, UpdateVariable, UpdateVariableById, VariableChange,
};
use crate::{Error, Result, Timestamp};

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
                return Err(exists(&name).with_hint("say so if it is to be changed"));
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
        self.store.read(async move |tx| need(tx, &name).await).await
    }
}

async fn need(tx: &mut Tx<'_>, name: &str) -> Result<Variable> {
    variable::read(tx, name).await?.ok_or_else(|| no_variable(name))
}

impl Answer<ReadVariableById> for Local {
    async fn answer(&self, ReadVariableById { id }: ReadVariableById) -> Result<Variable> {
        self.store.read(async move |tx| need_by_id(tx, id).await).await
    }
}

async fn need_by_id(tx: &mut Tx<'_>, id: VariableId) -> Result<Variable> {
    let found = variable::read_by_id(tx, id).await?;
    found.ok_or_else(|| Error::not_found(format!("variable {id}")))
}

impl Answer<FilterVariables> for Local {
    async fn answer(&self, wanted: FilterVariables) -> Result<Vec<Variable>> {
        self.store.scan(async move |tx| variable::filter(tx, wanted).await).await
    }
}

impl Answer<CountVariables> for Local {
    async fn answer(&self, CountVariables { variables }: CountVariables) -> Result<u64> {
        self.store.scan(async move |tx| variable::count(tx, variables).await).await
    }
}

impl Answer<UpdateVariable> for Local {
    async fn answer(&self, UpdateVariable { name, change }: UpdateVariable) -> Result<()> {
        let now = self.now();
        let write = async move |tx: &mut Tx<'_>| {
            let known = need(tx, &name).await?;
            variable::put(tx, &changed(known, change, now)).await
        };
        self.store.write(write).await
    }
}

impl Answer<UpdateVariableById> for Local {
    async fn answer(&self, wanted: UpdateVariableById) -> Result<()> {
        let UpdateVariableById { id, name, change } = wanted;
        if let Some(name) = &name {
            check_name(name)?;
        }
        let now = self.now();
        let write = async move |tx: &mut Tx<'_>| {
            let mut known = need_by_id(tx, id).await?;
            if let Some(name) = name.filter(|name| *name != known.name) {
                if variable::read(tx, &name).await?.is_some() {
                    return Err(exists(&name));
                }
                variable::rename(tx, id, &name).await?;
                known.name = name;
            }
            variable::put(tx, &changed(known, change, now)).await
        };
        self.store.write(write).await
    }
}

fn changed(known: Variable, change: VariableChange, now: Timestamp) -> Variable {
    Variable {
        value: change.value.unwrap_or(known.value),
        tags: change.tags.unwrap_or(known.tags),
        updated: now,
        ..known
    }
}

fn exists(name: &str) -> Error {
    Error::conflict(format!("variable '{name}' exists already"))
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

impl Answer<DeleteVariableById> for Local {
    async fn answer(&self, DeleteVariableById { id }: DeleteVariableById) -> Result<()> {
        let write = async move |tx: &mut Tx<'_>| {
            let known = need_by_id(tx, id).await?;
            variable::delete(tx, &known.name).await.map(drop)
        };
        self.store.write(write).await
    }
}

fn no_variable(name: &str) -> Error {
    Error::not_found(format!("variable '{name}'"))
}
