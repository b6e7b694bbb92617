//! The house rules, each as a test: what may know what, how files read, what must not be called or
//! shipped.
//!
//! A rule that is only prose drifts. Every rule here is a plain function from text to complaints,
//! so that a small test beside it can prove that it is able to fail; the complaint says what is
//! wrong, what is allowed and how to mend it. Nothing here needs a network, a database or the
//! product itself.

mod arrows;
mod calls;
mod dockerfile;
mod documents;
mod headers;
mod lexer;
mod licences;
mod paths;
mod sentences;
mod sizes;
mod source;
mod supply;
mod words;

/// Fails with everything that is wrong at once, so that one run is enough to mend it all.
fn expect_none(complaints: &[String]) {
    assert!(
        complaints.is_empty(),
        "\n\n{} complaints:\n\n{}\n",
        complaints.len(),
        complaints.join("\n\n")
    );
}

/// Proves that a rule can fail: exactly one complaint, and it contains these words.
fn expect_one(complaints: &[String], words: &str) {
    assert!(
        complaints.len() == 1 && complaints[0].contains(words),
        "expected one complaint with '{words}', got {complaints:#?}"
    );
}
