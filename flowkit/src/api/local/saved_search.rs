//! Answers about saved searches.

use uuid::Uuid;

use super::Local;
use crate::api::Answer;
use crate::store::{Tx, saved_search};
use crate::wire::{
    DeleteSavedSearch, FilterSavedSearches, Made, ReadSavedSearch, SavedSearch, SetSavedSearch,
};
use crate::{Error, Result};

impl Answer<SetSavedSearch> for Local {
    async fn answer(&self, wanted: SetSavedSearch) -> Result<Made<SavedSearch>> {
        let SetSavedSearch { name, filters } = wanted;
        if name.is_empty() {
            return Err(Error::invalid("a search needs a name"));
        }
        let (id, now) = (self.new_id(), self.now());
        let write = async move |tx: &mut Tx<'_>| {
            let known = saved_search::read_by_name(tx, &name).await?;
            let is_new = known.is_none();
            let (id, created) = known.map_or((id, now), |known| (known.id, known.created));
            let value = SavedSearch { id, created, updated: now, name, filters };
            saved_search::put(tx, &value).await?;
            Ok(Made { value, is_new })
        };
        self.store.write(write).await
    }
}

impl Answer<ReadSavedSearch> for Local {
    async fn answer(&self, ReadSavedSearch { id }: ReadSavedSearch) -> Result<SavedSearch> {
        let found = self.store.read(async move |tx| saved_search::read(tx, id).await).await?;
        found.ok_or_else(|| no_search(id))
    }
}

impl Answer<FilterSavedSearches> for Local {
    async fn answer(&self, wanted: FilterSavedSearches) -> Result<Vec<SavedSearch>> {
        self.store.scan(async move |tx| saved_search::filter(tx, wanted.page).await).await
    }
}

impl Answer<DeleteSavedSearch> for Local {
    async fn answer(&self, DeleteSavedSearch { id }: DeleteSavedSearch) -> Result<()> {
        let found = self.store.write(async move |tx| saved_search::delete(tx, id).await).await?;
        if found { Ok(()) } else { Err(no_search(id)) }
    }
}

fn no_search(id: Uuid) -> Error {
    Error::not_found(format!("saved search {id}"))
}
