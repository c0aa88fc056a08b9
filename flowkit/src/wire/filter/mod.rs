//! Filters: which of many are meant. The JSON is Prefect's.
//!
//! All parts of a filter are joined by "and", unless its operator says "or". Parts that are
//! missing or null mean everything.

mod includes;
mod noun;
mod page;
mod part;
mod search;

pub use noun::{
    DeploymentFilter, FlowFilter, FlowRunFilter, LogFilter, Related, TaskRunFilter, WorkPoolFilter,
    WorkQueueFilter,
};
pub use page::{Page, Paginated};
pub use part::{LevelSpan, OneOf, Operator, StateFilter, Tags, Text, TimeSpan, Truth};
pub use search::Search;

/// Makes filters: every part is optional, and there is an operator.
macro_rules! filters {
    ($(
        $(#[$about:meta])*
        $name:ident $(<$T:ident>)? {
            $( $(#[$field_about:meta])* $field:ident: $type:ty, )*
        }
    )*) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $name $(<$T>)? {
            $(
                $(#[$field_about])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $field: Option<$type>,
            )*
            /// How the parts are joined.
            #[serde(
                deserialize_with = "crate::model::or_default",
                skip_serializing_if = "crate::wire::Operator::is_and"
            )]
            pub operator: crate::wire::Operator,
        }

        // Derived, it would ask for a default of what is looked for.
        impl $(<$T>)? Default for $name $(<$T>)? {
            fn default() -> Self {
                Self { $($field: None,)* operator: crate::wire::Operator::And }
            }
        }
    )*};
}
use filters;
