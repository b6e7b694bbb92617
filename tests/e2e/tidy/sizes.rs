//! Files, functions and lines stay short enough to read on one screen.
//!
//! Length is a smell to explain, not a crime: an exception names its reason. Test files may be
//! long, because a list of cases is read one case at a time; their functions and lines may not.

use super::source::{Source, stale};
use super::{expect_none, expect_one, lexer, source};

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 70;
const COLUMNS: usize = 100;

/// Files that may be longer, each with its reason.
const LONG_FILES: [(&str, &str); 0] = [];
/// Functions that may be longer: file, name, reason.
const LONG_FUNCTIONS: [(&str, &str, &str); 0] = [];

fn check(source: &Source) -> Vec<String> {
    let code = source.code();
    let mut complaints = Vec::from_iter(file_length(source, &code));
    complaints.extend(function_lengths(source, &code));
    complaints.extend(line_lengths(source));
    complaints
}

fn file_length(source: &Source, code: &str) -> Option<String> {
    let total = source.text.lines().count();
    let tests = code.lines().count() - lexer::without_tests(code).trim_end().lines().count();
    let lines = total.saturating_sub(tests);
    let allowed = source.is_test() || LONG_FILES.iter().any(|(path, _)| *path == source.path);
    (lines > FILE_LINES && !allowed).then(|| {
        format!(
            "{}: {lines} lines without its tests; {FILE_LINES} are allowed. Move one idea into a \
             module of its own, or add it to LONG_FILES with the reason.",
            source.path
        )
    })
}

fn function_lengths(source: &Source, code: &str) -> Vec<String> {
    let functions = regex::Regex::new(r"\bfn\s+([A-Za-z0-9_]+)").expect("a pattern that compiles");
    let mut complaints = Vec::new();
    for found in functions.captures_iter(code) {
        let name = &found[1];
        let start = found.get(1).map_or(0, |name| name.start());
        let first = lexer::line_of(code, start);
        let last = lexer::line_of(code, lexer::end_of_item(code, start) - 1);
        let lines = last - first + 1;
        let allowed = LONG_FUNCTIONS
            .iter()
            .any(|(path, f, _)| *path == source.path && *f == name);
        if lines > FUNCTION_LINES && !allowed {
            complaints.push(format!(
                "{}:{first}: `{name}` has {lines} lines; {FUNCTION_LINES} are allowed. Name a \
                 part of it and move it out, or add it to LONG_FUNCTIONS with the reason.",
                source.path
            ));
        }
    }
    complaints
}

fn line_lengths(source: &Source) -> Vec<String> {
    let long = |(number, line): (usize, &str)| {
        let columns = line.chars().count();
        // A line that is one unbreakable word, such as an address or a key, cannot be wrapped.
        let breakable = line
            .trim()
            .trim_start_matches(['/', '!'])
            .trim()
            .contains(' ');
        (columns > COLUMNS && breakable).then(|| {
            format!(
                "{}:{}: {columns} columns; {COLUMNS} are allowed. Run `cargo fmt`, and wrap \
                 comments and strings by hand.",
                source.path,
                number + 1
            )
        })
    };
    source.text.lines().enumerate().filter_map(long).collect()
}

#[test]
fn files_functions_and_lines_are_short() {
    let mut complaints: Vec<_> = source::rust().iter().flat_map(check).collect();
    complaints.extend(stale(LONG_FILES.iter().map(|(path, _)| *path)));
    complaints.extend(stale(LONG_FUNCTIONS.iter().map(|(path, _, _)| *path)));
    expect_none(&complaints);
}

#[test]
fn long_files_functions_and_lines_are_complained_about() {
    let of = |path: &str, text: String| Source {
        path: path.to_owned(),
        text,
    };
    let long = "x\n".repeat(FILE_LINES + 1);
    expect_one(
        &check(&of("core/a.rs", long.clone())),
        "401 lines without its tests",
    );
    expect_none(&check(&of("tests/a.rs", long)));
    let tested = format!(
        "x\n#[cfg(test)]\nmod tests {{\n{}}}\n",
        "x\n".repeat(FILE_LINES)
    );
    expect_none(&check(&of("core/a.rs", tested)));
    let function = |lines: usize| format!("fn f(a: [u8; 4]) {{\n{}}}\n", "x\n".repeat(lines - 2));
    expect_one(
        &check(&of("tests/a.rs", function(FUNCTION_LINES + 1))),
        "`f` has 71 lines",
    );
    expect_none(&check(&of("tests/a.rs", function(FUNCTION_LINES))));
    expect_one(
        &check(&of("a.rs", format!("// {}", "ab ".repeat(40)))),
        "123 columns",
    );
    expect_none(&check(&of("a.rs", format!("// {}", "ab".repeat(60)))));
}
