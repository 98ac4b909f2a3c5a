//! The scenario: one JSON format for tests, lessons, links and the command line.
//!
//! Reading goes in two steps. [`mod@format`] gives the JSON its shape; here names get their
//! meaning, and what contradicts itself is refused. Every refusal says path, found and allowed.

pub mod bad_input;
mod form;
pub mod format;
mod names;
mod newcomers;
pub mod peer;
mod placement;
mod predicates;
mod scalar;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod schema;
mod script;
mod settings;
mod text;
mod word;

use std::rc::Rc;

use crate::base::gather::Gather;
use crate::base::map::Map;
use crate::base::order::sort_by_key;
use crate::base::rng::Rng;
use crate::base::time::Instant;
use crate::data::view::TOKENS_MAX;
use crate::sim::command::Entry;
use crate::sim::json::{Json, object};
use crate::sim::setup::Setup;
pub use bad_input::BadInput;
use bad_input::{plain, quoted};
use format::{EntryForm, ScenarioForm};
use names::Names;
use newcomers::Newcomers;
use placement::Placement;
use script::{OpInfo, Ops, Resolver};

/// A scenario that can be played, and that can be written down again.
#[derive(Clone, Debug)]
pub struct Scenario {
    setup: Rc<Setup>,
    names: Names,
    newcomers: Newcomers,
    ops: Ops,
    /// Where the JSON's script has each entry of the setup's, which is in the order of time.
    places: Vec<usize>,
    /// As it was given, with the commands since then.
    json: Json,
}

impl Scenario {
    /// Reads a scenario, or says what is wrong with it.
    pub fn parse(text: &str) -> Result<Scenario, BadInput> {
        Scenario::from_value(text::parse(text)?)
    }

    fn from_value(json: Json) -> Result<Scenario, BadInput> {
        build(&form::read(&json)?, json)
    }

    pub fn setup(&self) -> Rc<Setup> {
        self.setup.clone()
    }

    /// The path of an entry of the setup's script in the JSON, such as `script[3]`.
    pub fn path_of(&self, index: usize) -> String {
        format!("script[{}]", self.places.get(index).copied().unwrap_or(index))
    }

    /// Reads one entry without its moment: a command at `at`. An operation without a name gets
    /// the next free one. Changes nothing.
    pub fn command(&self, json: &str, at: Instant) -> Result<Entry, BadInput> {
        self.clone().with(json, at)
    }

    /// The scenario with one entry more, when that lets a node join that nobody heard of before:
    /// then everything is read anew, because nodes are numbered in the order in which they come.
    fn with_newcomer(&self, body: &Json, at: Instant) -> Result<Option<Scenario>, BadInput> {
        let form = command_form(body)?;
        let is_known = |join: &format::JoinForm| self.names.find(&join.name.0).is_ok();
        if form.join.as_ref().is_none_or(|join| is_known(join)) {
            return Ok(None);
        }
        let mut longer = self.clone();
        longer.append(body.clone(), at);
        let place = self.places.len();
        Scenario::from_value(longer.json).map(Some).map_err(|refusal| refusal.within(place))
    }

    /// The same, and the entry becomes part of the scenario: of its setup's script, after all that
    /// happen no later, and of [`Scenario::to_json`].
    pub fn with(&mut self, json: &str, at: Instant) -> Result<Entry, BadInput> {
        let mut body = text::parse(json)?;
        if let Some(longer) = self.with_newcomer(&body, at)? {
            let place = longer.places.len() - 1;
            *self = longer;
            let index = self.places.iter().position(|&other| other == place);
            return Ok(self.setup.script[index.expect("it was just read")].clone());
        }
        let (entry, named) = self.resolve(&command_form(&body)?, at)?;
        if let Some((name, info)) = named {
            for verb in ["put", "get", "delete"] {
                if let Some(fields) = body.get_mut(verb) {
                    fields.set("as", name.as_str().into());
                }
            }
            self.ops.insert(name, info);
        }
        self.append(body, at);
        let setup = Rc::make_mut(&mut self.setup);
        let index = setup.script.partition_point(|other| other.at <= at);
        setup.script.insert(index, entry.clone());
        setup.until = setup.until.max(at);
        self.places.insert(index, self.places.len());
        Ok(entry)
    }

    /// Forgets every entry later than `at`: whoever acts in the past has another future.
    pub fn forget_after(&mut self, at: Instant) {
        let is_later = |entry: &Json| {
            let at_ms = entry.get("at_ms").and_then(Json::as_f64);
            at_ms.is_some_and(|at_ms| Instant::from_ms_f64(at_ms) > at)
        };
        let mut json = self.json.clone();
        if let Some(script) = json.get_mut("script").and_then(Json::as_list_mut) {
            script.retain(|entry| !is_later(entry));
        }
        // An expect of the past may name an operation of the future that is no more: it goes too.
        loop {
            match Scenario::from_value(json.clone()) {
                Ok(shorter) => return *self = shorter,
                Err(refusal) => remove_entry(&mut json, &refusal),
            }
        }
    }

    fn append(&mut self, body: Json, at: Instant) {
        let at_ms = at.as_ms_f64();
        let mut entry = object(vec![("at_ms", at_ms.into())]);
        if let Json::Object(fields) = body {
            fields.into_iter().for_each(|(name, json)| entry.set(&name, json));
        }
        if self.json.get("script").is_none_or(Json::is_null) {
            self.json.set("script", Json::List(Vec::new()));
        }
        if let Some(script) = self.json.get_mut("script").and_then(Json::as_list_mut) {
            script.push(entry);
        }
        let until = self.json.get("until_ms").and_then(Json::as_f64);
        if until.is_none_or(|until| until < at_ms) {
            self.json.set("until_ms", at_ms.into());
        }
    }

    /// The scenario with the commands so far.
    pub fn to_json(&self) -> String {
        let Ok(text) = serde_json::to_string_pretty(&self.json) else {
            unreachable!("JSON can be written");
        };
        text
    }

    fn resolve(&self, form: &EntryForm, at: Instant) -> Result<(Entry, Named), BadInput> {
        let view = self.setup.view();
        let ring = view.ring();
        let n = self.setup.config.n;
        let mut ops = self.ops.clone();
        let mut placement = Placement::new(ring, &self.names);
        let mut named = None;
        if let Some(key) = script::key_of(form, &self.names, &mut placement, n)? {
            let name = match script::own_name(form) {
                Some((letter, Some(name))) if ops.get(name).is_some() => {
                    return Err(name_taken(letter, name, "an earlier operation"));
                }
                Some((_, Some(name))) => name.to_owned(),
                Some((letter, None)) => next_free(letter, &mut 1, |name| ops.get(name).is_some()),
                None => unreachable!("what has a key is an operation"),
            };
            let info = OpInfo { key, at, place: self.places.len() };
            ops.insert(name.clone(), info.clone());
            named = Some((name, info));
        }
        let resolver = Resolver { names: &self.names, ops: &ops, n };
        let action = resolver.action(form, named.as_ref().map(|(name, _)| name.as_str()))?;
        self.newcomers.check(&action, &self.names, (at, self.places.len()))?;
        let entry = Entry { at, action };
        script::few_loads(self.setup.script.iter().chain([&entry]))?;
        Ok((entry, named))
    }
}

/// An operation's name, with what the script says of it.
type Named = Option<(String, OpInfo)>;

/// Takes out the entry that a refusal is about.
fn remove_entry(json: &mut Json, refusal: &BadInput) {
    let place = refusal.path.strip_prefix("script[").and_then(|rest| rest.split(']').next());
    let place = place.and_then(|place| place.parse::<usize>().ok());
    let script = json.get_mut("script").and_then(Json::as_list_mut);
    match (place, script) {
        (Some(place), Some(script)) if place < script.len() => drop(script.remove(place)),
        _ => unreachable!("what was read once is refused for its script only: {refusal}"),
    }
}

fn command_form(json: &Json) -> Result<EntryForm, BadInput> {
    let form: EntryForm = form::read(json)?;
    if let Some(at) = form.at_ms {
        let allowed = "no at_ms: a command happens now";
        return Err(BadInput::new("at_ms", plain(at.0), allowed));
    }
    script::exactly_one(&form)?;
    Ok(form)
}

fn build(form: &ScenarioForm, json: Json) -> Result<Scenario, BadInput> {
    let (nodes, mut names) = settings::nodes(&form.config)?;
    let seed = form.seed.as_ref().map_or(String::new(), |seed| seed.0.clone());
    let salt = Rng::stream(&seed, "tokens").next_u64();
    let (config, partitioning) = settings::config(&form.config, nodes.len(), salt)?;
    let n = config.n;
    let mut setup = Setup {
        title: form.title.as_ref().map_or(String::new(), |title| title.0.clone()),
        seed,
        config: Rc::new(config),
        nodes,
        partitioning,
        network: settings::network(&form.config),
        disk_latency: settings::disk_latency(&form.config),
        service: settings::service(&form.config),
        queue_max: settings::queue_max(&form.config),
        coordination: settings::coordination(&form.config),
        script: Vec::new(),
        until: Instant::from_ms_f64(form.until_ms.0),
    };
    few_tokens(&setup)?;
    let view = setup.view();
    let ring = view.ring();
    let founders = setup.founders().count();
    let short = ring.partitions().map(|p| ring.homes(p).len());
    if let Some(short) = short.into_iter().find(|&len| len < n.min(founders)) {
        let found = format!("{}, owned by {short} nodes", ring.partition_count());
        let allowed = format!("so many that at least {n} nodes own one (N is {n})");
        return Err(BadInput::new("config.partitioning.partitions", found, allowed));
    }
    let entries = &form.script.0;
    let moments = moments(entries, setup.until)?;
    let newcomers = Newcomers::read(entries, &moments, &mut names, &mut setup.nodes)?;
    few_tokens(&setup)?;
    let op_names = operation_names(entries)?;
    let mut placement = Placement::new(ring, &names);
    let mut ops = Ops::default();
    for (place, entry) in entries.iter().enumerate() {
        let key = script::key_of(entry, &names, &mut placement, n);
        let key = key.map_err(|refusal| refusal.at(place).under("script"))?;
        if let (Some(key), Some(name)) = (key, &op_names[place]) {
            ops.insert(name.clone(), OpInfo { key, at: moments[place], place });
        }
    }
    let resolver = Resolver { names: &names, ops: &ops, n };
    let mut script = Vec::with_capacity(entries.len());
    for (place, entry) in entries.iter().enumerate() {
        let action = resolver.action(entry, op_names[place].as_deref());
        let action = action.and_then(|action| {
            newcomers.check(&action, &names, (moments[place], place)).map(|()| action)
        });
        let action = action.map_err(|refusal| refusal.at(place).under("script"))?;
        script.push((place, Entry { at: moments[place], action }));
        if entry.workload.is_some() {
            let few = script::few_loads(script.iter().map(|(_, entry)| entry));
            few.map_err(|refusal| refusal.at(place).under("script"))?;
        }
    }
    sort_by_key(&mut script, |(_, entry)| entry.at);
    let places = script.iter().map(|(place, _)| *place).gather();
    setup.script = script.into_iter().map(|(_, entry)| entry).gather();
    Ok(Scenario { setup: Rc::new(setup), names, newcomers, ops, places, json })
}

/// Random tokens have a limit together; nodes that join and leave again count too.
fn few_tokens(setup: &Setup) -> Result<(), BadInput> {
    match setup.tokens() {
        tokens if tokens <= TOKENS_MAX as u64 => Ok(()),
        tokens => {
            let (path, found) = ("config.partitioning.tokens_per_node", format!("{tokens} in all"));
            Err(BadInput::new(path, found, format!("up to {TOKENS_MAX} tokens in all")))
        }
    }
}

/// When each entry happens: each has a moment and one action.
fn moments(entries: &[EntryForm], until: Instant) -> Result<Vec<Instant>, BadInput> {
    let moment = |(place, entry): (usize, &EntryForm)| {
        let path = format!("script[{place}]");
        script::exactly_one(entry).map_err(|refusal| refusal.under(&path))?;
        let allowed = || format!("a number from 0 to {until} (until_ms)");
        let at_ms = format!("{path}.at_ms");
        let given = entry.at_ms.ok_or_else(|| BadInput::new(&at_ms, "nothing", allowed()))?;
        match Instant::from_ms_f64(given.0) {
            at if at <= until => Ok(at),
            _ => Err(BadInput::new(&at_ms, plain(given.0), allowed())),
        }
    };
    entries.iter().enumerate().map(moment).collect()
}

/// What each put and get is called: its own name, or the next free p1, g1 and so on.
fn operation_names(entries: &[EntryForm]) -> Result<Vec<Option<String>>, BadInput> {
    let mut taken: Map<String, usize> = Map::default();
    for (place, entry) in entries.iter().enumerate() {
        if let Some((letter, Some(name))) = script::own_name(entry)
            && taken.insert(name.to_owned(), place).is_some()
        {
            let refusal = name_taken(letter, name, "another operation");
            return Err(refusal.at(place).under("script"));
        }
    }
    let (mut puts, mut gets, mut deletes) = (1, 1, 1);
    let mut name = |entry: &EntryForm| {
        let (letter, own) = script::own_name(entry)?;
        let next = match letter {
            "p" => &mut puts,
            "g" => &mut gets,
            _ => &mut deletes,
        };
        Some(own.map_or_else(
            || next_free(letter, next, |name| taken.contains_key(name)),
            str::to_owned,
        ))
    };
    Ok(entries.iter().map(&mut name).gather())
}

fn next_free(letter: &str, next: &mut u64, is_taken: impl Fn(&str) -> bool) -> String {
    loop {
        let name = format!("{letter}{next}");
        *next += 1;
        if !is_taken(&name) {
            return name;
        }
    }
}

fn name_taken(letter: &str, name: &str, by: &str) -> BadInput {
    let verb = script::verb_of(letter);
    BadInput::new(&format!("{verb}.as"), quoted(name), format!("a name that {by} does not have"))
}

#[cfg(test)]
mod tests;
