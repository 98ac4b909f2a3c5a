//! Dynamo playground.
