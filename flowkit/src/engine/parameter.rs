//! Parameters: what a flow can be called with from outside the program, and the JSON it is then called with.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use crate::{Error, Result};

/// One parameter of a flow, as the flow describes it.
#[derive(Clone, Copy)]
pub struct ParameterDefinition {
    /// What it is called.
    pub name: &'static str,
    /// The JSON schema of its type, if the type has one.
    pub schema: Option<fn() -> Value>,
    /// Its default as JSON; the inner value is none where the default has no JSON.
    pub default: Option<fn() -> Option<Value>>,
}

impl fmt::Debug for ParameterDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParameterDefinition").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The schema of all parameters of a flow, as Prefect's API has it.
pub(crate) fn schema(parameters: &[ParameterDefinition]) -> Value {
    let mut properties = Map::new();
    let mut definitions = Map::new();
    let mut required = Vec::new();
    for (position, parameter) in parameters.iter().enumerate() {
        let mut schema = match parameter.schema.map(|schema| schema()) {
            Some(Value::Object(schema)) => schema,
            Some(_) | None => Map::new(),
        };
        schema.remove("$schema");
        if let Some(Value::Object(inner)) = schema.remove("$defs") {
            definitions.extend(inner);
        }
        schema.insert("title".into(), parameter.name.into());
        schema.insert("position".into(), position.into());
        match parameter.default {
            Some(default) => drop(default().map(|value| schema.insert("default".into(), value))),
            None => required.push(parameter.name),
        }
        properties.insert(parameter.name.into(), schema.into());
    }
    let mut schema = json!({
        "title": "Parameters",
        "type": "object",
        "properties": properties,
        "required": required,
    });
    if !definitions.is_empty() {
        schema["$defs"] = definitions.into();
    }
    schema
}

/// JSON that a flow is called with.
#[derive(Debug)]
pub struct Parameters {
    flow: &'static str,
    values: BTreeMap<String, Value>,
}

impl Parameters {
    pub(crate) const fn new(flow: &'static str, values: BTreeMap<String, Value>) -> Self {
        Self { flow, values }
    }

    /// Takes one parameter.
    ///
    /// # Errors
    /// Invalid when it is not given and has no default, or is given with a value of the wrong type.
    pub fn take<T>(
        &mut self,
        name: &str,
        decode: Option<fn(Value) -> serde_json::Result<T>>,
        default: Option<fn() -> T>,
    ) -> Result<T> {
        let flow = self.flow;
        let Some(value) = self.values.remove(name) else {
            return default.map(|default| default()).ok_or_else(|| {
                Error::invalid(format!("parameter `{name}` of flow `{flow}` is missing"))
            });
        };
        let type_name = std::any::type_name::<T>();
        let decode = decode.ok_or_else(|| {
            Error::invalid(format!("parameter `{name}` of flow `{flow}` cannot be read from JSON"))
                .with_hint(format!("make {type_name} `Deserialize`, or mark it #[resource]"))
        })?;
        let told = shorten(&value.to_string());
        decode(value).map_err(|error| {
            let problem =
                format!("parameter `{name}` of flow `{flow}` takes a `{type_name}`, not {told}");
            Error::invalid(problem).with_source(error)
        })
    }

    /// Takes a resource: one that the program provided, or its type's default.
    ///
    /// # Errors
    /// Invalid when the program provided none and the type has no default.
    pub fn resource<T: Clone + Send + Sync + 'static>(
        &self,
        name: &str,
        default: Option<fn() -> T>,
    ) -> Result<T> {
        let flow = self.flow;
        provided::<T>().or_else(|| default.map(|default| default())).ok_or_else(|| {
            let type_name = std::any::type_name::<T>();
            let problem =
                format!("flow `{flow}` needs the resource `{name}`, and nobody provides one");
            let hint =
                format!("call flowkit::provide with a `{type_name}` before the flow is executed");
            Error::invalid(problem).with_hint(hint)
        })
    }

    /// Refuses parameters that the flow does not know.
    pub(crate) fn finish(self) -> Result<()> {
        let Some(name) = self.values.keys().next() else { return Ok(()) };
        Err(Error::invalid(format!("flow `{}` has no parameter `{name}`", self.flow)))
    }
}

/// The beginning of a long text.
fn shorten(text: &str) -> String {
    let cut = text.floor_char_boundary(60);
    if cut < text.len() { format!("{} …", &text[..cut]) } else { text.to_owned() }
}

type Provided = HashMap<TypeId, Box<dyn Any + Send + Sync>>;

static PROVIDED: Mutex<Option<Provided>> = Mutex::new(None);

/// Provides a resource for flows that are executed from outside: a client, a pool.
///
/// A flow that Rust code calls gets its resources as arguments; one that a deployment or
/// `flowkit flow-run resume` executes finds them here, by type.
pub fn provide<T: Clone + Send + Sync + 'static>(resource: T) {
    let mut provided = PROVIDED.lock().unwrap_or_else(PoisonError::into_inner);
    provided.get_or_insert_default().insert(TypeId::of::<T>(), Box::new(resource));
}

fn provided<T: Clone + 'static>() -> Option<T> {
    let provided = PROVIDED.lock().unwrap_or_else(PoisonError::into_inner);
    provided.as_ref()?.get(&TypeId::of::<T>())?.downcast_ref::<T>().cloned()
}
