//! Run dbt from flowkit.
