//! Samples of what is kept, for the tests of the store.

use std::sync::Arc;

use uuid::Uuid;

use crate::Timestamp;
use crate::model::{Level, Log, RetryPolicy, State, Tally, Task};
use crate::wire::TaskRunRecord;

const NOW: Timestamp = Timestamp::from_micros(0);

/// A task run that has completed, on its own.
pub(super) fn record(number: u128) -> TaskRunRecord {
    TaskRunRecord {
        id: Uuid::from_u128(number).into(),
        flow_run_id: None,
        parent_task_run_id: None,
        task: Arc::new(Task {
            key: "load".into(),
            name: "load".into(),
            version: "1".into(),
            description: None,
            tags: Vec::new(),
            policy: RetryPolicy::default(),
        }),
        name: "load-0".into(),
        dynamic_key: "0".into(),
        input_hash: None,
        task_inputs: None,
        extra_tags: Vec::new(),
        cache_key: None,
        cache_expiration: None,
        states: vec![State::pending(NOW), State::completed(NOW)],
        result: None,
        tally: Tally::default(),
        stored_as: None,
        is_queued: false,
        ticket: u64::MAX,
    }
}

/// A log line of some flow run.
pub(super) fn line(number: u128) -> Log {
    Log {
        id: Uuid::from_u128(number).into(),
        name: "etl".into(),
        level: Level::Info,
        message: "done".into(),
        timestamp: NOW,
        flow_run_id: Some(Uuid::from_u128(7).into()),
        task_run_id: None,
        fields: Default::default(),
    }
}
