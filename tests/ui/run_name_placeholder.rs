//! A run name is made of parameters.

use flowkit::task;

#[task(run_name = "load-{dya}")]
async fn slip(day: u32) {
    let _ = day;
}

#[task(run_name = "load-{customer}")]
async fn unknown(day: u32, limit: u32) {
    let _ = (day, limit);
}

#[task(run_name = "load-{day}")]
async fn nothing() {}

#[task(run_name = "load-{http}")]
async fn resource(#[resource] http: String) {
    drop(http);
}

#[task(run_name = "load-{}")]
async fn unnamed(day: u32) {
    let _ = day;
}

#[task(run_name = "load-{day")]
async fn open(day: u32) {
    let _ = day;
}

fn main() {}
