//! Concurrency: limits, and who holds them.

use std::hash::{DefaultHasher, Hash, Hasher};

use askama::Template;
use axum::extract::{Form, Path, State as Shared};
use serde::Deserialize;
use uuid::Uuid;

use super::frame::{Answer, Frame, Section, see, show};
use super::part::Badge;
use crate::api::Client;
use crate::model::{ConcurrencyLimit, LimitScope};
use crate::wire::{
    DeleteConcurrencyLimit, FilterConcurrencyLimits, HeldSlots, Page, ReadFlowRun, ReadSlots,
    ReadTaskRun, ResetConcurrencyLimit, SetConcurrencyLimit,
};
use crate::{Error, ErrorKind, Result};

/// How many limits are listed, and how many holders of each.
const LISTED: u32 = 200;
const HOLDERS: usize = 12;

#[derive(Template)]
#[template(path = "concurrency.html")]
struct ConcurrencyPage {
    frame: Frame,
    limits: Vec<Row>,
}

struct Row {
    name: String,
    scope: &'static str,
    limit: u32,
    active: u32,
    is_full: bool,
    holders: Vec<Holder>,
    more: usize,
}

/// Somebody who holds slots.
struct Holder {
    text: String,
    href: Option<String>,
    badge: Option<Badge>,
    slots: u32,
}

/// The page of concurrency limits.
pub(super) async fn list(Shared(client): Shared<Client>) -> Answer {
    let ask = FilterConcurrencyLimits { scope: None, page: Page::first(LISTED) };
    let mut limits = Vec::new();
    for limit in client.call(ask).await? {
        limits.push(row(&client, limit).await?);
    }
    show(&ConcurrencyPage { frame: Frame::live(Section::Concurrency, "Concurrency"), limits })
}

async fn row(client: &Client, limit: ConcurrencyLimit) -> Result<Row> {
    let held = match limit.active_slots {
        0 => Vec::new(),
        _ => client.call(ReadSlots { scope: limit.scope, name: limit.name.clone() }).await?,
    };
    let mut holders = Vec::new();
    for slots in held.iter().take(HOLDERS) {
        holders.push(holder(client, slots).await?);
    }
    Ok(Row {
        scope: word(limit.scope),
        limit: limit.limit,
        active: limit.active_slots,
        is_full: limit.active_slots >= limit.limit,
        more: held.len().saturating_sub(HOLDERS),
        name: limit.name,
        holders,
    })
}

/// Whoever has that id: a task run, a flow run, or somebody who is no run.
async fn holder(client: &Client, held: &HeldSlots) -> Result<Holder> {
    let HeldSlots { holder: id, slots, .. } = *held;
    if let Some(run) = found(client.call(ReadTaskRun { id: id.into() }).await)? {
        let (href, badge) = (format!("/task-runs/{id}"), Badge::of(run.state.as_ref()));
        return Ok(Holder { text: run.name, href: Some(href), badge: Some(badge), slots });
    }
    if let Some(run) = found(client.call(ReadFlowRun { id: id.into() }).await)? {
        let (href, badge) = (format!("/flow-runs/{id}"), Badge::of(run.state.as_ref()));
        return Ok(Holder { text: run.name, href: Some(href), badge: Some(badge), slots });
    }
    Ok(Holder { text: short(id), href: None, badge: None, slots })
}

fn short(id: Uuid) -> String {
    id.to_string().split('-').next_back().unwrap_or_default().to_owned()
}

fn found<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

const fn word(scope: LimitScope) -> &'static str {
    match scope {
        LimitScope::Tag => "tag",
        LimitScope::Name => "name",
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    scope: LimitScope,
    name: String,
    #[serde(default)]
    limit: String,
}

impl Typed {
    fn name(&self) -> Result<String> {
        match self.name.trim() {
            "" => Err(Error::invalid("a limit needs a name")),
            name => Ok(name.to_owned()),
        }
    }
}

/// Makes or changes a limit.
pub(super) async fn set(Shared(client): Shared<Client>, Form(form): Form<Typed>) -> Answer {
    let limit = form.limit.trim().parse().map_err(|_| {
        Error::invalid(format!("a limit of '{}'", form.limit))
            .with_hint("a limit is a number, 0 or more")
    })?;
    client.call(SetConcurrencyLimit { scope: form.scope, name: form.name()?, limit }).await?;
    Ok(see("/concurrency"))
}

/// Frees the slots of a limit, or deletes it.
pub(super) async fn act(
    Shared(client): Shared<Client>,
    Path(action): Path<String>,
    Form(form): Form<Typed>,
) -> Answer {
    let (scope, name) = (form.scope, form.name()?);
    match action.as_str() {
        "reset" => client.call(ResetConcurrencyLimit { scope, name }).await?,
        "delete" => client.call(DeleteConcurrencyLimit { scope, name }).await?,
        other => {
            return Err(Error::not_found(format!("action '{other}' of concurrency limits")).into());
        }
    }
    Ok(see("/concurrency"))
}

/// A number that changes with the limits and who holds them.
pub(super) async fn fingerprint(client: &Client) -> Result<u64> {
    let ask = FilterConcurrencyLimits { scope: None, page: Page::first(LISTED) };
    let mut hasher = DefaultHasher::new();
    for limit in client.call(ask).await? {
        (limit.id, limit.updated, limit.active_slots).hash(&mut hasher);
        if limit.active_slots > 0 {
            let ask = ReadSlots { scope: limit.scope, name: limit.name };
            let held = client.call(ask).await?;
            held.iter().for_each(|slots| (slots.holder, slots.slots).hash(&mut hasher));
        }
    }
    Ok(hasher.finish())
}
