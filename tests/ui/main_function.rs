//! A main function takes nothing.

#[flowkit::main]
async fn main(arguments: Vec<String>) {
    drop(arguments);
}
