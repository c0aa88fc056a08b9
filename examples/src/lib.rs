//! What the examples share: nothing; see the files beside this folder.
