//! The attributes of flowkit; use them through `flowkit` itself.
