//! Answers about block types.

use super::system;
use crate::api::Answer;
use crate::api::local::Local;
use crate::model::{BlockType, BlockTypeId};
use crate::store::{Tx, block_document, block_schema, block_type};
use crate::wire::{
    AboutBlockType, CreateBlockType, DeleteBlockType, FilterBlockTypes, InstallSystemBlockTypes,
    ReadBlockCapabilities, ReadBlockType, ReadBlockTypeBySlug, UpdateBlockType,
};
use crate::{Error, Result};

impl Answer<CreateBlockType> for Local {
    async fn answer(&self, wanted: CreateBlockType) -> Result<BlockType> {
        let CreateBlockType { name, slug, about } = wanted;
        check_slug(&slug)?;
        let now = self.now();
        let AboutBlockType { logo_url, documentation_url, description, code_example } = about;
        let made = BlockType {
            id: self.new_id(),
            created: now,
            updated: now,
            name,
            slug,
            logo_url,
            documentation_url,
            description,
            code_example,
            is_protected: false,
        };
        let write = async move |tx: &mut Tx<'_>| match block_type::add(tx, &made).await? {
            true => Ok(made),
            false => Err(Error::conflict(format!("block type '{}' exists already", made.slug))),
        };
        self.store.write(write).await
    }
}

fn check_slug(slug: &str) -> Result<()> {
    let is_allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_');
    if !slug.is_empty() && slug.len() <= 255 && slug.chars().all(is_allowed) {
        return Ok(());
    }
    Err(Error::invalid(format!("a block type cannot have the slug '{slug}'"))
        .with_hint("a slug has lower-case letters, digits and dashes"))
}

impl Answer<ReadBlockType> for Local {
    async fn answer(&self, ReadBlockType { id }: ReadBlockType) -> Result<BlockType> {
        self.store.read(async move |tx| need(tx, id).await).await
    }
}

/// The type of that id.
pub(super) async fn need(tx: &mut Tx<'_>, id: BlockTypeId) -> Result<BlockType> {
    block_type::read(tx, id).await?.ok_or_else(|| Error::not_found(format!("block type {id}")))
}

/// The type of that slug.
pub(super) async fn need_by_slug(tx: &mut Tx<'_>, slug: &str) -> Result<BlockType> {
    let found = block_type::read_by_slug(tx, slug).await?;
    found.ok_or_else(|| Error::not_found(format!("block type '{slug}'")))
}

impl Answer<ReadBlockTypeBySlug> for Local {
    async fn answer(&self, ReadBlockTypeBySlug { slug }: ReadBlockTypeBySlug) -> Result<BlockType> {
        self.store.read(async move |tx| need_by_slug(tx, &slug).await).await
    }
}

impl Answer<FilterBlockTypes> for Local {
    async fn answer(&self, wanted: FilterBlockTypes) -> Result<Vec<BlockType>> {
        let FilterBlockTypes { block_types, block_schemas, page } = wanted;
        let abilities = block_schemas
            .and_then(|filter| filter.block_capabilities)
            .and_then(|capabilities| capabilities.all_);
        let read = async move |tx: &mut Tx<'_>| {
            let mut found = block_type::filter(tx, block_types).await?;
            if let Some(abilities) = abilities {
                // There are some dozens of them; what they can do is compared here.
                let able: Vec<_> = block_schema::capabilities(tx)
                    .await?
                    .into_iter()
                    .filter(|(_, has)| abilities.iter().all(|wanted| has.contains(wanted)))
                    .collect();
                found.retain(|kind| able.iter().any(|(id, _)| *id == kind.id));
            }
            let (offset, limit) = (page.offset as usize, page.limit as usize);
            Ok(found.into_iter().skip(offset).take(limit).collect())
        };
        self.store.scan(read).await
    }
}

impl Answer<UpdateBlockType> for Local {
    async fn answer(&self, UpdateBlockType { id, about }: UpdateBlockType) -> Result<()> {
        let now = self.now();
        let mut known = self.store.read(async move |tx| need(tx, id).await).await?;
        let before = known.clone();
        let keep = |new: Option<String>, old: &mut Option<String>| {
            if new.is_some() {
                *old = new;
            }
        };
        keep(about.logo_url, &mut known.logo_url);
        keep(about.documentation_url, &mut known.documentation_url);
        keep(about.description, &mut known.description);
        keep(about.code_example, &mut known.code_example);
        // Clients tell the same before each run; then nothing is written.
        if known == before {
            return Ok(());
        }
        known.updated = now;
        self.store.write(async move |tx| block_type::update(tx, &known).await).await
    }
}

impl Answer<DeleteBlockType> for Local {
    async fn answer(&self, DeleteBlockType { id }: DeleteBlockType) -> Result<()> {
        let write = async move |tx: &mut Tx<'_>| {
            let known = need(tx, id).await?;
            if known.is_protected {
                let slug = known.slug;
                return Err(Error::refused(format!("block type '{slug}' belongs to the server")));
            }
            block_document::delete_of_type(tx, id).await?;
            block_schema::delete_of_type(tx, id).await?;
            block_type::delete(tx, id).await.map(drop)
        };
        self.store.write(write).await
    }
}

impl Answer<InstallSystemBlockTypes> for Local {
    async fn answer(&self, _: InstallSystemBlockTypes) -> Result<()> {
        let now = self.now();
        let mut wanted = Vec::new();
        for block in system::blocks()? {
            wanted.push((block, self.new_id(), self.new_id()));
        }
        let write = async move |tx: &mut Tx<'_>| {
            for (block, type_id, schema_id) in wanted {
                system::install(tx, block, (type_id, schema_id), now).await?;
            }
            Ok(())
        };
        self.store.write(write).await
    }
}

impl Answer<ReadBlockCapabilities> for Local {
    async fn answer(&self, _: ReadBlockCapabilities) -> Result<Vec<String>> {
        let all = self.store.read(block_schema::capabilities).await?;
        let mut all: Vec<_> = all.into_iter().flat_map(|(_, can)| can).collect();
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }
}
