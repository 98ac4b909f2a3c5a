//! The names of nodes, and refusals of names that nobody has.

use super::bad_input::{BadInput, listed, quoted};
use super::scalar::Text;
use crate::base::gather::Gather;
use crate::base::id::NodeId;
use crate::base::map::Map;

/// Every node's name, in the order of nodes, and the way back.
#[derive(Clone, Debug)]
pub struct Names {
    names: Vec<String>,
    places: Map<String, usize>,
}

impl Names {
    /// A to Z, then A1 to Z1, then A2 and so on.
    pub fn numbered(count: u64) -> Names {
        let name = |number: u64| {
            let letter = char::from(b'A' + (number % 26) as u8);
            match number / 26 {
                0 => letter.to_string(),
                round => format!("{letter}{round}"),
            }
        };
        let names: Vec<String> = (0..count).map(name).gather();
        let mut places = Map::default();
        for (place, name) in names.iter().enumerate() {
            places.insert(name.clone(), place);
        }
        Names { names, places }
    }

    /// These names, or the first that two nodes share or that would be mistaken for another.
    pub fn given<'n>(given: impl Iterator<Item = &'n str>) -> Result<Names, BadInput> {
        let mut names = Names { names: Vec::new(), places: Map::default() };
        for (place, name) in given.enumerate() {
            let at = format!("[{place}].name");
            check(name).map_err(|refusal| refusal.under(&at))?;
            if let Some(other) = names.places.get(name) {
                let allowed = format!("a name of its own ([{other}] has this one)");
                return Err(BadInput::new(&at, quoted(name), allowed));
            }
            names.places.insert(name.to_owned(), place);
            names.names.push(name.to_owned());
        }
        Ok(names)
    }

    /// One more node, unless there is one of this name; answers which it is, and whether it is
    /// new. The refusal has no path yet.
    pub fn add(&mut self, name: &str) -> Result<(NodeId, bool), BadInput> {
        if let Some(&place) = self.places.get(name) {
            return Ok((NodeId(place as u32), false));
        }
        check(name)?;
        let place = self.names.len();
        self.places.insert(name.to_owned(), place);
        self.names.push(name.to_owned());
        Ok((NodeId(place as u32), true))
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &String> {
        self.names.iter()
    }

    /// The node of that name; the refusal has no path yet.
    pub fn find(&self, name: &str) -> Result<NodeId, BadInput> {
        self.places
            .get(name)
            .map(|&place| NodeId(place as u32))
            .ok_or_else(|| BadInput::new("", quoted(name), listed(self.names.iter())))
    }

    /// The nodes of a list that names each once, and at least one.
    pub fn find_all<const LO: usize, const HI: usize>(
        &self,
        given: &[Text<LO, HI>],
    ) -> Result<Vec<NodeId>, BadInput> {
        let mut nodes = Vec::with_capacity(given.len());
        for (place, Text(name)) in given.iter().enumerate() {
            let node = self.find(name).map_err(|refusal| refusal.at(place))?;
            if nodes.contains(&node) {
                let found = format!("{} twice", quoted(name));
                return Err(BadInput::new("", found, "each node once").at(place));
            }
            nodes.push(node);
        }
        Ok(nodes)
    }

    /// Nodes as a person reads them.
    pub fn of(&self, nodes: &[NodeId]) -> String {
        listed(nodes.iter().map(|node| &self.names[node.index()]))
    }
}

fn check(name: &str) -> Result<(), BadInput> {
    if !name.contains(|c: char| c == '~' || c.is_control()) {
        return Ok(());
    }
    let allowed = "a name without ~ (which sets off a node's later lives in clocks) \
                   and without control characters";
    Err(BadInput::new("", quoted(name), allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_nodes_are_a_to_z_and_then_start_over_with_a_number() {
        let names = Names::numbered(80);
        let at = |place: usize| names.names[place].as_str();
        assert_eq!([at(0), at(25), at(26), at(51), at(52)], ["A", "Z", "A1", "Z1", "A2"]);
        assert_eq!(names.find("B1").unwrap(), NodeId(27));
    }

    #[test]
    fn a_name_that_two_nodes_share_is_refused_at_the_second() {
        let refusal = Names::given(["x", "y", "x"].into_iter()).unwrap_err();
        assert_eq!(refusal.path, "[2].name");
        assert!(refusal.allowed.contains("[0]"));
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_names_there_are() {
        let refusal = Names::numbered(3).find("Q").unwrap_err();
        assert_eq!((refusal.found.as_str(), refusal.allowed.as_str()), ("\"Q\"", "A, B, C"));
    }
}
