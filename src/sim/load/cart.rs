//! A shopping cart (§4.4): adding and deleting an item are both puts of the whole cart; siblings
//! are merged by union, so that what was added is never lost, and what was deleted can come back.

use crate::base::queue::Queue;
use crate::base::rng::Rng;
use crate::base::time::Instant;
use crate::data::version::{Value, Version};

/// A fuller cart has an item taken out.
const ITEMS_MAX: usize = 12;
/// Deleted items that are remembered of each cart; the oldest is forgotten.
const DELETED_MAX: usize = 64;
const GOODS: [&str; 8] = ["milk", "eggs", "tea", "bread", "rice", "apples", "soap", "figs"];

/// What a client does to a cart that it has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Add(String),
    Delete(String),
}

/// The items of all siblings, each once. A value is items with commas between them.
pub fn merged(versions: &[Version]) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for version in versions.iter().filter(|version| !version.content.is_tombstone) {
        for item in String::from_utf8_lossy(&version.content.value).split(',') {
            if !item.is_empty() && !items.iter().any(|known| known == item) {
                items.push(item.to_owned());
            }
        }
    }
    items
}

/// Draws what to do with a cart, and does it. `number` makes a new item like no other.
pub fn change(items: &mut Vec<String>, number: u64, rng: &mut Rng) -> Change {
    let is_full = items.len() >= ITEMS_MAX;
    if is_full || !items.is_empty() && rng.index(2) == 0 {
        return Change::Delete(items.remove(rng.index(items.len())));
    }
    let item = format!("{}-{number}", GOODS[number as usize % GOODS.len()]);
    items.push(item.clone());
    Change::Add(item)
}

pub fn value(items: &[String]) -> Value {
    let mut value = Value::new();
    for item in items {
        if !value.is_empty() {
            value.push(b',');
        }
        value.extend_from_slice(item.as_bytes());
    }
    value
}

/// What the clients of all loads did to one cart, for the onlooker.
#[derive(Clone, Debug, Default)]
pub struct CartWatch {
    /// Added for certain, and nobody has asked to delete them.
    kept: Vec<(String, Instant)>,
    /// Somebody asked to delete them; and when that was acknowledged.
    deleted: Queue<(String, Option<Instant>)>,
    /// When somebody last asked to delete the whole cart.
    cleared: Option<Instant>,
}

impl CartWatch {
    /// A client asks for this change. A delete may take effect even when nobody says so.
    pub fn on_asked(&mut self, change: &Change) {
        let Change::Delete(item) = change else { return };
        self.kept.retain(|(kept, _)| kept != item);
        if self.place_of(item).is_none() {
            if self.deleted.len() >= DELETED_MAX {
                self.deleted.pop_front();
            }
            self.deleted.push_back((item.clone(), None));
        }
    }

    /// A client asks to delete the cart, with whatever it has seen in it.
    pub fn on_cleared(&mut self, at: Instant) {
        self.kept.clear();
        self.cleared = Some(at);
    }

    /// The change, asked for at `asked_at`, was acknowledged.
    pub fn on_done(&mut self, change: &Change, asked_at: Instant, at: Instant) {
        match change {
            // What was deleted before its adding was acknowledged is owed to nobody. Carts are
            // small, so these are few: each is deleted in the end.
            Change::Add(item) => {
                let is_cleared = self.cleared.is_some_and(|cleared| asked_at <= cleared);
                if self.place_of(item).is_none() && !is_cleared {
                    self.kept.push((item.clone(), at));
                }
            }
            Change::Delete(item) => {
                if let Some(place) = self.place_of(item) {
                    self.deleted[place].1 = Some(at);
                }
            }
        }
    }

    fn place_of(&self, item: &str) -> Option<usize> {
        self.deleted.iter().position(|(deleted, _)| deleted == item)
    }

    /// A get that began at `began`, and missed nothing that it should have seen, found these.
    /// Answers how many deleted items are back, and how many are gone that nobody deleted. Each
    /// counts once.
    pub fn on_found(&mut self, items: &[String], began: Instant) -> (u64, u64) {
        let has = |item: &String| items.iter().any(|found| found == item);
        let mut returned = 0;
        for (item, at) in self.deleted.iter_mut() {
            if at.is_some_and(|at| at < began) && has(item) {
                *at = None;
                returned += 1;
            }
        }
        let before = self.kept.len();
        self.kept.retain(|(item, at)| *at >= began || has(item));
        (returned, (before - self.kept.len()) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::version::{Clock, Content};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn version(value: &str) -> Version {
        let content = Content { value: value.as_bytes().into(), ..Content::default() };
        Version::new(Clock::default(), content.into())
    }

    #[test]
    fn siblings_are_merged_by_union_and_what_was_deleted_in_one_of_them_is_back() {
        let items = merged(&[version("milk,eggs"), version("milk,tea"), version("")]);
        assert_eq!(items, ["milk", "eggs", "tea"]);
        assert_eq!(&*value(&items), b"milk,eggs,tea");
    }

    #[test]
    fn a_cart_grows_and_shrinks_and_never_past_its_limit() {
        let (mut items, mut rng) = (vec![], Rng::from_u64(1));
        for number in 0..1_000 {
            let before = items.len();
            match change(&mut items, number, &mut rng) {
                Change::Add(item) => assert!(items.contains(&item) && items.len() == before + 1),
                Change::Delete(item) => assert!(!items.contains(&item)),
            }
            assert!(items.len() <= ITEMS_MAX);
        }
    }

    #[test]
    fn an_item_is_back_when_a_get_begun_after_its_delete_finds_it_and_counts_once() {
        let mut watch = CartWatch::default();
        let items = ["milk".to_owned()];
        let delete = Change::Delete("milk".into());
        watch.on_asked(&delete);
        watch.on_done(&delete, Instant(4), Instant(5));
        assert_eq!(watch.on_found(&items, Instant(5)), (0, 0), "they overlapped");
        assert_eq!(watch.on_found(&items, Instant(6)), (1, 0));
        assert_eq!(watch.on_found(&items, Instant(7)), (0, 0));
        watch.on_done(&delete, Instant(7), Instant(8));
        assert_eq!(watch.on_found(&items, Instant(9)), (1, 0), "it was deleted once more");
    }

    #[test]
    fn an_item_is_lost_when_it_is_gone_and_nobody_ever_asked_to_delete_it() {
        let mut watch = CartWatch::default();
        let done = |watch: &mut CartWatch, item: &str, asked_at, at| {
            watch.on_done(&Change::Add(item.into()), Instant(asked_at), Instant(at));
        };
        done(&mut watch, "milk", 4, 5);
        done(&mut watch, "eggs", 4, 5);
        watch.on_asked(&Change::Delete("eggs".into()));
        watch.on_asked(&Change::Delete("tea".into()));
        done(&mut watch, "tea", 3, 5);
        assert_eq!(watch.on_found(&[], Instant(5)), (0, 0), "they overlapped");
        assert_eq!(watch.on_found(&[], Instant(6)), (0, 1));
        done(&mut watch, "figs", 7, 9);
        watch.on_cleared(Instant(10));
        done(&mut watch, "soap", 9, 11);
        assert_eq!(watch.on_found(&[], Instant(12)), (0, 0), "the whole cart was deleted");
    }
}
