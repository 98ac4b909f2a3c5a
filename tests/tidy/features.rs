//! The feature that plants faults: nothing may bring it along.

const PLANTS: &str = "saboteurs";

/// Lines of `Cargo.toml` by which another feature, or a dependency on the crate, has it on.
pub fn pulled_in(manifest: &str) -> Vec<String> {
    let lines = manifest.lines().enumerate();
    let uses = lines.filter(|(_, line)| {
        let value = line.split_once('=').map_or("", |(_, value)| value);
        let is_needed = line.trim_start().starts_with("required-features");
        !is_needed && value.contains(&format!("[\"{PLANTS}\"")) || is_listed(value)
    });
    uses.map(|(at, line)| format!("Cargo.toml:{}: {line}", at + 1)).collect()
}

fn is_listed(value: &str) -> bool {
    value.contains(&format!(", \"{PLANTS}\""))
}

#[test]
fn a_default_that_plants_faults_is_refused() {
    let good =
        "[features]\ndefault = [\"world\"]\nsaboteurs = []\nrequired-features = [\"saboteurs\"]";
    assert!(pulled_in(good).is_empty());
    for bad in ["default = [\"world\", \"saboteurs\"]", "world = [\"saboteurs\"]"] {
        assert_eq!(pulled_in(bad).len(), 1, "{bad}");
    }
}
