//! A duration is whole numbers with units, in one text.

use flowkit::task;

#[task(timeout = 30)]
async fn number() {}

#[task(timeout = "30")]
async fn no_unit() {}

#[task(timeout = "2min")]
async fn wrong_unit() {}

#[task(timeout = "1.5s")]
async fn fraction() {}

#[task(timeout = "-1s")]
async fn negative() {}

#[task(timeout = "0s")]
async fn zero() {}

#[task(timeout = "300000d")]
async fn for_ever() {}

#[task(retries = 2, retry_delay = ["1s", "5"])]
async fn in_a_list() {}

#[task(retries = 2, retry_delay = exponential("1m", max = "1s"))]
async fn shrinking() {}

fn main() {}
