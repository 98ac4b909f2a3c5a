//! Gathering lists where speed does not matter and the size of the module does.

/// What an iterator gives, as a list.
///
/// The standard library's `collect` asks how long the list will be, and is a few hundred bytes of
/// the module wherever it stands. This is a loop, a third of them; the list grows as it must. Not
/// for what happens with every message, nor for what a packet is read into, whose memory is
/// bounded.
pub trait Gather: Iterator + Sized {
    fn gather(self) -> Vec<Self::Item> {
        let mut list = Vec::new();
        for item in self {
            list.push(item);
        }
        list
    }
}

impl<I: Iterator> Gather for I {}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn it_gives_what_collect_gives() {
        for count in 0..20 {
            let odd = || (0..count).filter(|n| n % 2 == 1);
            assert_eq!(odd().gather(), odd().collect::<Vec<i32>>());
        }
    }
}
