//! Hostile runs from a seed: a safety phase under faults, then heal, then look.
#![cfg(not(target_arch = "wasm32"))]

mod durability;
mod endurance;
mod hostile;
mod invariants;
mod load;
mod overload;
mod queues;
mod swarm;
mod why;

use std::cell::Cell;
use std::fs;
use std::path::Path;

use dynamo_playground::base::id::NodeId;
use dynamo_playground::base::time::Instant;
use dynamo_playground::data::version::Versioning;
use dynamo_playground::sim::machine::MachineState;
use dynamo_playground::sim::oracle::CheckClass;
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::swarm::judge;
use dynamo_playground::sim::world::World;

/// How many runs each law is held against; `HOSTILE_SEEDS` asks for more.
fn seeds() -> u64 {
    let wished = std::env::var("HOSTILE_SEEDS").ok().and_then(|text| text.parse().ok());
    wished.unwrap_or(300)
}

/// Every run to its end; `judge` says what is wrong with one, if anything.
fn for_each_run(judge: impl Fn(&World) -> Result<(), String>) {
    for seed in 0..seeds() {
        let scenario = hostile::scenario(seed);
        let setup = scenario.setup();
        let mut world = World::without_log(setup.clone()).paranoid();
        world.run_to(setup.until, u64::MAX);
        if let Err(why) = judge(&world) {
            panic!("seed {seed}: {why}\n{}", scenario.to_json());
        }
    }
}

#[test]
fn no_run_breaks_what_must_always_hold() {
    for_each_run(|world| {
        let broken = world.checks().into_iter().find(|c| c.class == CheckClass::Always && !c.ok);
        broken.map_or(Ok(()), |check| Err(format!("{} is broken: {:?}", check.name, check.broken)))
    });
}

#[test]
fn dots_lose_nothing_and_keep_nothing_beside_what_replaced_it_and_the_other_ways_do() {
    let wrongs = Cell::new([[0u64; 2]; 4]);
    let runs = Cell::new(0);
    for_each_run(|world| {
        let (versioning, counters) = (world.setup().config.versioning, world.counters());
        let [lost, beside] = [counters.false_dominance, counters.false_siblings];
        let mut all = wrongs.get();
        if counters.disks_rolled_back > 0 {
            return Ok(());
        }
        let of_mode = &mut all[versioning as usize];
        (of_mode[0], of_mode[1]) = (of_mode[0] + lost, of_mode[1] + beside);
        wrongs.set(all);
        if versioning == Versioning::Dotted {
            runs.set(runs.get() + 1);
            if lost + beside > 0 {
                return Err(format!("{lost} lost and {beside} false siblings with dots"));
            }
        }
        Ok(())
    });
    let [plain, record, dotted, last] = wrongs.get();
    assert_eq!(dotted, [0, 0]);
    assert!(runs.get() * 3 > seeds(), "{} runs had dots", runs.get());
    assert!(plain[0] > 0 && plain[1] > 0, "plain clocks lose, and when cut divide: {plain:?}");
    assert!(record[1] > 0, "a record's clock keeps what was replaced: {record:?}");
    assert!(last[0] > 0 && last[1] == 0, "the last write leaves one, and loses: {last:?}");
}

#[test]
fn with_r_plus_w_over_n_a_strict_quorum_reads_what_was_written_and_a_sloppy_one_does_not_always() {
    let (held, missed) = (Cell::new(0), Cell::new(0));
    for_each_run(|world| {
        let check = world.checks().into_iter().find(|check| check.name == "reads-its-writes");
        let check = check.ok_or("nobody looks")?;
        match check.class {
            CheckClass::Always => held.set(held.get() + u64::from(check.armed_since.is_some())),
            _ => missed.set(missed.get() + check.count.unwrap_or(0)),
        }
        check.ok.then_some(()).ok_or(format!("broken: {:?}", check.broken))
    });
    assert!(held.get() * 20 > seeds(), "it was put to the test in {} runs", held.get());
    assert!(missed.get() > 0, "elsewhere some gets miss what was written");
}

#[test]
fn no_seed_that_ever_broke_something_breaks_it_again() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seeds");
    let mut played = 0;
    for entry in fs::read_dir(folder).expect("the seeds are there") {
        let path = entry.expect("an entry can be read").path();
        let text = fs::read_to_string(&path).expect("a seed can be read");
        let setup = Scenario::parse(&text).expect("a committed seed is good").setup();
        let mut world = World::without_log(setup.clone()).paranoid();
        world.run_to(setup.until, u64::MAX);
        assert_eq!(judge::broken(&world), None, "{}", path.display());
        played += 1;
    }
    assert!(played > 0);
}

#[test]
fn every_operation_ends_within_its_time_bound() {
    for_each_run(judge::every_operation_ends);
}

#[test]
fn after_the_heal_suspicions_end_and_hints_go_home() {
    for_each_run(|world| {
        for node in world.nodes() {
            let name = world.setup().name(node);
            if !world.suspects(node).is_empty() {
                return Err(format!("{name} still suspects {:?}", world.suspects(node)));
            }
            if !world.hints(node).is_empty() {
                return Err(format!("{name} still holds {} hints", world.hints(node).len()));
            }
        }
        Ok(())
    });
}

#[test]
fn after_the_heal_all_know_the_same_and_every_record_is_where_it_belongs() {
    for_each_run(|world| {
        let truth = world.truth();
        if truth.ring().is_moving() {
            return Err("partitions still move".into());
        }
        for node in world.nodes().filter(|&node| truth.has_joined(node)) {
            let name = world.setup().name(node);
            let Some(view) = world.view(node) else { return Err(format!("{name} is down")) };
            if view.membership() != truth {
                return Err(format!("{name} knows less than all together"));
            }
            for (key, _) in view.store().records() {
                let partition = truth.ring().partition_of(key.position());
                if !truth.ring().is_home(partition, node) {
                    return Err(format!("{name} keeps {key:?} and is no home of it"));
                }
            }
        }
        let has_left = |node: &NodeId| truth.member(*node).is_some() && !truth.has_joined(*node);
        for node in world.nodes().filter(has_left) {
            if world.machine_state(node) != MachineState::Left {
                return Err(format!("{} has left and is still there", world.setup().name(node)));
            }
        }
        Ok(())
    });
}

#[test]
fn after_the_heal_anti_entropy_makes_all_replicas_equal_though_nobody_reads() {
    let (compared, unhealed) = (Cell::new(0), Cell::new(0));
    for_each_run(|world| {
        if world.setup().config.anti_entropy {
            compared.set(compared.get() + 1);
            return world.convergence();
        }
        unhealed.set(unhealed.get() + u64::from(world.convergence().is_err()));
        Ok(())
    });
    assert!(compared.get() > seeds() / 2, "{} runs", compared.get());
    assert!(unhealed.get() > 0, "without it some are left as they were");
}

#[test]
fn trees_that_followed_every_change_are_those_made_from_nothing() {
    let followed = Cell::new(0);
    for_each_run(|world| {
        let views = world.nodes().filter_map(|node| world.view(node));
        followed.set(followed.get() + views.map(|view| view.trees().len()).sum::<usize>());
        judge::trees_follow(world)
    });
    assert!(followed.get() > 100, "there were trees to look at");
}

#[test]
fn tombstones_are_reaped_in_many_runs() {
    let reaped = Cell::new(0);
    for_each_run(|world| {
        reaped.set(reaped.get() + world.counters().tombstones_reaped);
        Ok(())
    });
    let (reaped, runs) = (reaped.get(), seeds());
    assert!(reaped * 10 >= runs, "{reaped} in {runs} runs: that puts nothing to the test");
}

#[test]
fn flushes_are_torn_and_disks_rolled_back_in_many_runs() {
    let (torn, rolled_back) = (Cell::new(0), Cell::new(0));
    for_each_run(|world| {
        torn.set(torn.get() + world.counters().flushes_torn);
        rolled_back.set(rolled_back.get() + world.counters().disks_rolled_back);
        Ok(())
    });
    let runs = seeds();
    assert!(rolled_back.get() * 10 >= runs, "{} rolled back in {runs} runs", rolled_back.get());
    assert!(torn.get() > 0, "no flush was torn in {runs} runs");
}

#[test]
fn messages_are_delivered_lost_or_in_flight() {
    for_each_run(judge::messages_add_up);
}

#[test]
fn a_clone_in_the_middle_goes_on_to_the_same_digest() {
    for seed in 0..40 {
        let setup = hostile::scenario(seed).setup();
        let mut straight = World::without_log(setup.clone());
        straight.run_to(Instant(setup.until.0 / 3), u64::MAX);
        let mut resumed = straight.clone();
        straight.run_to(setup.until, u64::MAX);
        resumed.run_to(setup.until, u64::MAX);
        assert_eq!(straight.digest(), resumed.digest(), "seed {seed}");
    }
}
