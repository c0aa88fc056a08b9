//! Variables: named values that runs share; listed, set, deleted.

use std::hash::{DefaultHasher, Hash, Hasher};

use askama::Template;
use axum::extract::{Form, State as Shared};
use serde::Deserialize;
use serde_json::Value;

use super::frame::{Answer, Frame, Section, see, show};
use super::part::Ago;
use super::query::Params;
use crate::Result;
use crate::api::Client;
use crate::model::Variable;
use crate::wire::{DeleteVariable, FilterVariables, Page, SetVariable, Text};

/// How many variables are listed.
const LISTED: u32 = 500;

#[derive(Template)]
#[template(path = "variables.html")]
struct VariablesPage {
    frame: Frame,
    text: String,
    variables: Vec<Row>,
}

struct Row {
    name: String,
    value: String,
    tags: String,
    updated: Ago,
    is_long: bool,
}

/// The page of variables.
pub(super) async fn list(Shared(client): Shared<Client>, params: Params) -> Answer {
    let now = client.clock().now();
    let name = params.get("q").map(|part| Text::holds(part.to_owned()));
    let ask = FilterVariables { name, page: Page::first(LISTED) };
    let row = |variable: Variable| {
        let value = shown(&variable.value);
        Row {
            is_long: value.len() > 60 || value.contains('\n'),
            value,
            name: variable.name,
            tags: variable.tags.join(", "),
            updated: Ago::new(variable.updated, now),
        }
    };
    show(&VariablesPage {
        frame: Frame::live(Section::Variables, "Variables"),
        text: params.text("q"),
        variables: client.call(ask).await?.into_iter().map(row).collect(),
    })
}

/// A value as it is typed: JSON, except for text that reads as nothing else.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if serde_json::from_str::<Value>(text).is_err() => text.clone(),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

/// What was typed: JSON if it reads as JSON, else text.
fn typed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    name: String,
    value: String,
    #[serde(default)]
    tags: String,
    /// Only there where a variable is changed that is known.
    #[serde(default)]
    overwrite: Option<String>,
}

/// Sets a variable.
pub(super) async fn set(Shared(client): Shared<Client>, Form(form): Form<Typed>) -> Answer {
    let tags = form.tags.split(',').map(str::trim).filter(|tag| !tag.is_empty());
    let set = SetVariable {
        name: form.name.trim().to_owned(),
        value: typed(form.value.trim()),
        tags: tags.map(str::to_owned).collect(),
        overwrite: form.overwrite.is_some(),
    };
    client.call(set).await?;
    Ok(see("/variables"))
}

#[derive(Debug, Deserialize)]
pub(super) struct Named {
    name: String,
}

/// Deletes a variable.
pub(super) async fn delete(
    Shared(client): Shared<Client>,
    Form(Named { name }): Form<Named>,
) -> Answer {
    client.call(DeleteVariable { name }).await?;
    Ok(see("/variables"))
}

/// A number that changes with the variables.
pub(super) async fn fingerprint(client: &Client) -> Result<u64> {
    let ask = FilterVariables { name: None, page: Page::first(LISTED) };
    let mut hasher = DefaultHasher::new();
    for variable in client.call(ask).await? {
        (variable.id, variable.updated).hash(&mut hasher);
    }
    Ok(hasher.finish())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_shown_can_be_typed() {
        for value in [json!("plain"), json!("1"), json!(1), json!({ "a": [null] }), json!("\"")] {
            assert_eq!(typed(&shown(&value)), value);
        }
    }
}
