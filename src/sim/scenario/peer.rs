//! The options of one node of a real ring: names, secret, address, and the scenario's own `config`
//! where it applies, so that a ring of tabs is configured in the words of a simulated one.

use super::bad_input::BadInput;
use super::form::{must_be, name_of, object, read};
use super::format::ConfigForm;
use super::{settings, text};
use crate::base::rng::Rng;
use crate::data::partitioning::Partitioning;
use crate::protocol::config::{Config, N_MAX};

/// What a node of a real ring is given. Names and secret are checked by who uses them.
#[derive(Clone, Debug)]
pub struct PeerOptions {
    pub ring: String,
    pub secret: String,
    pub name: String,
    /// Where others can dial it; empty when they cannot.
    pub address: String,
    /// With an empty journal: found the ring, or wait to be told through whom to join.
    pub found: bool,
    pub config: Config,
    pub partitioning: Partitioning,
}

object! {
    PeerForm, "an object with ring, secret, name, address, config, found" {
        ring: String,
        secret: String,
        name: String,
        address: String = default,
        config: ConfigForm = default,
        found: bool = default,
    }
}

/// Settings that only a simulated world has.
const SIMULATED: [&str; 9] = [
    "nodes",
    "disk_latency_ms",
    "service_ms",
    "network",
    "write_buffer",
    "write_buffer_flush_ms",
    "durable_replica",
    "coordination",
    "client_poll_ms",
];

impl PeerOptions {
    pub fn parse(json: &str) -> Result<PeerOptions, BadInput> {
        let json = text::parse(json)?;
        let form: PeerForm = read(&json)?;
        if let Some(config) = json.get("config")
            && let Some(name) = SIMULATED.into_iter().find(|&name| config.get(name).is_some())
        {
            let found = "a setting of a simulated world";
            return Err(BadInput::new(
                &format!("config.{name}"),
                found,
                "nothing: it is real here",
            ));
        }
        let salt = Rng::stream(&form.ring, "tokens").next_u64();
        let (config, partitioning) = settings::config(&form.config, N_MAX, salt)?;
        let PeerForm { ring, secret, name, address, found, .. } = form;
        Ok(PeerOptions { ring, secret, name, address, found, config, partitioning })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::view::View;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn parse(config: &str) -> Result<PeerOptions, String> {
        let json =
            format!(r#"{{ "ring": "demo", "secret": "…", "name": "A", "config": {config} }}"#);
        PeerOptions::parse(&json).map_err(|refused| refused.to_string())
    }

    #[test]
    fn a_node_is_configured_in_the_words_of_a_scenario() {
        let options = parse(r#"{ "n": 2, "r": 1, "gossip_interval_ms": 200 }"#).unwrap();
        assert_eq!((options.config.n, options.config.r, options.config.w), (2, 1, 2));
        assert!(!options.found && options.address.is_empty());
        assert!(View::blank(options.partitioning, 2).ring().partition_count() >= 64);
    }

    #[test]
    fn what_only_a_simulated_world_has_is_refused_by_its_path() {
        let refused = parse(r#"{ "network": { "loss": 0.1 } }"#).unwrap_err();
        assert!(refused.starts_with("config.network: found a setting of a simulated"), "{refused}");
        assert!(parse(r#"{ "r": 4 }"#).unwrap_err().starts_with("config.r: found 4"));
        assert!(parse(r#"{ "colour": 1 }"#).unwrap_err().starts_with("config.colour"));
    }
}
