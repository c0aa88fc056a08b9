//! Behaviour of flowkit, through its public doors.

mod support;

mod cli_config;
mod cli_profile;
mod cli_version;
mod crash;
mod dbt;
mod engine;
mod examples;
mod store;
mod tidy;
mod ui;
