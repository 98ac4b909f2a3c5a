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
pub fn resolve(form: &PredicateForm, names: &Names, ops: &Ops) -> Result<Predicate, BadInput> {
    exactly_one(form)?;
    let resolver = Predicates { names, ops };
    let several = |field: &str, forms: &[PredicateForm]| {
        if forms.is_empty() {
            return Err(BadInput::new(field, "an empty list", "one predicate or more"));
        }
        let part = |(place, form): (usize, &PredicateForm)| {
            resolve(form, names, ops).map_err(|refusal| refusal.at(place).under(field))
        };
        forms.iter().enumerate().map(part).collect::<Result<Vec<Predicate>, BadInput>>()
    };
    if let Some(forms) = &form.all {
        return several("all", forms).map(Predicate::All);
    }
    if let Some(forms) = &form.any {
        return several("any", forms).map(Predicate::Any);
    }
    if let Some(inner) = &form.not {
        let inner = resolve(inner, names, ops).map_err(|refusal| refusal.under("not"))?;
        return Ok(Predicate::Not(Box::new(inner)));
    }
    resolver
        .of_operations(form)
        .or_else(|| resolver.of_nodes(form))
        .unwrap_or_else(|| resolver.of_world(form))
}

fn exactly_one(form: &PredicateForm) -> Result<(), BadInput> {
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
    fn of_operations(&self, form: &PredicateForm) -> Option<Resolved> {
        if let Some(form) = &form.outcome {
            let is = match form.is {
                OutcomeWord::Ok => Ending::Ok,
                OutcomeWord::Refused => Ending::Refused,
                OutcomeWord::Timeout => Ending::Timeout,
            };
            let op = self.op("outcome.op", &form.op);
            return Some(op.map(|op| Predicate::Outcome { op, is }));
        }
        if let Some(form) = &form.value {
            let equals = form.equals.0.clone();
            let op = self.op("value.op", &form.op);
            return Some(op.map(|op| Predicate::Value { op, equals }));
        }
        form.siblings.as_ref().map(|form| self.siblings(form))
    }

    fn siblings(&self, form: &SiblingsForm) -> Resolved {
        let count = form.count.0;
        match (&form.key, &form.op) {
            (Some(text), None) => Ok(Predicate::SiblingsOfKey { key: key(text), count }),
            (None, Some(op)) => {
                let op = self.op("siblings.op", op)?;
                Ok(Predicate::SiblingsOfOp { op, count })
            }
            (Some(_), Some(_)) => Err(BadInput::new("siblings", "key and op", "one of the two")),
            (None, None) => Err(BadInput::new("siblings", "neither key nor op", "one of the two")),
        }
    }

    fn of_nodes(&self, form: &PredicateForm) -> Option<Resolved> {
        if let Some(form) = &form.hints {
            let holder = self.maybe_node("hints.holder", &form.holder);
            let target = self.maybe_node("hints.for", &form.target);
            let count = form.count.0;
            return Some(holder.and_then(|holder| {
                target.map(|target| Predicate::Hints { holder, target, count })
            }));
        }
        if let Some(form) = &form.replicas {
            let on = self.nodes("replicas.on", &form.on);
            let key = key(&form.key);
            return Some(on.map(|on| Predicate::Replicas { key, on }));
        }
        if let Some(form) = &form.members {
            let node = self.maybe_node("members.node", &form.node);
            let equals = self.nodes("members.equals", &form.equals);
            return Some(
                node.and_then(|node| equals.map(|equals| Predicate::Members { node, equals })),
            );
        }
        form.suspects.as_ref().map(|form| {
            let node = self.node("suspects.node", &form.node)?;
            let whom = self.node("suspects.whom", &form.whom)?;
            Ok(Predicate::Suspects { node, whom, is: form.is.unwrap_or(true) })
        })
    }

    fn of_world(&self, form: &PredicateForm) -> Resolved {
        if let Some(form) = &form.counter {
            return counter(form);
        }
        if let Some(form) = &form.latency {
            return latency(form);
        }
        match &form.invariants {
            Some(form) => Ok(Predicate::Invariants { ok: form.ok }),
            None => Ok(Predicate::Converged),
        }
    }

    fn op(&self, path: &str, Text(name): &Name) -> Result<String, BadInput> {
        if self.ops.get(name).is_some() {
            return Ok(name.clone());
        }
        let known = self.ops.names(&|_| true);
        let allowed = format!("a put or get of the script: {}", listed(known.into_iter()));
        Err(BadInput::new(path, quoted(name), allowed))
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
        return Err(BadInput::new("counter.name", quoted(&form.name), allowed));
    }
    if form.at_least.or(form.at_most).or(form.equals).is_none() {
        let allowed = "one or more of at_least, at_most, equals";
        return Err(BadInput::new("counter", "no bound", allowed));
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
        return Err(BadInput::new("latency", "no bound", "at_least_ms, at_most_ms, or both"));
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
