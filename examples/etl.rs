//! Reads the seeds of jaffle_shop, cleans and joins them, and tells what every customer is worth.
//!
//! On the way: a fan-out over files, a retry, a tag, handles as arguments, a cached result, a
//! subflow and an artifact. What it writes is `target/etl/customers.csv`.

use std::collections::HashMap;

use anyhow::ensure;
use flowkit::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/jaffle_shop/seeds");

#[derive(Clone, Serialize, Deserialize)]
struct Customer {
    id: u32,
    first_name: String,
    last_name: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct Order {
    id: u32,
    user_id: u32,
}

#[derive(Clone, Serialize, Deserialize)]
struct Payment {
    order_id: u32,
    amount: u32,
}

#[derive(Clone, Serialize, Deserialize)]
struct Worth {
    customer: u32,
    name: String,
    orders: usize,
    cents: u32,
}

/// Reads a file; the disk with the orders is busy when it is first asked.
#[task(retries = 2, retry_delay = "50ms", tags = ["io"], run_name = "read-{table}")]
fn read(table: &str) -> anyhow::Result<String> {
    let is_busy = table == "orders" && flowkit::task_run().run_count() == 1;
    ensure!(!is_busy, "the disk is busy");
    Ok(std::fs::read_to_string(format!("{SEEDS}/raw_{table}.csv"))?)
}

#[task]
fn customers(table: &str) -> Vec<Customer> {
    rows(table)
}

#[task]
fn orders(table: &str) -> Vec<Order> {
    rows(table)
}

#[task]
fn payments(table: &str) -> Vec<Payment> {
    rows(table)
}

/// The rows with the right columns, trimmed; others are told of and dropped.
fn rows<T: DeserializeOwned>(table: &str) -> Vec<T> {
    let mut table = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(table.as_bytes());
    let drop = |problem: &csv::Error| tracing::warn!("Dropped a row: {problem}");
    table.deserialize().filter_map(|row| row.inspect_err(drop).ok()).collect()
}

/// Joins and sums up. Who asks again with the same rows gets the same answer without a run.
#[task(cache_key = inputs, cache_expiration = "1h")]
fn worth(customers: &[Customer], orders: &[Order], payments: &[Payment]) -> Vec<Worth> {
    let buyers: HashMap<_, _> = orders.iter().map(|order| (order.id, order.user_id)).collect();
    let sum = |customer: &Customer| Worth {
        customer: customer.id,
        name: format!("{} {}", customer.first_name, customer.last_name),
        orders: orders.iter().filter(|order| order.user_id == customer.id).count(),
        cents: (payments.iter().filter(|paid| buyers.get(&paid.order_id) == Some(&customer.id)))
            .map(|paid| paid.amount)
            .sum(),
    };
    let mut worths: Vec<_> = customers.iter().map(sum).collect();
    worths.sort_by_key(|worth| (std::cmp::Reverse(worth.cents), worth.customer));
    worths
}

#[flow]
async fn publish(worths: Vec<Worth>) -> anyhow::Result<()> {
    std::fs::create_dir_all("target/etl")?;
    let mut file = csv::Writer::from_path("target/etl/customers.csv")?;
    worths.iter().try_for_each(|worth| file.serialize(worth))?;
    file.flush()?;
    flowkit::artifact::table("top-customers", &worths[..5]).await?;
    Ok(())
}

#[flow]
async fn etl() -> anyhow::Result<()> {
    let tables = ["customers", "orders", "payments"].map(read).gather().await?;
    let customers = customers(&tables[0]).submit();
    let orders = orders(&tables[1]).submit();
    let payments = payments(&tables[2]).submit();
    let worths = worth(&customers, &orders, &payments).await?;
    worth(&customers, &orders, &payments).name("worth-again").await?;

    let buyers = worths.iter().filter(|worth| worth.orders > 0).count();
    let cents: u32 = worths.iter().map(|worth| worth.cents).sum();
    ensure!((worths.len(), buyers, cents) == (100, 63, 174_500), "other sums than expected");
    let best = &worths[0];
    ensure!((best.name.as_str(), best.orders, best.cents) == ("Wanda Quist", 3, 7_900));
    tracing::info!("{buyers} of {} customers bought for {} dollars", worths.len(), cents / 100);
    publish(worths).await?;
    Ok(())
}

#[flowkit::main]
async fn main() -> flowkit::Result<()> {
    etl().await
}
