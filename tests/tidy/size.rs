//! How long a file and how wide a line may be.

use crate::source::Source;

const LINES_MAX: usize = 500;
const COLUMNS_MAX: usize = 100;

/// Files whose part before their tests is too long. Tests stand at the foot, or in `x/tests.rs`.
pub fn too_long(sources: &[Source]) -> Vec<String> {
    sources
        .iter()
        .filter(|source| !source.path.ends_with("/tests.rs"))
        .map(|source| (source, source.text.lines().take_while(|line| !begins_tests(line)).count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(source, lines)| format!("{}: {lines} lines, at most {LINES_MAX}", source.path))
        .collect()
}

fn begins_tests(line: &str) -> bool {
    line.starts_with("#[cfg(test)]") || line.starts_with("mod tests")
}

pub fn too_wide(sources: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in sources {
        for (number, line) in source.text.lines().enumerate() {
            let columns = line.chars().count();
            if columns > COLUMNS_MAX {
                let place = format!("{}:{}", source.path, number + 1);
                complaints.push(format!("{place}: {columns} columns, at most {COLUMNS_MAX}"));
            }
        }
    }
    complaints
}

#[test]
fn a_file_of_501_lines_is_too_long_and_its_tests_do_not_count() {
    let lines = |count: usize, tail: &str| {
        let text = format!("{}{tail}", "x\n".repeat(count));
        too_long(&[Source::planted("src/a.rs", &text)])
    };
    assert_eq!(lines(501, ""), ["src/a.rs: 501 lines, at most 500"]);
    assert!(lines(500, "").is_empty());
    assert!(lines(400, &format!("#[cfg(test)]\n{}", "x\n".repeat(300))).is_empty());
}

#[test]
fn a_line_of_101_columns_is_too_wide_and_columns_are_characters() {
    let wide = |width| too_wide(&[Source::planted("a.ts", &format!("\n{}", "é".repeat(width)))]);
    assert_eq!(wide(101), ["a.ts:2: 101 columns, at most 100"]);
    assert!(wide(100).is_empty());
}
