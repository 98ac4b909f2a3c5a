//! Nodes that a script lets join: who they are, and that nobody speaks of them before they come.

use super::bad_input::{BadInput, quoted};
use super::format::{EntryForm, NODES_MAX};
use super::names::Names;
use crate::base::gather::Gather;
use crate::base::id::NodeId;
use crate::base::order::sort_by_key;
use crate::base::time::Instant;
use crate::sim::command::{Action, Command};
use crate::sim::expect::Predicate;
use crate::sim::setup::{Beginning, NodeSetup};

/// When an entry happens; what shares a moment happens in the order of the script.
type When = (Instant, usize);

/// The nodes that come later, numbered in the order in which they do.
#[derive(Clone, Debug, Default)]
pub struct Newcomers {
    /// The number of the first of them.
    first: usize,
    since: Vec<When>,
}

impl Newcomers {
    /// Gives each new node of the script a name and a number.
    pub fn read(
        entries: &[EntryForm],
        moments: &[Instant],
        names: &mut Names,
        nodes: &mut Vec<NodeSetup>,
    ) -> Result<Newcomers, BadInput> {
        let mut newcomers = Newcomers { first: nodes.len(), since: Vec::new() };
        let mut order: Vec<usize> = (0..entries.len()).gather();
        sort_by_key(&mut order, |&place| moments[place]);
        for place in order {
            let Some(join) = &entries[place].join else { continue };
            let under = |refusal: BadInput| refusal.under("join.name").at(place).under("script");
            let (_, is_new) = names.add(&join.name.0).map_err(under)?;
            if !is_new {
                let given =
                    [("zone", join.zone.is_some()), ("seed_node", join.seed_node.is_some())];
                if let Some((field, _)) = given.into_iter().find(|&(_, is_given)| is_given) {
                    let found = format!("one for {}, which was there before", quoted(&join.name.0));
                    let refusal = BadInput::new(field, found, "it for a new node alone");
                    return Err(refusal.under("join").at(place).under("script"));
                }
                continue;
            }
            if nodes.len() as u64 >= NODES_MAX {
                let found = format!("{}, node {}", quoted(&join.name.0), nodes.len() + 1);
                return Err(under(BadInput::new("", found, format!("up to {NODES_MAX} nodes"))));
            }
            newcomers.since.push((moments[place], place));
            nodes.push(NodeSetup {
                name: join.name.0.clone(),
                weight: join.weight.map_or(1.0, |weight| weight.0),
                zone: join.zone.as_ref().map_or(String::new(), |zone| zone.0.clone()),
                seed_node: join.seed_node.unwrap_or(false),
                begins: Beginning::Later,
            });
        }
        Ok(newcomers)
    }

    /// Refuses an action at a time when a node it names has not come yet.
    pub fn check(&self, action: &Action, names: &Names, now: When) -> Result<(), BadInput> {
        let mut named = Vec::new();
        match action {
            Action::Command(command) => nodes_of(command, &mut named),
            Action::Expect(predicate) => nodes_asked_for(predicate, &mut named),
        }
        for node in named {
            let since = node.index().checked_sub(self.first).map(|at| self.since[at]);
            if let Some(since) = since.filter(|&since| since > now) {
                let found = format!("{}, which joins at {} ms", names.of(&[node]), since.0);
                return Err(BadInput::new("", found, "nodes that are there by then"));
            }
        }
        Ok(())
    }
}

fn nodes_of(command: &Command, named: &mut Vec<NodeId>) {
    named.extend(command.node());
    match command {
        Command::Put(put) => named.extend(put.via),
        Command::Get(get) => named.extend(get.via),
        Command::Join(join) => named.extend(join.via),
        Command::Cut { from, to, .. } => named.extend(from.iter().chain(to)),
        _ => {}
    }
}

fn nodes_asked_for(predicate: &Predicate, named: &mut Vec<NodeId>) {
    match predicate {
        Predicate::All(parts) | Predicate::Any(parts) => {
            parts.iter().for_each(|part| nodes_asked_for(part, named));
        }
        Predicate::Not(inner) => nodes_asked_for(inner, named),
        Predicate::Hints { holder, target, .. } => named.extend(holder.iter().chain(target)),
        Predicate::Replicas { on, .. } => named.extend(on),
        Predicate::Members { node, equals } => named.extend(node.iter().chain(equals)),
        Predicate::Suspects { node, whom, .. } => named.extend([node, whom]),
        _ => {}
    }
}
