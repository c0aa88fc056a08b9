//! Prefect Cloud: which workspaces a key opens.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::http::{Http, Trouble};
use crate::api::{Login, Server};
use crate::secret::Secret;
use crate::{Error, Result};

/// A workspace of Prefect Cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    /// The account that it belongs to.
    pub account_id: Uuid,
    /// What the account is called in addresses and on the command line.
    pub account_handle: String,
    /// What the account is called by people.
    #[serde(default)]
    pub account_name: String,
    /// The workspace.
    pub workspace_id: Uuid,
    /// What the workspace is called in addresses and on the command line.
    pub workspace_handle: String,
    /// What the workspace is called by people.
    #[serde(default)]
    pub workspace_name: String,
    /// What it is for.
    #[serde(default)]
    pub workspace_description: Option<String>,
}

impl Workspace {
    /// The account and the workspace, as `account/workspace`.
    #[must_use]
    pub fn handle(&self) -> String {
        format!("{}/{}", self.account_handle, self.workspace_handle)
    }

    /// The address of its API, below that of Prefect Cloud.
    #[must_use]
    pub fn api_url(&self, cloud: &str) -> String {
        let Self { account_id, workspace_id, .. } = self;
        format!("{cloud}/accounts/{account_id}/workspaces/{workspace_id}")
    }
}

/// The workspaces that a key opens, by their handles.
///
/// # Errors
/// Refused when the key opens none, unavailable or timeout when nothing answers.
pub async fn workspaces(cloud: &str, key: &Secret) -> Result<Vec<Workspace>> {
    let server = Server { url: cloud.to_owned(), login: Login::Key(key.clone()) };
    let asked = Http::new(&server)?.get::<Vec<Workspace>>("/me/workspaces").await;
    let mut workspaces = asked.map_err(|trouble| match trouble {
        Trouble::Denied => {
            let hint = "make a new one on https://app.prefect.cloud under Settings, API Keys";
            Error::refused("Prefect Cloud does not know this key").with_hint(hint)
        }
        Trouble::Away { why }
        | Trouble::Busy { why, .. }
        | Trouble::Refused { why }
        | Trouble::Local(why) => why,
    })?;
    workspaces.sort_by_key(Workspace::handle);
    Ok(workspaces)
}
