//! Reports: what runs do reaches a server, once and in order, on good days and bad ones.

mod away;
mod ours;
mod wish;
