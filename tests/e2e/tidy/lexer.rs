//! Tells code from comments and literals in Rust source, well enough for the rules.
//!
//! It is no parser: it knows strings, raw strings, characters, lifetimes and nested comments, and
//! how to find the brace that closes another. Everything keeps its line and column.

/// The source with every comment and literal replaced by blanks.
pub fn code_only(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = end_of_prose(&chars, at);
        if end == at {
            code.push(chars[at]);
            at += 1;
        } else {
            code.extend(
                chars[at..end]
                    .iter()
                    .map(|&c| if c == '\n' { '\n' } else { ' ' }),
            );
            at = end;
        }
    }
    code
}

/// Where the comment or literal that begins here ends; `at` itself if code stands here.
fn end_of_prose(chars: &[char], at: usize) -> usize {
    let rest = &chars[at..];
    match rest {
        ['/', '/', ..] => at + rest.iter().position(|&c| c == '\n').unwrap_or(rest.len()),
        ['/', '*', ..] => at + end_of_comment(rest),
        ['"', ..] => at + end_of_quoted(rest, '"'),
        ['r', '"' | '#', ..] if begins_word(chars, at) => at + end_of_raw(rest),
        ['\'', '\\', ..] => at + end_of_quoted(rest, '\''),
        ['\'', _, '\'', ..] => at + 3,
        _ => at,
    }
}

/// Whether a raw string may begin here: not in the middle of a name, except after `b` or `c`.
fn begins_word(chars: &[char], at: usize) -> bool {
    let named = |back: usize| {
        at.checked_sub(back)
            .is_some_and(|at| chars[at].is_alphanumeric() || chars[at] == '_')
    };
    let prefix = at > 0 && matches!(chars[at - 1], 'b' | 'c');
    !named(1) || (prefix && !named(2))
}

fn end_of_comment(rest: &[char]) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while at < rest.len() {
        match rest[at..] {
            ['/', '*', ..] => (at, depth) = (at + 2, depth + 1),
            ['*', '/', ..] => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    at
}

fn end_of_quoted(rest: &[char], quote: char) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            '\\' => at += 2,
            c if c == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// Zero for a raw identifier such as `r#type`, which is code.
fn end_of_raw(rest: &[char]) -> usize {
    let hashes = rest[1..].iter().take_while(|&&c| c == '#').count();
    if rest.get(1 + hashes) != Some(&'"') {
        return 0;
    }
    let closes = |at: &usize| {
        rest[*at] == '"' && rest[at + 1..].iter().take_while(|&&c| c == '#').count() >= hashes
    };
    let body = 2 + hashes;
    (body..rest.len())
        .find(closes)
        .map_or(rest.len(), |at| at + 1 + hashes)
}

/// The bytes from `from` to the end of the item that begins there: past its closing brace or its
/// semicolon.
pub fn end_of_item(code: &str, from: usize) -> usize {
    let (mut brackets, mut braces) = (0_i32, 0_i32);
    for (at, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => brackets += 1,
            b')' | b']' => brackets -= 1,
            b'{' => braces += 1,
            b'}' => {
                braces -= 1;
                if braces == 0 {
                    return at + 1;
                }
            }
            b';' if braces == 0 && brackets == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

/// Blanks out every item marked `#[cfg(test)]`.
pub fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut kept = String::with_capacity(code.len());
    let mut at = 0;
    while let Some(found) = code[at..].find(MARK).map(|found| at + found) {
        let end = end_of_item(code, found + MARK.len());
        kept.push_str(&code[at..found]);
        kept.extend(code[found..end].chars().filter(|&c| c == '\n'));
        at = end;
    }
    kept + &code[at..]
}

/// The number of the line on which this byte stands, from 1.
pub fn line_of(code: &str, at: usize) -> usize {
    code[..at].bytes().filter(|&byte| byte == b'\n').count() + 1
}

#[test]
fn comments_and_literals_are_blanked_and_code_stays() {
    let cases = [
        ("let a = 1; // now()\nb", "let a = 1;         \nb"),
        ("a /* x /* y */ z */ b", "a                   b"),
        ("f(\"say \\\"now()\\\"\", 1)", "f(               , 1)"),
        (
            "f(r#\"now() \"quoted\" \"#, 1)",
            "f(                    , 1)",
        ),
        ("f(br\"now()\")", "f(b        )"),
        ("let c = '\"'; now()", "let c =    ; now()"),
        ("let c = '\\''; now()", "let c =     ; now()"),
        ("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}"),
        ("let r#type = var; now()", "let r#type = var; now()"),
    ];
    for (source, code) in cases {
        assert_eq!(code_only(source), code, "{source}");
    }
}

#[test]
fn test_modules_are_blanked_and_the_rest_keeps_its_lines() {
    let code = "a\n#[cfg(test)]\nmod tests {\n  fn f() { b }\n}\nc\n#[cfg(test)]\nmod more;\nd";
    assert_eq!(without_tests(code), "a\n\n\n\n\nc\n\n\nd");
}
