//! Hostile runs of a ring that somebody has made: its settings stay, and clients and faults come
//! from a seed. What is drawn is a scenario like any other.

use serde_json::{Value, json};

use crate::base::time::{Instant, Span};
use crate::protocol::config::Config;
use crate::sim::op::Outcome;
use crate::sim::oracle::CheckClass;
use crate::sim::scenario::{BadInput, Scenario};
use crate::sim::swarm::{draw, judge, play};

/// More nodes than this take too long for a hundred runs.
pub const NODES_MAX: usize = 60;
/// So much time after the heal is enough with intervals no longer than the swarm's own.
const SETTLE: Span = Span::from_ms(65_000);
const GOSSIP: Span = Span::from_ms(1_000);
const ANTI_ENTROPY: Span = Span::from_ms(3_500);
const HANDOFF: Span = Span::from_ms(1_000);

/// What came of one run, for people who look at many.
#[derive(Clone, Debug)]
pub struct Tried {
    pub seed: u64,
    pub events: u64,
    pub asked: usize,
    pub refused: usize,
    /// Had no answer in time.
    pub unanswered: usize,
    /// The first operation that was refused or had no answer, and when it was told.
    pub first: Option<(String, Instant)>,
    /// The first promise that was broken, and when.
    pub broken: Option<(judge::Broken, Instant)>,
}

/// The scenario of a seed under the settings of this one, as it would be written into a file.
///
/// # Errors
/// What of the settings no scenario may have, or that their ring is too large.
pub fn text(scenario: &str, seed: u64) -> Result<String, BadInput> {
    // What parses is an object.
    let bare = Scenario::parse(scenario)?;
    let mut given: Value = serde_json::from_str(scenario).unwrap_or_default();
    let setup = bare.setup();
    let mut nodes: Vec<_> = setup.nodes.iter().filter(|node| !node.joins_later()).collect();
    if nodes.len() > NODES_MAX {
        let allowed = format!("at most {NODES_MAX} for hostile runs");
        return Err(BadInput::new("config.nodes", nodes.len().to_string(), allowed));
    }
    // The first never leaves: seeds come first, or who joins would find nobody.
    nodes.sort_by_key(|node| !node.seed_node);
    let names = nodes.into_iter().map(|node| node.name.clone()).collect();
    let config = given["config"].take();
    let mut usual = json!({ "latency_ms": [1, 10], "loss": 0.0, "duplicate": 0.0 });
    for (name, value) in usual.as_object_mut().into_iter().flatten() {
        if let Some(said) = config["network"].get(name) {
            *value = said.clone();
        }
    }
    let script = draw::script(seed, names, usual);
    let until_ms = draw::FAULTS_UNTIL_MS as f64 + settle(&setup.config).as_ms_f64();
    let config = if config.is_null() { json!({}) } else { config };
    let drawn = json!({
        "version": 1, "title": format!("Hostile run of seed {seed}"), "seed": seed,
        "config": config, "script": script, "until_ms": until_ms.min(36_000_000.0),
    });
    Ok(drawn.to_string())
}

/// As often as rounds come more rarely than the swarm's own, so much longer a ring may take to
/// agree.
fn settle(config: &Config) -> Span {
    let rounds = [
        (config.gossip_interval, GOSSIP),
        (config.anti_entropy_interval, ANTI_ENTROPY),
        (config.handoff_interval, HANDOFF),
    ];
    let times = rounds.iter().map(|(given, own)| given.0.div_ceil(own.0)).max().unwrap_or(1);
    Span(SETTLE.0.saturating_mul(times.max(1)))
}

/// Plays the run of a seed to its end.
///
/// # Errors
/// As [`text`], and what of the drawn scenario does not suit the settings.
pub fn try_seed(scenario: &str, seed: u64) -> Result<Tried, BadInput> {
    let world = play(&Scenario::parse(&text(scenario, seed)?)?, u64::MAX, false);
    let ops = world.ops();
    let count = |is: fn(&Outcome) -> bool| ops.iter().filter(|op| is(&op.outcome)).count();
    let is_refused = |outcome: &Outcome| matches!(outcome, Outcome::Refused(_));
    let is_unanswered = |outcome: &Outcome| matches!(outcome, Outcome::Timeout(_));
    let failed = ops.iter().filter(|op| is_refused(&op.outcome) || is_unanswered(&op.outcome));
    let first = failed.filter_map(|op| Some((op.name.clone(), op.finished?))).min_by_key(|it| it.1);
    let checks = world.checks();
    let always = checks.iter().filter(|check| check.class == CheckClass::Always && !check.ok);
    let meanwhile = always.filter_map(|check| Some(check.broken.as_ref()?.at)).min();
    Ok(Tried {
        seed,
        events: world.events(),
        asked: ops.len(),
        refused: count(is_refused),
        unanswered: count(is_unanswered),
        first,
        broken: judge::broken(&world).map(|it| (it, meanwhile.unwrap_or(world.now()))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RING: &str = r#"{ "version": 1, "title": "mine", "seed": "mallard-42",
        "config": { "nodes": 5, "n": 3, "r": 2, "w": 2, "quorum": "strict",
            "network": { "latency_ms": [20, 70] } },
        "script": [{ "at_ms": 5, "crash": { "node": "A" } }], "until_ms": 1000 }"#;

    #[test]
    fn settings_stay_and_the_script_is_drawn() {
        let drawn: Value = serde_json::from_str(&text(RING, 7).expect("good")).expect("JSON");
        let given: Value = serde_json::from_str(RING).expect("JSON");
        assert_eq!(drawn["config"], given["config"]);
        assert_eq!(drawn["seed"], 7);
        let script = drawn["script"].as_array().expect("a list");
        assert!(script.iter().any(|entry| entry.get("heal").is_some()));
        assert!(script.iter().all(|entry| entry["at_ms"] != 5));
        assert_ne!(text(RING, 7), text(RING, 8));
    }

    #[test]
    fn what_cannot_be_played_is_refused_by_name() {
        let many = RING.replace("\"nodes\": 5", "\"nodes\": 61");
        let refusal = text(&many, 1).expect_err("too many").to_string();
        assert_eq!(refusal, "config.nodes: found 61, allowed at most 60 for hostile runs");
        assert!(text("{", 1).is_err());
    }

    #[test]
    fn rare_rounds_have_more_time_to_agree() {
        let each =
            |ms| settle(&Config { anti_entropy_interval: Span::from_ms(ms), ..Config::default() });
        assert_eq!(each(500), SETTLE);
        assert_eq!(each(10_500), Span::from_ms(3 * 65_000));
    }

    #[test]
    fn a_ring_of_three_refuses_under_faults_and_breaks_nothing() {
        let three = RING.replace("\"nodes\": 5", "\"nodes\": 3");
        let tried: Vec<Tried> = (0..6).map(|seed| try_seed(&three, seed).expect("good")).collect();
        assert!(tried.iter().all(|run| run.broken.is_none() && run.asked > 60), "{tried:#?}");
        let failed = tried.iter().find(|run| run.refused + run.unanswered > 0);
        assert!(failed.expect("two of three are often down").first.is_some());
    }
}
