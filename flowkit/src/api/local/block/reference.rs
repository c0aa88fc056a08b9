//! References of one block to another: `{"$ref": {"block_document_id": …}}` as the value of a field.

use serde_json::{Map, Value};

use crate::model::BlockDocumentId;
use crate::store::{Tx, block_document};
use crate::{Error, Result};

/// The block that a value refers to.
pub(super) fn referred(value: &Value) -> Option<BlockDocumentId> {
    let reference = value.as_object().filter(|fields| fields.len() == 1)?.get("$ref")?;
    let id = match reference {
        Value::String(id) => id,
        other => other.get("block_document_id")?.as_str()?,
    };
    id.parse().ok()
}

/// Refuses references that lead nowhere.
pub(super) async fn check(tx: &mut Tx<'_>, data: &Map<String, Value>) -> Result<()> {
    for (field, value) in data {
        let Some(id) = referred(value) else { continue };
        if block_document::read(tx, id).await?.is_none() {
            let what = format!("block document {id}, which field '{field}' refers to,");
            return Err(Error::not_found(what));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_reference_is_one() {
        let id = "00000000-0000-0000-0000-000000000007";
        assert!(referred(&json!({ "$ref": { "block_document_id": id } })).is_some());
        assert!(referred(&json!({ "$ref": id })).is_some());
        for other in [json!({ "$ref": "#/x" }), json!({ "$ref": {} }), json!({ "a": 1 }), json!(id)]
        {
            assert_eq!(referred(&other), None);
        }
    }
}
