//! How flow runs end.

use flowkit::prelude::*;

use crate::support::Scratch;

#[task]
async fn maybe_fail(fails: bool) -> flowkit::Result<()> {
    if fails { Err(flowkit::Error::invalid("as asked")) } else { Ok(()) }
}

#[flow]
async fn handled() {
    maybe_fail(true).await.expect_err("looked at");
    let handle = maybe_fail(true).submit();
    assert_eq!(handle.state().await.name, "Failed");
}

#[flow]
async fn overlooked() {
    maybe_fail(true).submit();
    maybe_fail(false).submit();
}

#[flow]
async fn together(fails: bool) -> Vec<Handle<()>> {
    vec![maybe_fail(false).submit(), maybe_fail(fails).submit(), maybe_fail(false).submit()]
}

#[flow]
async fn value() -> u8 {
    7
}

#[flow]
async fn error() -> anyhow::Result<()> {
    anyhow::bail!("the disk is missing")
}

fn below_ten(n: &u8) -> Result<(), String> {
    if *n < 10 { Ok(()) } else { Err(format!("{n} is not below ten")) }
}

#[flow(validate = below_ten)]
async fn checked(n: u8) -> u8 {
    n
}

/// Runs a flow by itself and tells its final state and what its caller gets.
macro_rules! end_of {
    ($call:expr) => {{
        let scratch = Scratch::new().await;
        let result = scratch.hold(async { $call.await }).await;
        let run = scratch.only_flow_run().await;
        let told = match result {
            Ok(_) => "Ok".to_owned(),
            Err(error) => error.full_message().replace(&run.name, "NAME"),
        };
        format!("{} | {told}", run.state.expect("a state"))
    }};
}

#[tokio::test]
async fn flow_ends_as_its_value_its_error_or_its_handles_say() {
    insta::assert_snapshot!(end_of!(value()), @"Completed() | Ok");
    insta::assert_snapshot!(end_of!(error()), @"Failed('the disk is missing') | flow run 'NAME' failed: the disk is missing");
    insta::assert_snapshot!(end_of!(together(false)), @"Completed('All states completed.') | Ok");
    insta::assert_snapshot!(end_of!(together(true)), @"Failed('1/3 states failed.') | flow run 'NAME' failed: 1/3 states failed.");
}

#[tokio::test]
async fn failure_that_was_looked_at_is_handled_and_an_overlooked_one_is_not_lost() {
    insta::assert_snapshot!(end_of!(handled()), @"Completed() | Ok");
    insta::assert_snapshot!(end_of!(overlooked()), @"Failed('1 task run failed and nobody looked: 'maybe_fail-0' ended Failed('as asked')') | flow run 'NAME' failed: 1 task run failed and nobody looked: 'maybe_fail-0' ended Failed('as asked')");
}

#[tokio::test]
async fn refused_parameters_fail_the_run_before_its_body() {
    insta::assert_snapshot!(end_of!(checked(7)), @"Completed() | Ok");
    insta::assert_snapshot!(end_of!(checked(70)), @"Failed('the parameters were refused: 70 is not below ten') | flow run 'NAME' failed: the parameters were refused: 70 is not below ten");
}
