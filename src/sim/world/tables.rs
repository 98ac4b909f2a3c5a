//! How full the tables are: of the fullest node, and of the world itself.

use crate::node::tables::NodeTable;
use crate::sim::load::{CONTEXTS_MAX, IN_FLIGHT_MAX};
use crate::sim::log::WINDOW;
use crate::sim::schedule::PENDING_MAX;
use crate::sim::world::{SERVED_MAX, World};

/// A table, and how much it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSize {
    pub name: String,
    pub held: usize,
    pub max: usize,
}

impl World {
    /// Of each kind of table of nodes the fullest, then those of the world.
    pub fn tables(&self) -> Vec<TableSize> {
        let mut sizes: Vec<TableSize> = Vec::new();
        for node in self.nodes() {
            let tables = self.view(node).map(|view| view.tables());
            for NodeTable { name, held, max } in tables.into_iter().flatten() {
                let name = format!("node {name}");
                match sizes.iter_mut().find(|size| size.name == name) {
                    Some(size) => size.held = size.held.max(held),
                    None => sizes.push(TableSize { name, held, max }),
                }
            }
        }
        let inboxes = self.machines.iter().map(|machine| machine.inbox.len());
        let clients = self.loads.all.iter().flat_map(|load| &load.clients);
        let contexts = clients.map(|client| client.known.len()).sum();
        let own = [
            ("fullest queue", inboxes.max().unwrap_or(0), self.setup.queue_max),
            ("schedule", self.schedule.len(), PENDING_MAX),
            ("log", self.seen.log.len(), WINDOW),
            ("requests followed", self.seen.served.len(), SERVED_MAX),
            ("load requests under way", self.loads.flights.len(), IN_FLIGHT_MAX),
            ("contexts of clients", contexts, CONTEXTS_MAX as usize),
        ];
        for (name, held, max) in own.into_iter().chain(self.seen.oracle.tables()) {
            sizes.push(TableSize { name: format!("world {name}"), held, max });
        }
        sizes
    }
}
