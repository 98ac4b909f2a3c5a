//! What a run came to: as JSON for programs (§6 of the design), as text for people.

mod blame;
mod json;
mod text;

pub use json::{Report, ends, outcome_word, phis, state_word, text as bytes, versions};
pub use text::{Verdict, text, verdict};
