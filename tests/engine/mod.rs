//! Flows and tasks as their users see them.

mod cache;
mod call;
mod cancel;
mod durability;
mod fan_out;
mod final_state;
mod interrupt;
mod left_behind;
mod limit;
mod log;
mod refusal;
mod resume;
mod retention;
mod retry;
mod shield;
mod subflow;
