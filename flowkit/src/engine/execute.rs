//! Execute: flows called from outside the program, by name and with JSON.

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::definition::FlowDefinition;
use super::flow_call::FlowCall;
use super::parameter::{self, Parameters};
use super::runtime::Runtime;
use crate::model::{FlowRun, FlowRunId, State};
use crate::wire::{ReadFlow, ReadFlowRun, SetFlowRunState};
use crate::{Error, Result};

/// How a flow is called with JSON; written by the macro.
pub type Execute = fn(&mut Parameters) -> Result<ErasedFlowCall>;

/// A flow that the linker was told about.
#[derive(Debug)]
pub struct Registration(pub &'static FlowDefinition);

inventory::collect!(Registration);

/// A call of a flow whatever it returns.
pub struct ErasedFlowCall(Box<dyn FnOnce(FlowRunId) -> BoxFuture<'static, Result<()>> + Send>);

impl std::fmt::Debug for ErasedFlowCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ErasedFlowCall")
    }
}

/// Forgets what a flow returns.
#[must_use]
pub fn erase<T: Send + Sync + 'static>(call: FlowCall<T>) -> ErasedFlowCall {
    ErasedFlowCall(Box::new(move |id| {
        Box::pin(async move { call.continue_run(id).await.map(drop) })
    }))
}

/// All flows of this program.
pub(super) fn flows() -> impl Iterator<Item = &'static FlowDefinition> {
    inventory::iter::<Registration>.into_iter().map(|registration| registration.0)
}

/// The flow of that name.
///
/// # Errors
/// Not found if there is none, conflict if there are two.
pub(super) fn find(name: &str) -> Result<&'static FlowDefinition> {
    let mut found = flows().filter(|flow| flow.options.name == name);
    let flow = found.next().ok_or_else(|| {
        let known: Vec<_> = flows().map(|flow| flow.options.name).collect();
        let hint = if known.is_empty() {
            "this program has no flows; does it name them anywhere?".to_owned()
        } else {
            format!("its flows are {}", known.join(", "))
        };
        Error::not_found(format!("flow `{name}` in this program")).with_hint(hint)
    })?;
    match found.next() {
        Some(other) => Err(two_flows(flow, other)),
        None => Ok(flow),
    }
}

fn two_flows(one: &FlowDefinition, other: &FlowDefinition) -> Error {
    let (name, one, other) = (one.options.name, one.options.key, other.options.key);
    Error::conflict(format!("two flows are called `{name}`: {one} and {other}"))
        .with_hint("give one of them another name: #[flow(name = \"…\")]")
}

/// Refuses a flow that shares its name with another one of this program.
pub(super) fn check_name(definition: &FlowDefinition) -> Result<()> {
    let (name, key) = (definition.options.name, definition.options.key);
    match flows().find(|flow| flow.options.name == name && flow.options.key != key) {
        Some(other) => Err(two_flows(definition, other)),
        None => Ok(()),
    }
}

/// Executes a flow run that is recorded already, in this program.
pub(super) async fn run(id: FlowRunId, runtime: &Runtime) -> Result<()> {
    let run: FlowRun = runtime.client().call(ReadFlowRun { id }).await?;
    let flow = runtime.client().call(ReadFlow { id: run.flow_id }).await?;
    match find(&flow.name).and_then(|definition| call(definition, run.parameters)) {
        Ok(call) => (call.0)(id).await,
        Err(error) => {
            // The rules know of no failure before a start; without it the run would wait for ever.
            let state = State::failed(error.full_message(), runtime.clock().now());
            runtime.client().call(SetFlowRunState { id, state, force: true }).await?;
            Err(error)
        }
    }
}

fn call(
    definition: &'static FlowDefinition,
    values: BTreeMap<String, Value>,
) -> Result<ErasedFlowCall> {
    let name = definition.options.name;
    let execute = definition
        .execute
        .ok_or_else(|| Error::refused(format!("flow `{name}` cannot be called from outside")))?;
    let mut parameters = Parameters::new(name, values);
    let call = execute(&mut parameters)?;
    parameters.finish()?;
    Ok(call)
}

/// What this program says about itself: its flows, their parameters and their versions.
pub(super) fn describe(program_version: &str) -> Value {
    let mut flows: Vec<_> = flows()
        .map(|flow| {
            json!({
                "name": flow.options.name,
                "key": flow.options.key,
                "version": flow.options.version,
                "description": flow.options.description,
                "tags": flow.options.tags,
                "parameter_openapi_schema": parameter::schema(flow.parameters),
            })
        })
        .collect();
    flows.sort_by_key(|flow| flow["key"].to_string());
    json!({ "flowkit": env!("CARGO_PKG_VERSION"), "version": program_version, "flows": flows })
}
