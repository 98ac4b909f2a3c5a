//! What people and the nemesis did, in words.

use crate::base::gather::Gather;
use crate::base::id::NodeId;
use crate::sim::command::{Command, DiskFate, JoinCommand};
use crate::sim::disk::Health;
use crate::sim::load::{LoadPlan, Pace};
use crate::sim::scenario::bad_input::{joined, plain};
use crate::sim::world::World;

fn of_load(plan: &LoadPlan) -> String {
    let LoadPlan { clients, keys, lasts, .. } = plan;
    let pace = match plan.pace {
        Pace::Open { mean } => format!("a request about each {mean} ms"),
        Pace::Closed { .. } => "each waits for its answer".into(),
    };
    format!("A load begins: {clients} clients, {keys} keys, {pace}, for {lasts} ms.")
}

/// What was done to the world, told.
pub(super) fn of_command(world: &World, command: &Command) -> String {
    let name = |node: &NodeId| world.setup().name(*node).to_owned();
    let names = |nodes: &[NodeId]| joined(&nodes.iter().map(name).gather(), ", ");
    match command {
        Command::Put(_) | Command::Get(_) => String::new(),
        Command::Workload(plan) => of_load(plan),
        Command::Crash { node, disk: DiskFate::Keep } => {
            format!("{} crashed. Its disk is kept.", name(node))
        }
        Command::Crash { node, disk: DiskFate::Lose } => {
            format!("{} crashed and lost its disk.", name(node))
        }
        Command::Crash { node, disk: DiskFate::Torn } => {
            format!("{} crashed in the middle of what it was writing.", name(node))
        }
        Command::Crash { node, disk: DiskFate::Old } => {
            format!("{} crashed, and its disk is put back to its last backup.", name(node))
        }
        Command::Disk { node, is: Health::Well } => format!("{}'s disk is well.", name(node)),
        Command::Disk { node, is: Health::Full } => {
            format!("{}'s disk is full: it reads on, and takes no more copies.", name(node))
        }
        Command::Disk { node, is: Health::Failing } => {
            format!("{}'s disk fails to write from here on.", name(node))
        }
        Command::Disk { node, is: Health::Slow } => {
            format!("{}'s disk is slow from here on.", name(node))
        }
        Command::Backup { node } => format!("A backup is made of {}'s disk.", name(node)),
        Command::Restart { node } => format!("{} starts again.", name(node)),
        Command::Join(JoinCommand { node, via: Some(via), .. }) => {
            format!("{} is told that {} joins.", name(via), name(node))
        }
        Command::Join(JoinCommand { node, via: None, .. }) => {
            format!("{} starts, and is told that it joins.", name(node))
        }
        Command::Leave { node } => format!("{} is to leave the ring.", name(node)),
        Command::Pause { node } => format!("{} is paused: what arrives waits.", name(node)),
        Command::Resume { node } => format!("{} goes on.", name(node)),
        Command::Slow { node, factor } => {
            format!("{} now takes {} times as long.", name(node), plain(*factor))
        }
        Command::Skew { node, nanoseconds } => {
            format!("{}'s clock moves by {} ms.", name(node), plain(*nanoseconds as f64 / 1e6))
        }
        Command::Cut { from, to, one_way: true } => {
            format!("Nothing passes from {} to {}.", names(from), names(to))
        }
        Command::Cut { from, to, one_way: false } => {
            format!("The network is cut: {} from {}.", names(from), names(to))
        }
        Command::Clog { from, to, one_way, lasts } => {
            let way = if *one_way { "from" } else { "between" };
            let link = if *one_way { "to" } else { "and" };
            let (from, to) = (names(from), names(to));
            format!("What is sent {way} {from} {link} {to} is held for {lasts} ms.")
        }
        Command::Network(_) => "The network changes.".into(),
        Command::Heal => "All is healed.".into(),
    }
}
