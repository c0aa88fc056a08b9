//! Builds the dbt project jaffle_shop, with its tests, into a DuckDB file.
//!
//! Needs dbt on `PATH`: `export PATH="$(tests/setup/dbt.sh):$PATH"`.

use flowkit::prelude::*;
use flowkit_dbt::Dbt;

#[flow]
async fn dbt_build(#[default("dbt build")] dbt_command: &str) -> anyhow::Result<()> {
    // dbt's own files go beside the database: two runs at a time need two such folders.
    let target = std::path::absolute("target/dbt_build")?;
    std::fs::create_dir_all(&target)?;
    let target = target.display();

    let shop = Dbt::project(concat!(env!("CARGO_MANIFEST_DIR"), "/jaffle_shop"))
        .env("JAFFLE_SHOP_DUCKDB", format!("{target}/jaffle_shop.duckdb"))
        .env("DBT_TARGET_PATH", format!("{target}"))
        .env("DBT_LOG_PATH", format!("{target}/logs"));

    let built = shop.run(dbt_command).await?;
    let (models, tests) = (built.count("success"), built.count("pass"));
    tracing::info!("{models} seeds and models are built, {tests} tests pass");
    Ok(())
}

#[flowkit::main]
async fn main() -> flowkit::Result<()> {
    dbt_build(flowkit::DEFAULT).await
}
