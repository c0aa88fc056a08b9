//! What several tests stand on.

mod account;
mod api;
mod browser;
pub(crate) mod dbt;
mod difference;
mod example;
mod executable;
mod flowkit_server;
mod label;
pub(crate) mod postgres;
mod prefect;
mod program;
mod redact;
mod scratch;
mod server;
mod site;
mod stand_in;
pub(crate) mod terminal;
mod truth;

pub(crate) use account::{Account, Known, settle};
pub(crate) use api::Api;
pub(crate) use browser::Browser;
pub(crate) use difference::assert_differences;
pub(crate) use example::Examples;
pub(crate) use flowkit_server::FlowkitServer;
pub(crate) use label::is_uuid;
pub(crate) use prefect::{Prefect, PrefectServer};
pub(crate) use program::run_program;
pub(crate) use redact::redactions;
pub(crate) use scratch::Scratch;
pub(crate) use server::Server;
pub(crate) use site::Site;
pub(crate) use stand_in::{Answer, StandIn};
