//! The table of layers in `ARCHITECTURE.md`, and every path of the crate held against it.
//!
//! ```text
//! | L2 | `protocol` | `base` `data` `protocol::message` `protocol::config` |
//! ```
//!
//! A module uses those of its row, and itself. Where its row names some of its own parts, the other
//! parts are closed to each other: that is how the machines of the protocol stay apart.

use std::collections::BTreeMap;

use crate::paths::found_in;
use crate::source::Source;

#[derive(Debug)]
pub struct Table {
    rows: BTreeMap<String, Row>,
}

#[derive(Debug)]
struct Row {
    level: u32,
    /// Modules below.
    uses: Vec<String>,
    /// Own parts that the other own parts may use; none named, all of them.
    shared: Vec<String>,
}

const HEADING: &str = "## Layers";

impl Table {
    pub fn parse(text: &str) -> Result<Table, String> {
        let section = text.split_once(HEADING).ok_or(format!("no section {HEADING:?}"))?.1;
        let section = section.split("\n## ").next().unwrap_or(section);
        let mut table = Table { rows: BTreeMap::new() };
        for line in section.lines().filter(|line| line.starts_with("| L")) {
            table.read_row(line)?;
        }
        table.check_direction()?;
        Ok(table)
    }

    fn read_row(&mut self, line: &str) -> Result<(), String> {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [level, modules, uses, ..] = cells.as_slice() else {
            return Err(format!("a row of the layers has three cells: {line}"));
        };
        let level = level[1..].parse().map_err(|_| format!("{level} is no layer"))?;
        for module in code_spans(modules) {
            let own = format!("{module}::");
            let (shared, uses): (Vec<String>, Vec<String>) =
                code_spans(uses).into_iter().partition(|name| name.starts_with(&own));
            let shared = shared.iter().map(|name| name[own.len()..].to_owned()).collect();
            if self.rows.insert(module.clone(), Row { level, uses, shared }).is_some() {
                return Err(format!("{module} stands in two rows"));
            }
        }
        Ok(())
    }

    /// The table itself may draw no arrow upwards or sideways.
    fn check_direction(&self) -> Result<(), String> {
        if self.rows.is_empty() {
            return Err("the table of layers is empty".to_owned());
        }
        for (name, row) in &self.rows {
            for used in &row.uses {
                let below = self.rows.get(used).ok_or(format!("{name} may use {used}: no row"))?;
                if below.level >= row.level {
                    return Err(format!("{name} (L{}) may not use {used}", row.level));
                }
            }
        }
        Ok(())
    }

    pub fn complaints(&self, sources: &[Source]) -> Vec<String> {
        sources.iter().flat_map(|source| self.complaints_in(source)).collect()
    }

    fn complaints_in(&self, source: &Source) -> Vec<String> {
        let module = source.module();
        // The root only declares: it names every module and uses none.
        if module == ["lib"] {
            return Vec::new();
        }
        let Some(row) = self.rows.get(module[0]) else {
            return vec![format!("{}: `{}` stands in no layer", source.path, module[0])];
        };
        found_in(source)
            .into_iter()
            .filter_map(|found| {
                let why = self.refusal(&module, row, &found.path)?;
                Some(format!("{}:{}: {}: {why}", source.path, found.line, found.path.join("::")))
            })
            .collect()
    }

    fn refusal(&self, module: &[&str], row: &Row, path: &[String]) -> Option<String> {
        let used = path.first()?;
        if used != module[0] {
            if !self.rows.contains_key(used) {
                return Some(format!("`{used}` stands in no layer"));
            }
            let may = row.uses.contains(used);
            return (!may).then(|| format!("`{}` may not use `{used}`", module[0]));
        }
        // A folder's own `mod.rs` names its parts; the parts reach each other by the table.
        let (Some(part), Some(own)) = (path.get(1), module.get(1)) else { return None };
        let is_open = row.shared.is_empty() || row.shared.contains(part) || part == own;
        (!is_open).then(|| format!("`{used}::{own}` may not use `{used}::{part}`"))
    }
}

fn code_spans(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
const SMALL: &str = "# A\n\n## Layers\n\n| layer | modules | may use |\n|---|---|---|\n\
    | L0 | `base` | |\n\
    | L2 | `protocol` | `base` `protocol::message` |\n\
    | L5 | `sim`, `host` | `base` `protocol` |\n\n## Next\n\n| L9 | `not_read` | |\n";

#[cfg(test)]
fn complaints(path: &str, text: &str) -> Vec<String> {
    Table::parse(SMALL).unwrap().complaints(&[Source::planted(path, text)])
}

#[test]
fn an_arrow_downwards_is_fine() {
    assert!(complaints("src/sim/world.rs", "use crate::{base::time, protocol::put};").is_empty());
    assert!(complaints("src/sim/world.rs", "use crate::sim::network::Link;").is_empty());
    assert!(complaints("src/lib.rs", "pub use crate::sim::World;").is_empty());
}

#[test]
fn an_arrow_upwards_is_refused_with_file_and_line() {
    let found = complaints("src/base/time.rs", "\nuse crate::sim::World;");
    assert_eq!(found, ["src/base/time.rs:2: sim::World: `base` may not use `sim`"]);
}

#[test]
fn an_arrow_sideways_is_refused() {
    assert_eq!(complaints("src/sim/world.rs", "use crate::host::Wall;").len(), 1);
}

#[test]
fn machines_of_the_protocol_reach_each_other_only_through_the_shared_parts() {
    let in_handoff = |text| complaints("src/protocol/handoff.rs", text);
    assert!(in_handoff("use crate::protocol::message::Put;").is_empty());
    assert!(in_handoff("use super::message::Put; use super::handoff::X;").is_empty());
    assert_eq!(in_handoff("use super::detector::Detector;").len(), 1);
    assert_eq!(in_handoff("use crate::protocol::{message::Put, detector::D};").len(), 1);
    let inside = complaints("src/protocol/coordinator/get.rs", "use super::put::PutOp;");
    assert!(inside.is_empty(), "{inside:?}");
}

#[test]
fn a_module_that_stands_in_no_layer_is_refused() {
    assert_eq!(complaints("src/extra/mod.rs", "").len(), 1);
    assert_eq!(complaints("src/sim/mod.rs", "use crate::extra::X;").len(), 1);
}

#[test]
fn a_table_with_an_arrow_upwards_is_no_table() {
    let upwards = "## Layers\n| L0 | `base` | `sim` |\n| L5 | `sim` | `base` |\n";
    assert!(Table::parse(upwards).unwrap_err().contains("base (L0) may not use sim"));
    assert!(Table::parse("## Layers\n\nnothing\n").is_err());
    assert!(Table::parse("nothing").is_err());
}
