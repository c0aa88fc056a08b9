//! Answers about block documents.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{kind, reference, schema, secrecy};
use crate::api::Answer;
use crate::api::local::Local;
use crate::api::vault::Vault;
use crate::model::{BlockDocument, BlockDocumentId, BlockSchema, BlockSchemaId, canonical};
use crate::store::block_document::{self, Sealed};
use crate::store::{Tx, block_schema};
use crate::wire::{
    BlockDocumentSort, BlockTypeFilter, CountBlockDocuments, CreateBlockDocument,
    DeleteBlockDocument, FilterBlockDocuments, Page, ReadBlockDocument, ReadBlockDocumentByName,
    ReadBlockDocumentsOfType, Text, UpdateBlockDocument, WhichBlockDocuments,
};
use crate::{Error, Result};

/// How many blocks may refer to each other in a row; one that refers to itself ends there.
const DEEPEST: u32 = 8;

/// How many blocks of a type are listed.
const MOST_OF_TYPE: u32 = 1000;

/// Whether secret values are shown.
#[derive(Debug, Clone, Copy)]
enum Secrets {
    Shown,
    Masked,
}

impl From<bool> for Secrets {
    fn from(include: bool) -> Self {
        if include { Self::Shown } else { Self::Masked }
    }
}

impl Answer<CreateBlockDocument> for Local {
    async fn answer(&self, wanted: CreateBlockDocument) -> Result<BlockDocument> {
        let (id, now, vault) = (self.new_id::<BlockDocumentId>(), self.now(), self.vault()?);
        let name = match (wanted.name, wanted.is_anonymous) {
            (Some(name), _) => name,
            (None, true) => format!("anonymous-{id}"),
            (None, false) => return Err(Error::invalid("a block needs a name")),
        };
        check_name(&name)?;
        let CreateBlockDocument { data, block_schema_id, block_type_id, is_anonymous, .. } = wanted;
        let digest = digest(&vault, is_anonymous, block_schema_id, &data)?;
        let sealed = seal(&vault, id, &data)?;
        let write = async move |tx: &mut Tx<'_>| {
            let schema = schema::need(tx, block_schema_id).await?;
            if schema.block_type_id != block_type_id {
                return Err(Error::invalid("the schema of a block must be one of its type"));
            }
            if let Some(digest) = digest
                && let Some(same) = block_document::read_same(tx, block_schema_id, digest).await?
            {
                return assemble(tx, &vault, same, Secrets::Masked, DEEPEST).await;
            }
            reference::check(tx, &data).await?;
            let made = Sealed {
                id,
                created: now,
                updated: now,
                name,
                sealed,
                block_schema_id,
                block_type_id,
                is_anonymous,
            };
            if !block_document::add(tx, &made, digest).await? {
                let problem = format!("block document '{}' exists already", made.name);
                return Err(Error::conflict(problem).with_hint("update it, or choose another name"));
            }
            assemble(tx, &vault, made, Secrets::Masked, DEEPEST).await
        };
        self.store.write(write).await
    }
}

fn check_name(name: &str) -> Result<()> {
    let is_allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-');
    if !name.is_empty() && name.len() <= 255 && name.chars().all(is_allowed) {
        return Ok(());
    }
    Err(Error::invalid(format!("a block document cannot be called '{name}'"))
        .with_hint("a name has lower-case letters, digits and dashes"))
}

/// By which the same anonymous block is found again; programs save one before each run.
fn digest(
    vault: &Vault,
    is_anonymous: bool,
    schema: BlockSchemaId,
    data: &Map<String, Value>,
) -> Result<Option<u128>> {
    if !is_anonymous {
        return Ok(None);
    }
    let content = format!("{schema} {}", canonical(&Value::Object(data.clone())));
    vault.digest(content.as_bytes()).map(Some)
}

fn seal(vault: &Vault, id: BlockDocumentId, data: &Map<String, Value>) -> Result<String> {
    let content = serde_json::to_vec(data)
        .map_err(|error| Error::internal("a block has no JSON").with_source(error))?;
    vault.seal(id.as_uuid(), content)
}

fn open(vault: &Vault, sealed: &Sealed) -> Result<Map<String, Value>> {
    let content = vault.open(sealed.id.as_uuid(), &sealed.sealed)?;
    // What serde says of it could tell a part of it.
    serde_json::from_slice(&content)
        .map_err(|_| Error::internal(format!("block document {} cannot be read", sealed.id)))
}

/// The block as it is told: with its schema and type, and the blocks that it refers to inside.
async fn assemble(
    tx: &mut Tx<'_>,
    vault: &Vault,
    sealed: Sealed,
    secrets: Secrets,
    depth: u32,
) -> Result<BlockDocument> {
    let mut data = open(vault, &sealed)?;
    let schema = match block_schema::read(tx, sealed.block_schema_id).await? {
        Some(schema) => Some(schema::with_type(tx, schema).await?),
        None => None,
    };
    let mut references = Map::new();
    for (field, value) in &mut data {
        let Some(id) = reference::referred(value).filter(|_| depth > 0) else { continue };
        let Some(child) = block_document::read(tx, id).await? else { continue };
        let child = Box::pin(assemble(tx, vault, child, secrets, depth - 1)).await?;
        *value = Value::Object(child.data);
        let told = json!({
            "id": child.id,
            "name": child.name,
            "block_type": child.block_type,
            "is_anonymous": child.is_anonymous,
            "block_document_references": child.block_document_references,
        });
        references.insert(field.clone(), json!({ "block_document": told }));
    }
    if let (Secrets::Masked, Some(schema)) = (secrets, &schema) {
        secrecy::hide(&mut data, &schema.secret_fields());
    }
    let block_type = schema.as_ref().and_then(|schema| schema.block_type.clone());
    Ok(BlockDocument {
        id: sealed.id,
        created: sealed.created,
        updated: sealed.updated,
        name: Some(sealed.name),
        data,
        block_schema_id: sealed.block_schema_id,
        block_schema: schema,
        block_type_id: sealed.block_type_id,
        block_type_name: block_type.as_ref().map(|kind| kind.name.clone()),
        block_type,
        block_document_references: references,
        is_anonymous: sealed.is_anonymous,
    })
}

async fn need(tx: &mut Tx<'_>, id: BlockDocumentId) -> Result<Sealed> {
    let found = block_document::read(tx, id).await?;
    found.ok_or_else(|| Error::not_found(format!("block document {id}")))
}

impl Answer<ReadBlockDocument> for Local {
    async fn answer(&self, wanted: ReadBlockDocument) -> Result<BlockDocument> {
        let vault = self.vault()?;
        let read = async move |tx: &mut Tx<'_>| {
            let found = need(tx, wanted.id).await?;
            assemble(tx, &vault, found, wanted.include_secrets.into(), DEEPEST).await
        };
        self.store.read(read).await
    }
}

impl Answer<ReadBlockDocumentByName> for Local {
    async fn answer(&self, wanted: ReadBlockDocumentByName) -> Result<BlockDocument> {
        let vault = self.vault()?;
        let read = async move |tx: &mut Tx<'_>| {
            let ReadBlockDocumentByName { slug, name, include_secrets } = wanted;
            let of = kind::need_by_slug(tx, &slug).await?;
            let found = block_document::read_by_name(tx, of.id, &name).await?;
            let found =
                found.ok_or_else(|| Error::not_found(format!("block document '{slug}/{name}'")))?;
            assemble(tx, &vault, found, include_secrets.into(), DEEPEST).await
        };
        self.store.read(read).await
    }
}

impl Answer<ReadBlockDocumentsOfType> for Local {
    async fn answer(&self, wanted: ReadBlockDocumentsOfType) -> Result<Vec<BlockDocument>> {
        let ReadBlockDocumentsOfType { slug, include_secrets } = wanted;
        let named = slug.clone();
        self.store.read(async move |tx| kind::need_by_slug(tx, &named).await).await?;
        let of_type = BlockTypeFilter { slug: Some(Text::is(slug)), ..BlockTypeFilter::default() };
        let which =
            WhichBlockDocuments { block_types: Some(of_type), ..WhichBlockDocuments::default() };
        let page = Page::first(MOST_OF_TYPE);
        let sort = BlockDocumentSort::NameAsc;
        self.answer(FilterBlockDocuments { which, include_secrets, sort, page }).await
    }
}

impl Answer<FilterBlockDocuments> for Local {
    async fn answer(&self, wanted: FilterBlockDocuments) -> Result<Vec<BlockDocument>> {
        let vault = self.vault()?;
        let read = async move |tx: &mut Tx<'_>| {
            let FilterBlockDocuments { which, include_secrets, sort, page } = wanted;
            let mut documents = Vec::new();
            for found in block_document::filter(tx, which, sort, page).await? {
                let secrets = include_secrets.into();
                documents.push(assemble(tx, &vault, found, secrets, DEEPEST).await?);
            }
            Ok(documents)
        };
        self.store.scan(read).await
    }
}

impl Answer<CountBlockDocuments> for Local {
    async fn answer(&self, CountBlockDocuments { which }: CountBlockDocuments) -> Result<u64> {
        self.store.scan(async move |tx| block_document::count(tx, which).await).await
    }
}

impl Answer<UpdateBlockDocument> for Local {
    async fn answer(&self, wanted: UpdateBlockDocument) -> Result<()> {
        let (now, vault) = (self.now(), self.vault()?);
        let write = async move |tx: &mut Tx<'_>| {
            let mut known = need(tx, wanted.id).await?;
            if let Some(id) = wanted.block_schema_id {
                let BlockSchema { block_type_id, .. } = schema::need(tx, id).await?;
                if block_type_id != known.block_type_id {
                    return Err(Error::invalid("a block must stay one of its type"));
                }
                known.block_schema_id = id;
            }
            let before = open(&vault, &known)?;
            let mut data = if wanted.merge_existing_data { before.clone() } else { Map::new() };
            for (name, mut value) in wanted.data {
                secrecy::unmask(&mut value, before.get(&name));
                data.insert(name, value);
            }
            reference::check(tx, &data).await?;
            let digest = digest(&vault, known.is_anonymous, known.block_schema_id, &data)?;
            known.sealed = seal(&vault, known.id, &data)?;
            known.updated = now;
            block_document::update(tx, &known, digest).await
        };
        self.store.write(write).await
    }
}

impl Answer<DeleteBlockDocument> for Local {
    async fn answer(&self, DeleteBlockDocument { id }: DeleteBlockDocument) -> Result<()> {
        let write = async move |tx: &mut Tx<'_>| match block_document::delete(tx, id).await? {
            true => Ok(()),
            false => Err(Error::not_found(format!("block document {id}"))),
        };
        self.store.write(write).await
    }
}

impl Local {
    /// What encrypts; a database that was opened without settings has none.
    fn vault(&self) -> Result<Arc<Vault>> {
        self.vault.clone().ok_or_else(|| {
            Error::refused("blocks cannot be kept without a key")
                .with_hint("give the client its settings: Client::encrypted_by")
        })
    }
}
