//! From the format's predicates to questions with their names resolved.

use super::bad_input::{self, BadInput, joined, listed, quoted};
use super::format::{
    AskedWord, CounterForm, FigureWord, LatencyForm, Moment, Name, OutcomeWord, PredicateForm,
    SiblingsForm,
};
use super::names::Names;
use super::scalar::Text;
use super::script::{Ops, key};
use crate::base::id::NodeId;
use crate::base::time::Span;
use crate::sim::counters::Counters;
use crate::sim::expect::{Ending, Figure, Predicate};

/// The predicate, or what it names that does not exist.
pub fn resolve(form: &PredicateForm, names: &Names, ops: &Ops) -> Resolved {
    let kind = exactly_one(form)?;
    Predicates { names, ops }.resolve(form).map_err(|refusal| refusal.under(kind))
}

fn exactly_one(form: &PredicateForm) -> Result<&'static str, BadInput> {
    let fields = [
        ("all", form.all.is_some()),
        ("any", form.any.is_some()),
        ("not", form.not.is_some()),
        ("outcome", form.outcome.is_some()),
        ("value", form.value.is_some()),
        ("siblings", form.siblings.is_some()),
        ("hints", form.hints.is_some()),
        ("replicas", form.replicas.is_some()),
        ("converged", form.converged.is_some()),
        ("members", form.members.is_some()),
        ("suspects", form.suspects.is_some()),
        ("counter", form.counter.is_some()),
        ("latency", form.latency.is_some()),
        ("invariants", form.invariants.is_some()),
    ];
    bad_input::exactly_one("predicate", &fields)
}

struct Predicates<'s> {
    names: &'s Names,
    ops: &'s Ops,
}

type Resolved = Result<Predicate, BadInput>;

impl Predicates<'_> {
    /// A predicate of exactly one kind. The path of a refusal begins below that.
    fn resolve(&self, form: &PredicateForm) -> Resolved {
        Ok(if let Some(forms) = &form.all {
            Predicate::All(self.several(forms)?)
        } else if let Some(forms) = &form.any {
            Predicate::Any(self.several(forms)?)
        } else if let Some(inner) = &form.not {
            Predicate::Not(Box::new(resolve(inner, self.names, self.ops)?))
        } else if let Some(form) = &form.outcome {
            let is = match form.is {
                OutcomeWord::Ok => Ending::Ok,
                OutcomeWord::Refused => Ending::Refused,
                OutcomeWord::Timeout => Ending::Timeout,
            };
            Predicate::Outcome { op: self.op(&form.op)?, is }
        } else if let Some(form) = &form.value {
            Predicate::Value { op: self.op(&form.op)?, equals: form.equals.0.clone() }
        } else if let Some(form) = &form.siblings {
            self.siblings(form)?
        } else if let Some(form) = &form.hints {
            let holder = self.maybe_node("holder", &form.holder)?;
            let target = self.maybe_node("for", &form.target)?;
            Predicate::Hints { holder, target, count: form.count.0 }
        } else if let Some(form) = &form.replicas {
            Predicate::Replicas { key: key(&form.key), on: self.nodes("on", &form.on)? }
        } else if let Some(form) = &form.members {
            let node = self.maybe_node("node", &form.node)?;
            Predicate::Members { node, equals: self.nodes("equals", &form.equals)? }
        } else if let Some(form) = &form.suspects {
            let node = self.node("node", &form.node)?;
            let whom = self.node("whom", &form.whom)?;
            Predicate::Suspects { node, whom, is: form.is.unwrap_or(true) }
        } else if let Some(form) = &form.counter {
            counter(form)?
        } else if let Some(form) = &form.latency {
            latency(form)?
        } else if let Some(form) = &form.invariants {
            Predicate::Invariants { ok: form.ok }
        } else {
            Predicate::Converged
        })
    }

    fn several(&self, forms: &[PredicateForm]) -> Result<Vec<Predicate>, BadInput> {
        if forms.is_empty() {
            return Err(BadInput::new("", "an empty list", "one predicate or more"));
        }
        let mut parts = Vec::with_capacity(forms.len());
        for (place, form) in forms.iter().enumerate() {
            let part = resolve(form, self.names, self.ops);
            parts.push(part.map_err(|refusal| refusal.at(place))?);
        }
        Ok(parts)
    }

    fn siblings(&self, form: &SiblingsForm) -> Resolved {
        let count = form.count.0;
        match (&form.key, &form.op) {
            (Some(text), None) => Ok(Predicate::SiblingsOfKey { key: key(text), count }),
            (None, Some(op)) => Ok(Predicate::SiblingsOfOp { op: self.op(op)?, count }),
            (Some(_), Some(_)) => Err(BadInput::new("", "key and op", "one of the two")),
            (None, None) => Err(BadInput::new("", "neither key nor op", "one of the two")),
        }
    }

    fn op(&self, Text(name): &Name) -> Result<String, BadInput> {
        if self.ops.get(name).is_some() {
            return Ok(name.clone());
        }
        let known = self.ops.names(&|_| true);
        let allowed = format!("a put or get of the script: {}", listed(known.into_iter()));
        Err(BadInput::new("op", quoted(name), allowed))
    }

    fn node(&self, path: &str, Text(name): &Name) -> Result<NodeId, BadInput> {
        self.names.find(name).map_err(|refusal| refusal.under(path))
    }

    fn maybe_node(&self, path: &str, given: &Option<Name>) -> Result<Option<NodeId>, BadInput> {
        given.as_ref().map(|name| self.node(path, name)).transpose()
    }

    fn nodes(&self, path: &str, given: &[Name]) -> Result<Vec<NodeId>, BadInput> {
        self.names.find_all(given).map_err(|refusal| refusal.under(path))
    }
}

fn counter(form: &CounterForm) -> Resolved {
    if !Counters::NAMES.contains(&form.name.as_str()) {
        let allowed = joined(Counters::NAMES, ", ");
        return Err(BadInput::new("name", quoted(&form.name), allowed));
    }
    if form.at_least.or(form.at_most).or(form.equals).is_none() {
        let allowed = "one or more of at_least, at_most, equals";
        return Err(BadInput::new("", "no bound", allowed));
    }
    Ok(Predicate::Counter {
        name: form.name.clone(),
        at_least: form.at_least.map(|count| count.0),
        at_most: form.at_most.map(|count| count.0),
        equals: form.equals.map(|count| count.0),
    })
}

fn latency(form: &LatencyForm) -> Resolved {
    if form.at_least_ms.or(form.at_most_ms).is_none() {
        return Err(BadInput::new("", "no bound", "at_least_ms, at_most_ms, or both"));
    }
    let span = |bound: Option<Moment>| bound.map(|ms| Span::from_ms_f64(ms.0));
    Ok(Predicate::Latency {
        of_reads: form.of == AskedWord::Reads,
        figure: match form.is {
            FigureWord::Mean => Figure::Mean,
            FigureWord::P99 => Figure::P99,
            FigureWord::P999 => Figure::P999,
        },
        at_least: span(form.at_least_ms),
        at_most: span(form.at_most_ms),
    })
}
