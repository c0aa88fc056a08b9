//! Cache: results that are kept under a key and taken instead of running again.

use super::call::Prepared;
use super::definition::Cache;
use super::fingerprint::Fingerprint;
use super::outcome::Codec;
use super::result;
use super::runtime::Runtime;
use crate::model::State;
use crate::wire::ReadCachedResult;
use crate::{Error, Result};

/// The key that this call's result is kept under; none if the call is not to be cached.
pub(super) fn key<T>(call: &Prepared<T>) -> Result<Option<String>> {
    if let Some(key) = &call.options.cache_key {
        return Ok(Some(key.clone()));
    }
    let options = &call.definition.options;
    let mut fingerprint = Fingerprint::whole();
    fingerprint.feed(options.key.as_bytes());
    match call.definition.cache {
        Cache::Off => return Ok(None),
        Cache::Own => return Ok(call.body.with(|body| body.cache_key())),
        Cache::Source => fingerprint.feed(options.version.as_bytes()),
        Cache::Inputs => fingerprint = with_inputs(call, fingerprint)?,
        Cache::InputsAndSource => {
            fingerprint.feed(options.version.as_bytes());
            fingerprint = with_inputs(call, fingerprint)?;
        }
    }
    Ok(Some(fingerprint.hex()))
}

fn with_inputs<T>(call: &Prepared<T>, fingerprint: Fingerprint) -> Result<Fingerprint> {
    call.body.with(|body| body.fingerprint(fingerprint))?.ok_or_else(|| {
        let name = call.definition.options.name;
        let problem = format!("task `{name}` is cached by its inputs, and one of them has no JSON");
        Error::invalid(problem).with_hint(
            "make its type `Serialize`, mark it #[resource], or give a cache key of your own",
        )
    })
}

/// The result that is kept under a key, with the state that says so.
pub(super) async fn find<T>(
    codec: &Codec<T>,
    cache_key: String,
    runtime: &Runtime,
) -> Result<Option<(State, T)>> {
    if codec.read.is_none() {
        return Ok(None);
    }
    let now = runtime.clock().now();
    let found =
        runtime.client().call(ReadCachedResult { cache_key: cache_key.clone(), now }).await?;
    let Some(found) = found else { return Ok(None) };
    // A result of an older program, or one whose file is gone, is no result.
    let Ok(value) = result::read(codec, &found.result, runtime).await else { return Ok(None) };
    let mut state = State::completed(now);
    state.details_mut().cache_key = Some(cache_key);
    state.details_mut().task_run_id = Some(found.task_run_id);
    Ok(Some((state, value)))
}
