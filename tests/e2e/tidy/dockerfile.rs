//! What the image build must and must not do; there is no Dockerfile linter to count on.
//!
//! Reads the instructions only. That the image runs is shown by building it.

use super::{expect_none, expect_one, source};

/// Words in a build argument or variable that give a secret away: both stay readable in the image's
/// history.
const SECRET_WORDS: [&str; 5] = ["PASSWORD", "PASSWD", "KEY", "SECRET", "TOKEN"];
/// What the build must never see, or would copy into a layer.
const KEPT_OUT: [&str; 4] = [".git", "target", "*.key", "*.pem"];

/// Instructions with continued lines joined, in order.
fn instructions(text: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .collect();
    let joined = lines.join("\n").replace("\\\n", " ");
    let split = |line: &str| {
        let (word, rest) = line.trim().split_once(char::is_whitespace)?;
        Some((word.to_uppercase(), rest.trim().to_owned()))
    };
    joined.lines().filter_map(split).collect()
}

fn check(text: &str) -> Vec<String> {
    let instructions = instructions(text);
    let mut complaints = bases(&instructions);
    let stages = instructions
        .iter()
        .filter(|(word, _)| word == "FROM")
        .count();
    if stages < 2 {
        complaints.push(format!(
            "Dockerfile: has {stages} stages; at least two are needed, so that compilers and \
             sources stay out of the image. Build in one and COPY --from it."
        ));
    }
    let last = instructions
        .iter()
        .rposition(|(word, _)| word == "FROM")
        .unwrap_or(0);
    let user = instructions[last..]
        .iter()
        .rev()
        .find(|(word, _)| word == "USER");
    let name = user.map_or("", |(_, user)| user.split(':').next().unwrap_or_default());
    if ["", "root", "0"].contains(&name) {
        complaints.push(String::from(
            "Dockerfile: the last stage runs as root; it must name another USER. Add `USER \
             65532:65532`.",
        ));
    }
    for (word, rest) in instructions
        .iter()
        .filter(|(word, _)| ["ARG", "ENV"].contains(&word.as_str()))
    {
        let upper = rest.to_uppercase();
        if let Some(secret) = SECRET_WORDS.iter().find(|secret| upper.contains(*secret)) {
            complaints.push(format!(
                "Dockerfile: `{word} {rest}` names a {secret}; it stays readable in the image. \
                 Mount a file at run time."
            ));
        }
    }
    let healthy = instructions.iter().any(|(word, _)| word == "HEALTHCHECK");
    if !healthy && !text.contains("No HEALTHCHECK:") {
        complaints.push(String::from(
            "Dockerfile: has no HEALTHCHECK; add one, or a comment `# No HEALTHCHECK: <reason>`.",
        ));
    }
    complaints
}

fn bases(instructions: &[(String, String)]) -> Vec<String> {
    let mut stages: Vec<&str> = Vec::new();
    let mut complaints = Vec::new();
    for (_, rest) in instructions.iter().filter(|(word, _)| word == "FROM") {
        let words: Vec<&str> = rest
            .split_whitespace()
            .filter(|w| !w.starts_with("--"))
            .collect();
        let image = words.first().copied().unwrap_or_default();
        // A colon before the last slash is a port, not a tag.
        let tag = image
            .rsplit('/')
            .next()
            .and_then(|name| name.split_once(':'))
            .map(|(_, tag)| tag);
        let pinned = tag.is_some_and(|tag| tag != "latest") || image.contains("@sha256:");
        if !pinned && !stages.contains(&image) {
            complaints.push(format!(
                "Dockerfile: `FROM {image}` is not pinned; name a tag other than `latest`, or a \
                 digest."
            ));
        }
        stages.extend(words.get(2));
    }
    complaints
}

#[test]
fn the_image_is_small_pinned_and_not_root() {
    let mut complaints = check(&source::read("Dockerfile").expect("Dockerfile"));
    let ignored = source::read(".dockerignore").unwrap_or_default();
    for kept_out in KEPT_OUT {
        if !ignored.lines().any(|line| line.trim() == kept_out) {
            complaints.push(format!(
                ".dockerignore: does not name `{kept_out}`; add the line."
            ));
        }
    }
    expect_none(&complaints);
}

#[test]
fn careless_dockerfiles_are_complained_about() {
    let good = "FROM rust:1.95 AS build\nRUN a \\\n  && b\nFROM base@sha256:12\nUSER 65532\n\
                # No HEALTHCHECK: x\n";
    expect_none(&check(good));
    expect_one(&check(&good.replace("rust:1.95", "rust")), "not pinned");
    expect_one(
        &check(&good.replace("rust:1.95", "host:5000/rust:latest")),
        "not pinned",
    );
    expect_none(&check(&good.replace("base@sha256:12", "build")));
    expect_one(&check(&good.replace("USER 65532\n", "")), "runs as root");
    expect_one(
        &check(&good.replace("USER 65532", "USER root:root")),
        "runs as root",
    );
    expect_one(&check(&format!("{good}ARG API_KEY=1\n")), "stays readable");
    expect_one(
        &check(&good.replace("# No HEALTHCHECK: x\n", "")),
        "no HEALTHCHECK",
    );
    let single = good.replace("FROM rust:1.95 AS build\nRUN a \\\n  && b\n", "");
    expect_one(&check(&single), "has 1 stages");
}
