//! L5: a world of nodes in virtual time. Same setup and same commands, same digest, everywhere.

pub mod command;
pub mod op;
pub mod setup;
