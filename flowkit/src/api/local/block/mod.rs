//! Answers about blocks: types, schemas, documents.

mod document;
mod kind;
mod reference;
mod schema;
mod secrecy;
mod system;
