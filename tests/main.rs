//! Behaviour of flowkit, through its public doors.

mod support;

mod browser;
mod cli_artifact;
mod cli_cloud;
mod cli_config;
mod cli_database;
mod cli_flow_run;
mod cli_follow;
mod cli_limit;
mod cli_profile;
mod cli_resume;
mod cli_task_run;
mod cli_variable;
mod cli_version;
mod crash;
mod dbt;
mod engine;
mod examples;
mod page;
mod prefect;
mod report;
mod store;
mod tidy;
mod ui;
mod wire;
