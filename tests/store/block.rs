//! Blocks: types, schemas, documents.

use flowkit::ErrorKind;
use flowkit::api::Client;
use flowkit::model::{BlockDocument, BlockSchema, BlockType};
use flowkit::secret::MASK;
use flowkit::wire::{
    AboutBlockType, BlockDocumentFilter, BlockSchemaFilter, CapabilityFilter, CountBlockDocuments,
    CreateBlockDocument, CreateBlockSchema, CreateBlockType, DeleteBlockDocument, DeleteBlockType,
    FilterBlockDocuments, FilterBlockSchemas, FilterBlockTypes, InstallSystemBlockTypes,
    ReadBlockCapabilities, ReadBlockDocument, ReadBlockDocumentByName, ReadBlockDocumentsOfType,
    ReadBlockSchemaByChecksum, ReadBlockTypeBySlug, Tags, Text, Truth, UpdateBlockDocument,
    UpdateBlockType, WhichBlockDocuments,
};
use serde_json::{Map, Value, json};

use super::id;

async fn make_type(client: &Client, slug: &str) -> BlockType {
    let about = AboutBlockType::default();
    let create = CreateBlockType { name: slug.to_uppercase(), slug: slug.into(), about };
    client.call(create).await.expect("a type")
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(fields) = value else { panic!("an object") };
    fields
}

async fn make_schema(client: &Client, of: &BlockType, capabilities: &[&str]) -> BlockSchema {
    let fields = json!({
        "title": of.name,
        "type": "object",
        "properties": { "url": { "type": "string" }, "token": { "type": "string" } },
        "secret_fields": ["token", "inner.token"],
        "block_type_slug": of.slug,
    });
    let create = CreateBlockSchema {
        block_type_id: of.id,
        fields: object(fields),
        capabilities: capabilities.iter().map(|can| (*can).into()).collect(),
        version: "1".into(),
    };
    client.call(create).await.expect("a schema").value
}

fn save(schema: &BlockSchema, name: &str, data: Value) -> CreateBlockDocument {
    CreateBlockDocument {
        name: Some(name.into()),
        data: object(data),
        block_schema_id: schema.id,
        block_type_id: schema.block_type_id,
        is_anonymous: false,
    }
}

async fn bucket(client: &Client) -> BlockSchema {
    let kind = make_type(client, "bucket").await;
    make_schema(client, &kind, &["read-path"]).await
}

/// A block that is saved.
pub(super) async fn saved(client: &Client) -> flowkit::model::BlockDocumentId {
    let schema = bucket(client).await;
    client.call(save(&schema, "saved", json!({}))).await.expect("saved").id
}

async fn shown(client: &Client, document: &BlockDocument) -> Value {
    let read = ReadBlockDocument { id: document.id, include_secrets: true };
    Value::Object(client.call(read).await.expect("found").data)
}

pub(super) async fn type_is_registered_once(client: &Client) {
    let kind = make_type(client, "bucket").await;
    let about = AboutBlockType::default();
    let again = CreateBlockType { name: "x".into(), slug: "bucket".into(), about };
    assert_eq!(client.call(again).await.expect_err("taken").kind(), ErrorKind::Conflict);
    let about = AboutBlockType { description: Some("d".into()), ..AboutBlockType::default() };
    client.call(UpdateBlockType { id: kind.id, about }).await.expect("changed");
    let about = AboutBlockType { logo_url: Some("l".into()), ..AboutBlockType::default() };
    client.call(UpdateBlockType { id: kind.id, about }).await.expect("changed");
    let read = client.call(ReadBlockTypeBySlug { slug: "bucket".into() }).await.expect("found");
    assert_eq!((read.description.as_deref(), read.logo_url.as_deref()), (Some("d"), Some("l")));
    let error = client.call(ReadBlockTypeBySlug { slug: "bocket".into() }).await;
    assert_eq!(error.expect_err("none").to_string(), "block type 'bocket' not found");
}

pub(super) async fn system_types_are_installed_once(client: &Client) {
    for _ in 0..2 {
        client.call(InstallSystemBlockTypes {}).await.expect("installed");
    }
    let types = client.call(FilterBlockTypes::default()).await.expect("types");
    let slugs: Vec<_> = types.iter().map(|kind| kind.slug.as_str()).collect();
    assert_eq!(slugs, ["json", "local-file-system", "secret"]);
    let schemas = client.call(FilterBlockSchemas::default()).await.expect("schemas");
    assert_eq!(schemas.len(), 3);
    let error = client.call(DeleteBlockType { id: types[0].id }).await.expect_err("protected");
    assert_eq!(error.kind(), ErrorKind::Refused);
    let can = client.call(ReadBlockCapabilities {}).await.expect("capabilities");
    assert_eq!(can, ["get-directory", "put-directory", "read-path", "write-path"]);
}

pub(super) async fn schema_is_found_by_what_its_fields_hash_to(client: &Client) {
    let kind = make_type(client, "bucket").await;
    let schema = make_schema(client, &kind, &["read-path"]).await;
    let again = make_schema(client, &kind, &["read-path"]).await;
    assert_eq!(again.id, schema.id);
    assert_eq!(schema.block_type.as_ref(), Some(&kind));
    let read = |version: Option<&str>| ReadBlockSchemaByChecksum {
        checksum: schema.checksum.clone(),
        version: version.map(Into::into),
    };
    assert_eq!(client.call(read(None)).await.expect("found").id, schema.id);
    assert_eq!(client.call(read(Some("1"))).await.expect("found"), schema);
    assert_eq!(client.call(read(Some("2"))).await.expect_err("none").kind(), ErrorKind::NotFound);
    let able = |can: &str| FilterBlockTypes {
        block_schemas: Some(CapabilityFilter {
            block_capabilities: Some(Tags::from(vec![can.into()])),
            ..CapabilityFilter::default()
        }),
        ..FilterBlockTypes::default()
    };
    assert_eq!(client.call(able("read-path")).await.expect("types").len(), 1);
    assert_eq!(client.call(able("notify")).await.expect("types").len(), 0);
}

pub(super) async fn secrets_are_masked_unless_they_are_asked_for(client: &Client) {
    let schema = bucket(client).await;
    let data = json!({ "url": "u", "token": "t", "inner": { "token": "i", "x": 1 } });
    let masked = json!({ "url": "u", "token": MASK, "inner": { "token": MASK, "x": 1 } });

    let made = client.call(save(&schema, "mine", data.clone())).await.expect("saved");

    assert_eq!(Value::Object(made.data.clone()), masked);
    assert_eq!(made.block_type_name.as_deref(), Some("BUCKET"));
    assert_eq!(shown(client, &made).await, data);
    let by_name = |include_secrets| ReadBlockDocumentByName {
        slug: "bucket".into(),
        name: "mine".into(),
        include_secrets,
    };
    let read = client.call(by_name(false)).await.expect("found");
    assert_eq!(Value::Object(read.data), masked);
    let read = client.call(by_name(true)).await.expect("found");
    assert_eq!(Value::Object(read.data), data);
    let listed = client.call(FilterBlockDocuments::default()).await.expect("blocks");
    assert_eq!(Value::Object(listed[0].data.clone()), masked);
}

pub(super) async fn masks_that_come_back_change_nothing(client: &Client) {
    let schema = bucket(client).await;
    let data = json!({ "url": "u", "token": "t" });
    let made = client.call(save(&schema, "mine", data)).await.expect("saved");
    let update = |data: Value, merge_existing_data| UpdateBlockDocument {
        id: made.id,
        block_schema_id: None,
        data: object(data),
        merge_existing_data,
    };

    client.call(update(json!({ "token": MASK, "url": "v" }), true)).await.expect("changed");
    assert_eq!(shown(client, &made).await, json!({ "url": "v", "token": "t" }));
    client.call(update(json!({ "extra": 1 }), true)).await.expect("changed");
    assert_eq!(shown(client, &made).await, json!({ "url": "v", "token": "t", "extra": 1 }));
    client.call(update(json!({ "token": MASK }), false)).await.expect("changed");
    assert_eq!(shown(client, &made).await, json!({ "token": "t" }));
}

pub(super) async fn name_is_taken_once_in_a_type(client: &Client) {
    let schema = bucket(client).await;
    let made = client.call(save(&schema, "mine", json!({}))).await.expect("saved");
    let error = client.call(save(&schema, "mine", json!({}))).await.expect_err("taken");
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let other = make_type(client, "other").await;
    let other = make_schema(client, &other, &[]).await;
    client.call(save(&other, "mine", json!({}))).await.expect("another type");
    let mixed = CreateBlockDocument {
        block_type_id: other.block_type_id,
        ..save(&schema, "mixed", json!({}))
    };
    assert_eq!(client.call(mixed).await.expect_err("mixed").kind(), ErrorKind::Invalid);
    for wrong in ["", "Mine", "a/b", "a b", "<b>", "'; DROP TABLE block_document"] {
        let error = client.call(save(&schema, wrong, json!({}))).await.expect_err(wrong);
        assert_eq!(error.kind(), ErrorKind::Invalid, "{wrong}");
    }
    client.call(DeleteBlockDocument { id: made.id }).await.expect("deleted");
    let gone = client.call(DeleteBlockDocument { id: made.id }).await.expect_err("gone");
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}

pub(super) async fn anonymous_block_is_kept_once(client: &Client) {
    let schema = bucket(client).await;
    let anonymous = |data: Value| CreateBlockDocument {
        name: None,
        is_anonymous: true,
        ..save(&schema, "", data)
    };
    let first = client.call(anonymous(json!({ "url": "a", "token": "b" }))).await.expect("saved");
    let same = client.call(anonymous(json!({ "token": "b", "url": "a" }))).await.expect("saved");
    let other = client.call(anonymous(json!({ "url": "b" }))).await.expect("saved");
    assert_eq!(first.id, same.id);
    assert_ne!(first.id, other.id);
    assert!(first.name.is_some_and(|name| name.starts_with("anonymous-")));
    assert!(client.call(FilterBlockDocuments::default()).await.expect("none").is_empty());
    let all = WhichBlockDocuments {
        block_documents: Some(BlockDocumentFilter {
            is_anonymous: Some(Truth::default()),
            ..BlockDocumentFilter::default()
        }),
        ..WhichBlockDocuments::default()
    };
    assert_eq!(client.call(CountBlockDocuments { which: all }).await.expect("two"), 2);
}

pub(super) async fn referred_blocks_stand_in_the_data(client: &Client) {
    let schema = bucket(client).await;
    let inner = json!({ "token": "deep" });
    let inner = client.call(save(&schema, "inner", inner)).await.expect("saved");
    let reference = json!({ "$ref": { "block_document_id": inner.id } });

    let outer = json!({ "inner": reference });
    let outer = client.call(save(&schema, "outer", outer)).await.expect("saved");

    assert_eq!(Value::Object(outer.data.clone()), json!({ "inner": { "token": MASK } }));
    assert_eq!(shown(client, &outer).await, json!({ "inner": { "token": "deep" } }));
    let told = &outer.block_document_references["inner"]["block_document"];
    assert_eq!(told["id"], json!(inner.id));
    assert_eq!(told["block_type"]["slug"], "bucket");
    let nowhere = json!({ "$ref": { "block_document_id": id::<flowkit::model::BlockTypeId>(9) } });
    let error = client.call(save(&schema, "lost", json!({ "inner": nowhere }))).await;
    assert_eq!(error.expect_err("it leads nowhere").kind(), ErrorKind::NotFound);
    let itself = UpdateBlockDocument {
        id: inner.id,
        block_schema_id: None,
        data: object(json!({ "inner": reference })),
        merge_existing_data: true,
    };
    client.call(itself).await.expect("changed");
    assert!(shown(client, &inner).await["inner"]["token"] == "deep", "it ends somewhere");
}

pub(super) async fn blocks_are_found_by_what_they_are(client: &Client) {
    let schema = bucket(client).await;
    let other = make_type(client, "other").await;
    let other = make_schema(client, &other, &[]).await;
    for (schema, name) in [(&schema, "b"), (&schema, "a"), (&other, "c")] {
        client.call(save(schema, name, json!({}))).await.expect("saved");
    }
    let names = async |which: WhichBlockDocuments| {
        let wanted = FilterBlockDocuments { which, ..FilterBlockDocuments::default() };
        let found = client.call(wanted).await.expect("blocks");
        found.into_iter().filter_map(|block| block.name).collect::<Vec<_>>()
    };
    let none = WhichBlockDocuments::default;
    let filter = BlockDocumentFilter {
        name: Some(Text { any_: Some(vec!["a".into(), "c".into()]), ..Text::default() }),
        ..BlockDocumentFilter::default()
    };
    assert_eq!(names(none()).await, ["a", "b", "c"]);
    let by_name = WhichBlockDocuments { block_documents: Some(filter), ..none() };
    assert_eq!(names(by_name).await, ["a", "c"]);
    let able = BlockSchemaFilter {
        block_capabilities: Some(Tags::from(vec!["read-path".into()])),
        ..BlockSchemaFilter::default()
    };
    assert_eq!(
        names(WhichBlockDocuments { block_schemas: Some(able), ..none() }).await,
        ["a", "b"]
    );
    let of_type = ReadBlockDocumentsOfType { slug: "other".into(), include_secrets: false };
    assert_eq!(client.call(of_type).await.expect("blocks").len(), 1);
}

pub(super) async fn type_takes_its_blocks_with_it(client: &Client) {
    let schema = bucket(client).await;
    let made = client.call(save(&schema, "mine", json!({}))).await.expect("saved");
    client.call(DeleteBlockType { id: schema.block_type_id }).await.expect("deleted");
    let read = ReadBlockDocument { id: made.id, include_secrets: false };
    assert_eq!(client.call(read).await.expect_err("gone").kind(), ErrorKind::NotFound);
    assert!(client.call(FilterBlockSchemas::default()).await.expect("schemas").is_empty());
}

pub(super) async fn names_of_others_are_only_text(client: &Client) {
    let nasty = "<script>alert(1)</script>'; DROP TABLE block_type; --";
    let about = AboutBlockType { description: Some(nasty.into()), ..AboutBlockType::default() };
    let create = CreateBlockType { name: nasty.into(), slug: "nasty".into(), about };
    let kind = client.call(create).await.expect("only text");
    let schema = make_schema(client, &kind, &[nasty]).await;
    let made = client.call(save(&schema, "nasty", json!({ nasty: nasty }))).await.expect("saved");
    assert_eq!(shown(client, &made).await, json!({ nasty: nasty }));
    let by_name =
        ReadBlockDocumentByName { slug: nasty.into(), name: nasty.into(), include_secrets: true };
    assert_eq!(client.call(by_name).await.expect_err("none").kind(), ErrorKind::NotFound);
    let read = client.call(ReadBlockTypeBySlug { slug: "nasty".into() }).await.expect("found");
    assert_eq!(read.name, nasty);
}
