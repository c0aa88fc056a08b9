//! Ids: one type per noun, so that they cannot be mixed up.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The id as its sixteen bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// Says whether it names nothing: whoever makes the thing chooses its id then.
            #[must_use]
            pub const fn is_nil(self) -> bool {
                self.0.is_nil()
            }

            /// The id as a plain UUID.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }

            /// The smallest id of that moment; ids sort by when they were made.
            #[must_use]
            pub fn first_of(moment: Timestamp) -> Self {
                let millis = u128::try_from(moment.as_micros() / 1000).unwrap_or(0);
                Self(Uuid::from_u128(millis << 80))
            }

            /// When it was made, to the millisecond.
            #[must_use]
            pub fn moment(self) -> Timestamp {
                let millis = i64::try_from(self.0.as_u128() >> 80).unwrap_or(i64::MAX);
                Timestamp::from_micros(millis.saturating_mul(1000))
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )*};
}

id! {
    /// Names one API key.
    ApiKeyId
    /// Names one artifact.
    ArtifactId
    /// Names one block document.
    BlockDocumentId
    /// Names one block schema.
    BlockSchemaId
    /// Names one block type.
    BlockTypeId
    /// Names one concurrency limit.
    ConcurrencyLimitId
    /// Names one flow.
    FlowId
    /// Names one flow run.
    FlowRunId
    /// Names one log line.
    LogId
    /// Names one state of one run.
    StateId
    /// Names one task run.
    TaskRunId
    /// Names one variable.
    VariableId
}
