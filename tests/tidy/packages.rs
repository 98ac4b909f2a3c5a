//! The packages that the project was asked to stand on: each is used, and no own code replaces it.

use super::source::Source;

const AGREED: [&str; 7] = [
    "console_error_panic_hook",
    "getrandom",
    "js_sys",
    "md5",
    "serde_wasm_bindgen",
    "wasm_bindgen",
    "web_sys",
];

/// Those that no path of the product's code begins with.
pub fn unused(sources: &[Source]) -> Vec<String> {
    let is_test = |source: &Source| source.path.contains("/tests");
    let codes: Vec<String> =
        sources.iter().filter(|source| !is_test(source)).map(Source::code).collect();
    let is_used = |package: &str| {
        let path = format!("{package}::");
        codes.iter().any(|code| begins_a_path(code, &path))
    };
    let unused = AGREED.iter().filter(|package| !is_used(package));
    unused.map(|package| format!("{package}: agreed upon, and used nowhere in src")).collect()
}

/// Whether it stands there as the beginning of a path, not as the end of a longer name.
fn begins_a_path(code: &str, path: &str) -> bool {
    code.match_indices(path).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|before| before.is_alphanumeric() || before == '_' || before == ':')
    })
}

#[test]
fn a_package_that_stands_in_comments_and_longer_names_alone_is_not_used() {
    let code =
        "// md5::compute\nuse crate::base::md5::sum;\nfn f() { my_js_sys::g(); web_sys::h(); }";
    let found = unused(&[Source::planted("src/base/digest.rs", code)]);
    let names: Vec<&str> = found.iter().map(|one| one.split(':').next().unwrap_or("")).collect();
    let expected = AGREED.iter().copied().filter(|&name| name != "web_sys");
    assert_eq!(names, expected.collect::<Vec<_>>());
}
