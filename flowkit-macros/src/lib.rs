//! The attributes of flowkit: `#[task]`, `#[flow]` and `#[main]`. Use them through `flowkit`
//! itself, which re-exports them beside everything they expand to.
//!
//! Nothing happens here: the attributes read a function, refuse what cannot be one of ours, and
//! write one call into the library. The files are the steps of that, in this order:
//!
//! | step | files |
//! |---|---|
//! | read the options | `option`, `shape`, `reader`, `value`, `duration`, `template` |
//! | read the function | `function`, `signature`, `flaw` |
//! | refuse, one sentence each | `valid`, `nearest`, `rejection` |
//! | write the items | `expand`, `call`, `extras`, `definition`, `registration`, `expand_main` |
//! | write what is left of refused code | `fallback` |

mod attribute;
mod call;
mod definition;
mod duration;
mod expand;
mod expand_main;
mod extras;
mod fallback;
mod flaw;
mod function;
mod nearest;
mod option;
mod reader;
mod registration;
mod rejection;
mod shape;
mod signature;
mod template;
#[cfg(test)]
mod testing;
mod valid;
mod value;

use proc_macro::TokenStream;

use crate::attribute::Attribute;

/// Makes a function a task: every call of it becomes a task run.
///
/// ```text
/// #[task(retries = 3, retry_delay = "2s", timeout = "30s", tags = ["io"])]
/// async fn fetch(url: &str, #[resource] http: Client) -> anyhow::Result<Vec<Row>> { … }
///
/// let rows = fetch("https://example.com", http).await?;
/// ```
///
/// # The function
///
/// It may be async or not; one that is not runs on a thread where it may block. It may return
/// any type that can be handed from one thread to another. A type whose name ends in `Result`
/// says that the body can fail, with any error; a call then answers with flowkit's own
/// `Result`, which carries the original error inside.
///
/// It takes at most 12 parameters, each by value or by plain reference (`&str`, `&[T]`,
/// `&Path`, `&T`). A call passes a value, or the handle of a task run that makes one.
///
/// - `#[default(10)] limit: u32` gives a parameter a default, for calls that pass
///   `flowkit::DEFAULT`.
/// - `#[resource] http: Client` marks a tool such as a client or a pool: it is cloned for every
///   attempt and is no part of the inputs that are stored, compared or cached by.
///
/// # What it becomes
///
/// The function now returns a `TaskCall`: `await` it to run it here, or `submit` it to run it in
/// the background. A type of the same name stands beside it, so the name must be free for a
/// type, too. `fetch::NAME` is its name, and `fetch::untracked(…)` runs the bare body, as unit
/// tests like to.
///
/// # Options
///
/// | option | takes | default |
/// |---|---|---|
/// | `name` | the task's name, without any of `/ % & < >` | the function's |
/// | `run_name` | the run's name, with parameters in braces: `"fetch-{url}"`; `{x:?}` and other formats as in `format!` | the task's name and a number |
/// | `description` | a text | the doc comment |
/// | `version` | a text | a hash of the code |
/// | `tags` | a list of texts, by which runs are found and limited | none |
/// | `retries` | how many times a failed run starts again | `0` |
/// | `retry_delay` | the wait before each retry: `"2s"`, `["1s", "5s"]` (the last one repeats), `exponential("1s")` (doubles each time), `exponential("1s", max = "1m")` | none |
/// | `retry_jitter` | the part of its length by which a delay may grow at random: `0.5` is up to half | `0` |
/// | `retry_if` | a function that is given a reference to the error that the body returned, of its own type, and says whether to retry | always |
/// | `timeout` | how long one attempt may take | none |
/// | `cache_key` | when an earlier result will do: for the same `inputs`, the same `source`, `[inputs, source]`, or the same answer of a function that is given a reference to each input | never |
/// | `cache_expiration` | how long a cached result will do | forever |
/// | `refresh_cache` | `true` runs anyway and caches the new result | `false` |
/// | `persist_result` | whether results are stored | as the settings say |
/// | `result_storage` | the block that large results go to: `"local-file-system/results"` | as the settings say |
/// | `on_completion`, `on_failure`, `on_cancellation`, `on_crashed` | a function, or a list of them, called when a run ends so | none |
/// | `crate` | where flowkit is, if not at `::flowkit` | `::flowkit` |
///
/// A duration is whole numbers with units, in one text: `"250ms"`, `"2s"`, `"1m 30s"`, `"1h"`,
/// `"2d"`.
#[proc_macro_attribute]
pub fn task(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Attribute::Task, arguments.into(), &item.into()).into()
}

/// Makes a function a flow: every call of it becomes a flow run.
///
/// ```text
/// #[flow(name = "etl", retries = 1, run_name = "etl-{day}")]
/// async fn etl(day: Date, #[default(10)] limit: u32) -> anyhow::Result<f64> {
///     let rows = fetch(day).await?;
///     Ok(score(rows, limit).await?)
/// }
/// ```
///
/// What holds for the function of a [`task`](macro@task) holds here: its parameters, its result,
/// `NAME` and `untracked`. The function returns a `FlowCall`; a flow that is called inside
/// another one becomes a subflow of that run.
///
/// A flow is also registered in the program, so that a deployment, a schedule or a click can
/// start it by name with parameters in JSON. Its parameters are then described by a schema, and
/// its resources are those that the program provides.
///
/// # Options
///
/// | option | takes | default |
/// |---|---|---|
/// | `name` | the flow's name, without any of `/ % & < >` | the function's |
/// | `run_name` | the run's name, with parameters in braces: `"etl-{day}"`; `{x:?}` and other formats as in `format!` | two words |
/// | `description` | a text | the doc comment |
/// | `version` | a text | a hash of the code |
/// | `tags` | a list of texts, by which runs are found | none |
/// | `retries` | how many times a failed run starts again | `0` |
/// | `retry_delay` | the wait before each retry, written as a task's | none |
/// | `retry_jitter` | the part of its length by which a delay may grow at random | `0` |
/// | `retry_if` | a function that is given a reference to the error that the body returned, of its own type, and says whether to retry | always |
/// | `timeout` | how long one attempt may take | none |
/// | `concurrency` | how many of its task runs run at once | `100` |
/// | `validate` | a function that is given a reference to each input and returns a `Result` before the run starts | none |
/// | `persist_result` | whether results are stored | as the settings say |
/// | `result_storage` | the block that large results go to | as the settings say |
/// | `on_completion`, `on_failure`, `on_cancellation`, `on_crashed` | a function, or a list of them, called when a run ends so | none |
/// | `on_crash` | what becomes of a run whose process died: `resume` or `fail` | `fail` |
/// | `durability` | what a finished task run survives: `process` (the end of the process), `power` (the end of the power), `relaxed` (nothing, until the run ends) | as the settings say |
/// | `crate` | where flowkit is, if not at `::flowkit` | `::flowkit` |
///
/// A duration is whole numbers with units, in one text: `"250ms"`, `"2s"`, `"1m 30s"`, `"1h"`,
/// `"2d"`.
#[proc_macro_attribute]
pub fn flow(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Attribute::Flow, arguments.into(), &item.into()).into()
}

/// Makes a function the program's entry, which can also work for a deployment.
///
/// ```text
/// #[flowkit::main]
/// async fn main() -> flowkit::Result<()> {
///     etl(today(), 10).await?;
///     Ok(())
/// }
/// ```
///
/// Started by hand, the program runs the body, on a runtime of its own if it is async. Started
/// by a worker with a flow run in its environment, it executes that run instead; and asked to
/// describe itself, it prints its flows.
///
/// The function takes no parameters and returns `()`, a `Result` or an `ExitCode`.
///
/// # Options
///
/// | option | takes | default |
/// |---|---|---|
/// | `worker_threads` | how many threads run async code | one per core |
/// | `crate` | where flowkit is, if not at `::flowkit` | `::flowkit` |
#[proc_macro_attribute]
pub fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand_main::expand(arguments.into(), &item.into()).into()
}
