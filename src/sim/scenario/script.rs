//! From the format's script to commands and questions with their names resolved.

use std::rc::Rc;

use super::bad_input::{self, BadInput, listed, quoted};
use super::format::{
    ClogForm, CutForm, DeleteForm, DiskWord, EntryForm, GetForm, HealthWord, JoinForm, KeyText,
    NetworkForm, PutForm, Quorum, WorkloadForm,
};
use super::names::Names;
use super::placement::Placement;
use super::predicates;
use super::scalar::{Fraction, Text, VALUE_BYTES_MAX};
use super::settings::spans;
use crate::base::blob::Key;
use crate::base::id::NodeId;
use crate::base::map::Map;
use crate::base::rng::Probability;
use crate::base::time::{Instant, Span};
use crate::data::version::Content;
use crate::data::view::WEIGHT_ONE;
use crate::sim::command::{
    Action, Command, DiskFate, Entry, GetCommand, JoinCommand, NetworkChange, PutCommand,
};
use crate::sim::disk::Health;
use crate::sim::load::{CONTEXTS_MAX, LOADS_MAX, LoadPlan, Pace};
use crate::sim::setup::thousandths;

/// What the script has said of an operation.
#[derive(Clone, Debug)]
pub struct OpInfo {
    pub key: Key,
    pub at: Instant,
    /// Where in the script; operations of one moment start in this order.
    pub place: usize,
}

/// Every operation by its name.
#[derive(Clone, Debug, Default)]
pub struct Ops {
    places: Map<String, usize>,
    infos: Vec<OpInfo>,
}

impl Ops {
    pub fn insert(&mut self, name: String, info: OpInfo) {
        self.places.insert(name, self.infos.len());
        self.infos.push(info);
    }

    pub fn get(&self, name: &str) -> Option<&OpInfo> {
        self.places.get(name).map(|&place| &self.infos[place])
    }

    /// The names of those that fit, in order.
    pub fn names(&self, fits: &dyn Fn(&OpInfo) -> bool) -> Vec<&str> {
        let mut names = Vec::new();
        for (name, &place) in self.places.iter() {
            if fits(&self.infos[place]) {
                names.push(name.as_str());
            }
        }
        names
    }

    fn of(&self, name: &str) -> &OpInfo {
        self.get(name).expect("every put and get of the script is here")
    }
}

/// What names mean: those of nodes and those of operations.
pub struct Resolver<'s> {
    pub names: &'s Names,
    pub ops: &'s Ops,
    pub n: usize,
}

/// What an entry asks for. Refuses one that asks for nothing, or for two things at once.
pub fn exactly_one(entry: &EntryForm) -> Result<&'static str, BadInput> {
    let fields = [
        ("put", entry.put.is_some()),
        ("get", entry.get.is_some()),
        ("delete", entry.delete.is_some()),
        ("join", entry.join.is_some()),
        ("leave", entry.leave.is_some()),
        ("crash", entry.crash.is_some()),
        ("restart", entry.restart.is_some()),
        ("backup", entry.backup.is_some()),
        ("disk", entry.disk.is_some()),
        ("pause", entry.pause.is_some()),
        ("resume", entry.resume.is_some()),
        ("slow", entry.slow.is_some()),
        ("skew", entry.skew.is_some()),
        ("cut", entry.cut.is_some()),
        ("clog", entry.clog.is_some()),
        ("heal", entry.heal.is_some()),
        ("network", entry.network.is_some()),
        ("workload", entry.workload.is_some()),
        ("expect", entry.expect.is_some()),
    ];
    bad_input::exactly_one("action", &fields)
}

/// The name that an operation gives itself, and the letter of the names that are made up.
pub fn own_name(entry: &EntryForm) -> Option<(&'static str, Option<&str>)> {
    let (letter, name) = match (&entry.put, &entry.get, &entry.delete) {
        (Some(put), ..) => ("p", &put.name),
        (_, Some(get), _) => ("g", &get.name),
        (.., Some(delete)) => ("d", &delete.name),
        _ => return None,
    };
    Some((letter, name.as_ref().map(|name| name.0.as_str())))
}

/// The verb of the operations whose made-up names begin with this letter.
pub fn verb_of(letter: &str) -> &'static str {
    match letter {
        "p" => "put",
        "g" => "get",
        _ => "delete",
    }
}

/// The key of a put or get, with the path of what is wrong with it.
pub fn key_of(
    entry: &EntryForm,
    names: &Names,
    placement: &mut Placement<'_>,
    n: usize,
) -> Result<Option<Key>, BadInput> {
    let (verb, key, key_for) = match (&entry.put, &entry.get, &entry.delete) {
        (Some(put), ..) => ("put", &put.key, &put.key_for),
        (_, Some(get), _) => ("get", &get.key, &get.key_for),
        (.., Some(delete)) => ("delete", &delete.key, &delete.key_for),
        _ => return Ok(None),
    };
    let found = match (key, key_for) {
        (Some(Text(key)), None) => Ok(Key::new(key.as_bytes())),
        (None, Some(nodes)) => placed(nodes, names, placement, n),
        (Some(_), Some(_)) => Err(BadInput::new("", "key and key_for", "one of the two")),
        (None, None) => Err(BadInput::new("key", "nothing", "a key, or key_for with nodes")),
    };
    found.map(Some).map_err(|refusal| refusal.under(verb))
}

fn placed<const LO: usize, const HI: usize>(
    nodes: &[Text<LO, HI>],
    names: &Names,
    placement: &mut Placement<'_>,
    n: usize,
) -> Result<Key, BadInput> {
    let found = names.find_all(nodes).and_then(|found| match found.len() {
        len if (1..=n).contains(&len) => placement.key_for(found),
        len => {
            let allowed = format!("1 to {n} nodes, because N is {n}");
            Err(BadInput::new("", format!("a list of {len}"), allowed))
        }
    });
    found.map_err(|refusal| refusal.under("key_for"))
}

impl Resolver<'_> {
    /// The action of an entry that holds exactly one. `name` is its operation's, where it is one.
    pub fn action(&self, entry: &EntryForm, name: Option<&str>) -> Result<Action, BadInput> {
        let verb = exactly_one(entry)?;
        let found = match &entry.expect {
            Some(form) => predicates::resolve(form, self.names, self.ops)
                .map(|predicate| Action::Expect(Rc::new(predicate))),
            None => self
                .command(entry, name.unwrap_or_default())
                .map(|command| Action::Command(Rc::new(command))),
        };
        found.map_err(|refusal| refusal.under(verb))
    }

    fn command(&self, entry: &EntryForm, name: &str) -> Result<Command, BadInput> {
        let node = |Text(name): &super::format::Name| {
            self.names.find(name).map_err(|refusal| refusal.under("node"))
        };
        Ok(if let Some(form) = &entry.put {
            self.put(form, name)?
        } else if let Some(form) = &entry.get {
            self.get(form, name)?
        } else if let Some(form) = &entry.delete {
            self.delete(form, name)?
        } else if let Some(form) = &entry.join {
            self.join(form)?
        } else if let Some(form) = &entry.leave {
            Command::Leave { node: node(&form.node)? }
        } else if let Some(form) = &entry.crash {
            let disk = match form.disk {
                Some(DiskWord::Lose) => DiskFate::Lose,
                Some(DiskWord::Torn) => DiskFate::Torn,
                Some(DiskWord::Old) => DiskFate::Old,
                Some(DiskWord::Keep) | None => DiskFate::Keep,
            };
            Command::Crash { node: node(&form.node)?, disk }
        } else if let Some(form) = &entry.restart {
            Command::Restart { node: node(&form.node)? }
        } else if let Some(form) = &entry.backup {
            Command::Backup { node: node(&form.node)? }
        } else if let Some(form) = &entry.disk {
            let is = match form.is {
                HealthWord::Well => Health::Well,
                HealthWord::Full => Health::Full,
                HealthWord::Failing => Health::Failing,
                HealthWord::Slow => Health::Slow,
            };
            Command::Disk { node: node(&form.node)?, is }
        } else if let Some(form) = &entry.pause {
            Command::Pause { node: node(&form.node)? }
        } else if let Some(form) = &entry.resume {
            Command::Resume { node: node(&form.node)? }
        } else if let Some(form) = &entry.slow {
            Command::Slow { node: node(&form.node)?, factor: form.factor.0 }
        } else if let Some(form) = &entry.skew {
            Command::Skew { node: node(&form.node)?, nanoseconds: (form.ms.0 * 1e6) as i64 }
        } else if let Some(form) = &entry.cut {
            self.cut(form)?
        } else if let Some(form) = &entry.clog {
            self.clog(form)?
        } else if let Some(form) = &entry.network {
            network(form)?
        } else if let Some(form) = &entry.workload {
            self.workload(form)?
        } else {
            Command::Heal
        })
    }

    fn put(&self, form: &PutForm, name: &str) -> Result<Command, BadInput> {
        let me = self.ops.of(name);
        let metadata = form.metadata.as_ref().map_or(Vec::new(), |metadata| metadata.0.clone());
        let bytes: usize = metadata.iter().map(|(name, text)| name.len() + text.len()).sum();
        if form.value.0.len() + bytes > VALUE_BYTES_MAX {
            let allowed = format!("value and metadata of {VALUE_BYTES_MAX} bytes together");
            return Err(BadInput::new("metadata", format!("{bytes} bytes"), allowed));
        }
        self.quorum("r", form.r)?;
        Ok(Command::Put(PutCommand {
            name: name.to_owned(),
            key: me.key.clone(),
            content: Content { value: form.value.0.clone().into(), metadata, is_tombstone: false }
                .into(),
            context: self.context(&form.context, me)?,
            via: self.via(&form.via)?,
            w: self.quorum("w", form.w)?,
            again: form.again_ms.map(|ms| Span::from_ms_f64(ms.0)),
        }))
    }

    fn delete(&self, form: &DeleteForm, name: &str) -> Result<Command, BadInput> {
        let me = self.ops.of(name);
        Ok(Command::Put(PutCommand {
            name: name.to_owned(),
            key: me.key.clone(),
            content: Content::tombstone().into(),
            context: self.context(&form.context, me)?,
            via: self.via(&form.via)?,
            w: self.quorum("w", form.w)?,
            again: form.again_ms.map(|ms| Span::from_ms_f64(ms.0)),
        }))
    }

    fn join(&self, form: &JoinForm) -> Result<Command, BadInput> {
        let node = self.names.find(&form.name.0).map_err(|refusal| refusal.under("name"))?;
        let via = self.via(&form.via)?;
        if via == Some(node) {
            let allowed = "another node, or no via";
            return Err(BadInput::new("via", quoted(&form.name.0), allowed));
        }
        let weight = form.weight.map_or(WEIGHT_ONE, |weight| thousandths(weight.0));
        Ok(Command::Join(JoinCommand { node, via, weight }))
    }

    fn get(&self, form: &GetForm, name: &str) -> Result<Command, BadInput> {
        Ok(Command::Get(GetCommand {
            name: name.to_owned(),
            key: self.ops.of(name).key.clone(),
            via: self.via(&form.via)?,
            r: self.quorum("r", form.r)?,
        }))
    }

    fn via(&self, given: &Option<super::format::Name>) -> Result<Option<NodeId>, BadInput> {
        let Some(Text(name)) = given else { return Ok(None) };
        self.names.find(name).map(Some).map_err(|refusal| refusal.under("via"))
    }

    fn quorum(&self, field: &str, given: Option<Quorum>) -> Result<Option<u32>, BadInput> {
        match given {
            Some(given) if given.0 as usize > self.n => {
                let allowed = format!("1 to {} (N is {})", self.n, self.n);
                Err(BadInput::new(field, given.0.to_string(), allowed))
            }
            given => Ok(given.map(|given| given.0 as u32)),
        }
    }

    /// A context comes from an operation that starts before, on the same key.
    fn context(
        &self,
        given: &Option<super::format::Name>,
        me: &OpInfo,
    ) -> Result<Option<String>, BadInput> {
        let Some(Text(of)) = given else { return Ok(None) };
        let is_earlier = |other: &OpInfo| (other.at, other.place) < (me.at, me.place);
        match self.ops.get(of) {
            Some(other) if is_earlier(other) && other.key == me.key => Ok(Some(of.clone())),
            other => {
                let what = match other {
                    None => String::new(),
                    Some(other) if !is_earlier(other) => ", which does not start before".into(),
                    Some(other) => format!(", whose key is {}", quoted(&key_text(&other.key))),
                };
                let fits = |other: &OpInfo| is_earlier(other) && other.key == me.key;
                let fitting = self.ops.names(&fits);
                let key = quoted(&key_text(&me.key));
                let allowed =
                    format!("an earlier operation on {key}: {}", listed(fitting.into_iter()));
                Err(BadInput::new("context", format!("{}{what}", quoted(of)), allowed))
            }
        }
    }

    fn cut(&self, form: &CutForm) -> Result<Command, BadInput> {
        let (from, to) = self.sides(&form.from, &form.to)?;
        Ok(Command::Cut { from, to, one_way: form.one_way.unwrap_or(false) })
    }

    fn clog(&self, form: &ClogForm) -> Result<Command, BadInput> {
        let (from, to) = self.sides(&form.from, &form.to)?;
        let lasts = Span::from_ms_f64(form.for_ms.0);
        Ok(Command::Clog { from, to, one_way: form.one_way.unwrap_or(false), lasts })
    }

    /// The nodes on either side of a link; nobody is on both.
    fn sides(
        &self,
        from: &[super::format::Name],
        to: &[super::format::Name],
    ) -> Result<(Vec<NodeId>, Vec<NodeId>), BadInput> {
        let side = |field: &str, given: &[super::format::Name]| {
            let found = self.names.find_all(given).map_err(|refusal| refusal.under(field))?;
            match found.is_empty() {
                true => Err(BadInput::new(field, "an empty list", "one node or more")),
                false => Ok(found),
            }
        };
        let (from, others) = (side("from", from)?, side("to", to)?);
        if let Some(both) = others.iter().position(|node| from.contains(node)) {
            let found = format!("{}, which is in from as well", quoted(&to[both].0));
            let allowed = "nodes of the other side";
            return Err(BadInput::new(&format!("to[{both}]"), found, allowed));
        }
        Ok((from, others))
    }
}

/// What a load's values take, where nothing is said.
const LOAD_VALUE_BYTES: u32 = 16;

impl Resolver<'_> {
    fn workload(&self, form: &WorkloadForm) -> Result<Command, BadInput> {
        let is_cart = form.cart.unwrap_or(false);
        let refused = |field: &str, found: &str, allowed: &str| {
            Err(BadInput::new(field, found.to_owned(), allowed.to_owned()))
        };
        if form.ops_per_second.is_some() && form.think_ms.is_some() {
            let found = "think_ms beside ops_per_second";
            return refused("think_ms", found, "one of the two: at a rate nobody waits");
        }
        if is_cart && form.value_bytes.is_some() {
            return refused("value_bytes", "a size", "none: the value of a cart is its items");
        }
        let reads_back = form.read_back.unwrap_or(false);
        if is_cart && reads_back {
            return refused("read_back", "true", "false: whoever changes a cart has just read it");
        }
        let fraction = |given: Option<Fraction>, default| {
            Probability::from_f64(given.map_or(default, |given| given.0))
        };
        let pace = match form.ops_per_second {
            Some(rate) => Pace::Open { mean: Span::from_ms_f64(1_000.0 / rate.0) },
            None => Pace::Closed { think: spans(form.think_ms.unwrap_or_default()) },
        };
        Ok(Command::Workload(Rc::new(LoadPlan {
            clients: form.clients.0 as u32,
            keys: form.keys.0 as u32,
            reads: fraction(form.read_fraction, 0.5),
            deletes: fraction(form.delete_fraction, 0.0),
            pace,
            lasts: Span::from_ms_f64(form.for_ms.0),
            zipf: form.zipf.map_or(0.0, |given| given.0),
            value_bytes: form.value_bytes.map_or(LOAD_VALUE_BYTES, |given| given.0 as u32),
            via: self.via(&form.via)?,
            is_cart,
            reads_back,
        })))
    }
}

/// Refuses more loads than there may be, or loads whose clients have too much to remember.
pub fn few_loads<'e>(script: impl Iterator<Item = &'e Entry>) -> Result<(), BadInput> {
    let (mut loads, mut contexts) = (0, 0);
    for entry in script {
        if let Action::Command(command) = &entry.action
            && let Command::Workload(plan) = &**command
        {
            loads += 1;
            contexts += u64::from(plan.clients) * u64::from(plan.keys);
        }
    }
    if loads > LOADS_MAX {
        let allowed = format!("up to {LOADS_MAX} in a script");
        return Err(BadInput::new("workload", format!("{loads} loads"), allowed));
    }
    if contexts > CONTEXTS_MAX {
        let found = format!("{contexts} clients times keys");
        let allowed = format!("up to {CONTEXTS_MAX}, of all loads together");
        return Err(BadInput::new("workload", found, allowed));
    }
    Ok(())
}

fn network(form: &NetworkForm) -> Result<Command, BadInput> {
    let change = NetworkChange {
        latency: form.latency_ms.map(spans),
        loss: form.loss.map(|given| Probability::from_f64(given.0)),
        duplicate: form.duplicate.map(|given| Probability::from_f64(given.0)),
        corrupt: form.corrupt.map(|given| Probability::from_f64(given.0)),
    };
    if change == NetworkChange::default() {
        let allowed = "one or more of latency_ms, loss, duplicate, corrupt";
        return Err(BadInput::new("", "no change", allowed));
    }
    Ok(Command::Network(change))
}

fn key_text(key: &Key) -> String {
    String::from_utf8_lossy(key.bytes()).into_owned()
}

/// A key as the format has it.
pub fn key(Text(text): &KeyText) -> Key {
    Key::new(text.as_bytes())
}
