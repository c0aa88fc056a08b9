//! Block schema: which fields the blocks of a type have.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::canonical::canonical;
use super::{BlockSchemaId, BlockType, BlockTypeId};
use crate::Timestamp;

/// Which fields the blocks of a type have, in one version of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockSchema {
    /// Names this schema.
    pub id: BlockSchemaId,
    /// When it was first registered.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// What its fields hash to.
    pub checksum: String,
    /// The fields, as JSON Schema; which of them are secret stands in `secret_fields`.
    pub fields: Map<String, Value>,
    /// Its type.
    pub block_type_id: BlockTypeId,
    /// Its type, as it is.
    #[serde(default)]
    pub block_type: Option<BlockType>,
    /// What such blocks can do.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// The version of whatever registered it.
    pub version: String,
}

impl BlockSchema {
    /// What fields hash to, as Prefect's clients work it out.
    #[must_use]
    pub fn checksum_of(fields: &Map<String, Value>) -> String {
        let mut fields = Value::Object(fields.clone());
        remove_secret_fields(&mut fields);
        if let Some(fields) = fields.as_object_mut()
            && let Some(Value::Object(definitions)) = fields.get_mut("definitions")
        {
            // Blocks inside have checksums of their own.
            definitions.retain(|_, definition| definition.get("block_type_slug").is_none());
            if definitions.is_empty() {
                fields.remove("definitions");
            }
        }
        let hashed = Sha256::digest(format!("[[{}], {{}}]", canonical(&fields)));
        let digits = hashed.iter().map(|byte| format!("{byte:02x}"));
        format!("sha256:{}", digits.collect::<String>())
    }

    /// The paths of its secret fields, with `*` for any name.
    ///
    /// A field that is written only, or that is a password, is one whether or not the schema lists it.
    pub(crate) fn secret_fields(&self) -> Vec<&str> {
        let listed = self.fields.get("secret_fields").and_then(Value::as_array);
        let listed = listed.into_iter().flatten().filter_map(Value::as_str);
        let is_secret = |field: &Value| field["writeOnly"] == true || field["format"] == "password";
        let properties = self.fields.get("properties").and_then(Value::as_object);
        let secret = properties.into_iter().flatten().filter(|(_, field)| is_secret(field));
        listed.chain(secret.map(|(name, _)| name.as_str())).collect()
    }
}

fn remove_secret_fields(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("secret_fields");
            fields.values_mut().for_each(remove_secret_fields);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_secret_fields),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_is_the_one_that_prefect_recorded() {
        let fields = serde_json::json!({
            "title": "LocalFileSystem",
            "description": "Store data as a file on a local file system.",
            "type": "object",
            "properties": { "basepath": {
                "title": "Basepath",
                "description": "Default local path for this block to write to.",
                "type": "string",
            } },
            "block_type_slug": "local-file-system",
            "secret_fields": [],
            "block_schema_references": {},
        });
        let fields = fields.as_object().expect("an object");
        assert_eq!(
            BlockSchema::checksum_of(fields),
            "sha256:6db1ab242e7b2b88a52dc137a7da3a373af63e0a103b9a91e060ed54a26f395a"
        );
        let mut with_block = fields.clone();
        let inner = serde_json::json!({ "Inner": { "block_type_slug": "inner" } });
        with_block.insert("definitions".into(), inner);
        assert_eq!(BlockSchema::checksum_of(&with_block), BlockSchema::checksum_of(fields));
    }
}
