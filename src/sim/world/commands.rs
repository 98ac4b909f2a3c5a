//! What people and the nemesis do to the world.

use std::rc::Rc;

use crate::base::id::NodeId;
use crate::data::view::merged;
use crate::protocol::message::{Admin, Input, Newcomer};
use crate::sim::command::{Command, DiskFate, JoinCommand};
use crate::sim::disk::Health;
use crate::sim::log::What;
use crate::sim::machine::{Machine, MachineState};
use crate::sim::network::Cut;
use crate::sim::world::World;

impl World {
    pub(super) fn command(&mut self, command: &Rc<Command>) {
        match &**command {
            Command::Put(put) => return self.put(put),
            Command::Get(get) => return self.get(get),
            _ => {}
        }
        let did = self.note(None, || What::Did(command.clone()));
        match **command {
            Command::Join(_) | Command::Leave { .. } => {
                let leaves = |node| **command == Command::Leave { node };
                let staying = self.truth().joined().filter(|member| !leaves(member.node)).count();
                self.seen.oracle.past().on_left(staying);
            }
            Command::Skew { .. } => self.seen.oracle.past().is_clock_moved = true,
            _ => {}
        }
        match **command {
            Command::Put(_) | Command::Get(_) => {}
            Command::Crash { node, disk } => self.crash(node, disk),
            Command::Restart { node } => self.restart(node),
            Command::Disk { node, is } => self.set_health(node, is, did),
            Command::Backup { node } => self.machines[node.index()].disk.back_up(),
            Command::Join(ref join) => self.join(join, did),
            Command::Leave { node } => self.leave(node, did),
            Command::Pause { node } => self.pause(node),
            Command::Resume { node } => self.resume(node),
            Command::Slow { node, factor } => self.machines[node.index()].slowness = factor,
            Command::Skew { node, nanoseconds } => {
                let skew = &mut self.machines[node.index()].skew_nanoseconds;
                *skew = skew.saturating_add(nanoseconds);
            }
            Command::Cut { ref from, ref to, one_way } => {
                self.links.cut(Cut::between(self.machines.len(), from, to, one_way));
            }
            Command::Clog { ref from, ref to, one_way, lasts } => {
                let link = Cut::between(self.machines.len(), from, to, one_way);
                self.links.clog(link, self.now, self.now + lasts);
            }
            Command::Workload(ref plan) => self.begin_load(plan.clone()),
            Command::Network(change) => self.links.change(change),
            Command::Heal => self.heal(did),
        }
        self.check();
    }

    /// The process dies: memory, what waited, and what was not yet durable are gone.
    fn crash(&mut self, id: NodeId, fate: DiskFate) {
        let machine = &mut self.machines[id.index()];
        if machine.state == MachineState::Left {
            return;
        }
        let was_running = machine.state != MachineState::Crashed;
        machine.stop();
        self.choices.on_members();
        self.seen.counters.crashes += u64::from(was_running);
        self.crash_disk(id, fate);
    }

    /// From here on a node's disk does like this.
    fn set_health(&mut self, id: NodeId, health: Health, cause: u64) {
        let machine = &mut self.machines[id.index()];
        let was = std::mem::replace(&mut machine.disk.health, health);
        let is_full = health == Health::Full;
        if is_full != (was == Health::Full) {
            self.input(id, Input::Disk { is_full }, cause);
        }
        if health != Health::Failing && self.machines[id.index()].awaits_disk {
            self.restart(id);
        }
    }

    /// What the views say together, when one of them is lost: what it alone knew, or had not yet
    /// made durable, is known no more. Who has left and is switched off tells nobody anything.
    pub(super) fn recall_truth(&mut self) {
        let there = self.machines.iter().filter(|machine| machine.state != MachineState::Left);
        let known = there.filter_map(|machine| match &machine.node {
            Some(node) => Some(node.view().membership()),
            None => machine.disk.stored.view.as_ref(),
        });
        self.seen.truth = known.fold(self.first_view.clone(), |truth, view| merged(&truth, view));
    }

    /// Starts a crashed node again with what its disk holds. Others are left as they are.
    fn restart(&mut self, id: NodeId) {
        if self.machines[id.index()].state == MachineState::Crashed {
            self.machines[id.index()].awaits_disk = false;
            self.seen.counters.restarts += 1;
            self.boot(id);
        }
    }

    /// A node is started, if need be, and an administrator has it join: by word to `via`, or to
    /// the node itself. While `via` is down, the node goes on asking it.
    fn join(&mut self, join: &JoinCommand, cause: u64) {
        let &JoinCommand { node, via, .. } = join;
        while self.machines.len() <= node.index() {
            self.machines.push(Machine::new());
        }
        // A new seed is known to whoever starts from here on.
        if self.setup.nodes[node.index()].seed_node && !self.seeds.contains(&node) {
            self.seeds = self.setup.seeds(self.machines.len());
        }
        if matches!(self.machine_state(node), MachineState::Crashed | MachineState::Left) {
            self.boot(node);
            self.recall_truth();
        }
        let newcomer = self.newcomer(join);
        let (to, admin) = match via {
            Some(via) if self.machines[via.index()].node.is_none() => {
                (node, Admin::JoinThrough { via, newcomer })
            }
            via => (via.unwrap_or(node), Admin::Join(newcomer)),
        };
        self.input(to, Input::Admin(admin), cause);
    }

    pub(super) fn newcomer(&self, join: &JoinCommand) -> Rc<Newcomer> {
        let setup = &self.setup.nodes[join.node.index()];
        Rc::new(Newcomer {
            node: join.node,
            weight: join.weight,
            zone: setup.zone.as_str().into(),
            name: setup.name.as_str().into(),
            address: "".into(),
        })
    }

    /// An administrator has a node leave: by word to itself, or, when it is down, to the first
    /// member that is not.
    fn leave(&mut self, node: NodeId, cause: u64) {
        let is_running = |node: &NodeId| self.machines[node.index()].node.is_some();
        let members = || self.truth().joined().map(|member| member.node);
        let told = Some(node).filter(is_running).or_else(|| members().find(is_running));
        if let Some(told) = told {
            self.input(told, Input::Admin(Admin::Leave { node }), cause);
        }
    }

    /// Ends cuts, clogs, loss and duplication, slowness, pauses, skew and what disks have; restarts
    /// the crashed.
    fn heal(&mut self, cause: u64) {
        self.links.heal();
        for index in 0..self.machines.len() {
            let id = NodeId(index as u32);
            self.set_health(id, Health::Well, cause);
            self.resume(id);
            self.restart(id);
            self.machines[index].slowness = 1.0;
            self.machines[index].skew_nanoseconds = 0;
        }
        self.seen.healed_at = Some(self.now);
    }
}
