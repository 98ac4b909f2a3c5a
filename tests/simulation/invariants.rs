//! The table of invariants in `ARCHITECTURE.md` is made from the invariants themselves.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use dynamo_playground::sim::oracle::{CheckClass, RULES, Rule};
use dynamo_playground::sim::swarm::judge::END_CHECKS;

const BEGIN: &str = "<!-- invariants: made by INVARIANTS=write cargo test --test simulation -->\n";
const END: &str = "<!-- invariants end -->\n";

fn table() -> String {
    let mut text = String::from("| invariant | §  | says | promised |\n|---|---|---|---|\n");
    let end_rules = END_CHECKS.iter().map(|check| check.rule);
    for rule in RULES.iter().copied().chain(end_rules) {
        let Rule { name, class, paper, says, promised } = rule;
        let class = match class {
            CheckClass::Always => "",
            CheckClass::Eventually => " (in the end)",
            CheckClass::NotPromised => " (counted)",
        };
        let _ = writeln!(text, "| `{name}`{class} | {paper} | {says} | {promised} |");
    }
    text
}

#[test]
fn the_table_of_invariants_says_what_the_checks_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md");
    let document = fs::read_to_string(&path).expect("it is there");
    let (before, rest) = document.split_once(BEGIN).expect("the table has its place");
    let (written, after) = rest.split_once(END).expect("the table has an end");
    if std::env::var_os("INVARIANTS").is_some_and(|word| word == "write") {
        let document = format!("{before}{BEGIN}{}{END}{after}", table());
        return fs::write(&path, document).expect("it can be written");
    }
    assert_eq!(written, table(), "INVARIANTS=write writes it anew");
}
