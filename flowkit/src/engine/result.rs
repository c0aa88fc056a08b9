//! Results: what a task returned, kept so that a later execution need not run it again.
//!
//! A small result stands in the row of its task run, a larger one in a storage. One whose type
//! has no JSON is passed through, and such a call can be neither resumed nor cached.

use std::fmt::Display;
use std::sync::{Arc, Mutex};

use super::call::Prepared;
use super::outcome::Codec;
use super::runtime::Runtime;
use crate::wire::{TaskRunRecord, look};
use crate::{Error, Result};

/// Stands before a result that is written out.
const INLINE: &str = "=";
/// Stands before the place where a result is kept: `@slug/name key`.
const STORED: &str = "@";

/// Writes a result into the record, or into a storage if it is large.
///
/// What cannot be kept is an error only for a task that asked for keeping; elsewhere it is told.
pub(super) async fn write<T>(
    value: &T,
    call: &Prepared<T>,
    record: &Arc<Mutex<TaskRunRecord>>,
    runtime: &Runtime,
) -> Result<()> {
    let asked = call.options.persist_result.or(call.definition.options.persist_result);
    let storage = call.definition.options.result_storage;
    if !asked.unwrap_or(storage.is_some() || runtime.settings().results_persist()) {
        return Ok(());
    }
    let name = || look(record, |record| record.name.clone());
    let text = encode(value, &call.codec, name, asked)?;
    let Some(text) = text else { return Ok(()) };
    let kept = keep(text, call.id, storage, runtime).await;
    match kept {
        Ok(kept) => look(record, |record| record.result = Some(kept)),
        Err(error) if asked == Some(true) => {
            return Err(Error::new(
                error.kind(),
                format!("the result of task run '{}' was not kept", name()),
            )
            .with_source(error));
        }
        Err(error) => {
            let reason = error.full_message();
            tracing::warn!(target: "flowkit", "The result of this run was not kept and it would run again after a crash: {reason}");
        }
    }
    Ok(())
}

fn encode<T>(
    value: &T,
    codec: &Codec<T>,
    name: impl Fn() -> String,
    asked: Option<bool>,
) -> Result<Option<String>> {
    let Some(write) = codec.write.filter(|_| codec.read.is_some()) else {
        if asked == Some(true) {
            let type_name = std::any::type_name::<T>();
            let problem = format!("the result of task run '{}' cannot be kept", name());
            let hint = format!(
                "make {type_name} `Serialize` and `Deserialize`, or set persist_result = false"
            );
            return Err(Error::invalid(problem).with_hint(hint));
        }
        return Ok(None);
    };
    let text = write(value).map_err(|error| {
        let problem = format!("the result of task run '{}' cannot be written as JSON", name());
        Error::invalid(problem).with_source(error)
    })?;
    Ok(Some(text))
}

/// Keeps a JSON text and says where.
async fn keep(
    mut text: String,
    key: impl Display,
    storage: Option<&str>,
    runtime: &Runtime,
) -> Result<String> {
    let size = u64::try_from(text.len()).unwrap_or(u64::MAX);
    let limit = runtime.settings().results_max_bytes();
    if size > limit {
        let problem = format!("a result of {size} bytes is larger than the limit of {limit} bytes");
        return Err(Error::invalid(problem)
            .with_hint("return a smaller value, or raise FLOWKIT_RESULTS_MAX_BYTES"));
    }
    if storage.is_none() && size <= runtime.settings().results_inline_bytes() {
        text.insert_str(0, INLINE);
        return Ok(text);
    }
    let (name, storage) = runtime.result_storage(storage)?;
    let key = format!("results/{key}.json");
    storage.write(&key, text.into_bytes()).await?;
    Ok(format!("{STORED}{name} {key}"))
}

/// Keeps the result of a flow run and says where; none if its type has no JSON.
pub(super) async fn keep_flow_result<T>(
    value: &T,
    codec: &Codec<T>,
    key: &str,
    storage: Option<&str>,
    runtime: &Runtime,
) -> Result<Option<String>> {
    match encode(value, codec, || key.to_owned(), None)? {
        Some(text) => keep(text, key, storage, runtime).await.map(Some),
        None => Ok(None),
    }
}

/// The value that was kept.
pub(super) async fn read<T>(codec: &Codec<T>, kept: &str, runtime: &Runtime) -> Result<T> {
    let read = codec.read.ok_or_else(|| Error::invalid("a result of that type cannot be read"))?;
    let text = match kept.split_at_checked(1) {
        Some((INLINE, text)) => text.to_owned(),
        Some((STORED, place)) => fetch(place, runtime).await?,
        Some(_) | None => {
            return Err(Error::internal("a kept result is spelled in an unknown way"));
        }
    };
    read(&text).map_err(|error| Error::invalid("a kept result cannot be read").with_source(error))
}

async fn fetch(place: &str, runtime: &Runtime) -> Result<String> {
    let (name, key) =
        place.split_once(' ').ok_or_else(|| Error::internal("a place without a key"))?;
    let (_, storage) = runtime.result_storage(Some(name))?;
    let bytes = storage.read(key).await?;
    String::from_utf8(bytes)
        .map_err(|error| Error::invalid("a kept result is no text").with_source(error))
}
