//! The paper's claims, section by section, as tests named after them.
#![cfg(not(target_arch = "wasm32"))]

mod rings;
mod s4_1_interface;
mod s4_2_ring;
mod s4_3_replication;
mod s4_4_deletes;
mod s4_4_versions;
mod s4_5_quorum;
mod s4_6_hinted_handoff;
mod s4_7_anti_entropy;
mod s4_8_membership;
mod s4_9_figure;
mod s4_9_join;
mod s5_implementation;
mod s5_local_engine;
mod s6_1_write_buffer;
mod s6_2_partitioning;
mod s6_3_divergence;
mod s6_4_coordination;
mod s6_5_admission;
mod s6_growth;
mod world;
