//! Reads tags and visible text out of a page, well enough for pages we wrote ourselves.
//!
//! Not an HTML parser: no implied tags, no scripts. Used by `pages::tests` only.

/// One tag as it stands in the page, attributes decoded.
#[derive(Debug)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) closes: bool,
    pub(super) attributes: Vec<(String, String)>,
}

impl Tag {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// All tags, in order.
pub(super) fn tags(page: &str) -> Vec<Tag> {
    pieces(page)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Tag(tag) if tag.name != "!doctype" => Some(tag),
            _ => None,
        })
        .collect()
}

/// What a person reads: the title, then the text with one line for each block.
pub(super) fn visible_text(page: &str) -> String {
    const INLINE: [&str; 7] = ["a", "strong", "code", "span", "time", "svg", "path"];
    let mut text = String::new();
    for piece in pieces(page) {
        match piece {
            Piece::Text(words) => text.push_str(&words),
            Piece::Tag(tag) if tag.name == "input" => text.push_str(match tag.get("type") {
                Some("hidden") => "",
                Some("radio" | "checkbox") => "\n( ) ",
                _ => " [          ]\n",
            }),
            Piece::Tag(tag) if matches!(tag.name.as_str(), "button" | "textarea") => {
                text.push_str(if tag.closes { " ]\n" } else { "\n[ " });
            }
            Piece::Tag(tag) if tag.name == "summary" && !tag.closes => text.push_str("\n> "),
            Piece::Tag(tag) if tag.name == "img" => {
                text.push_str(&["(", tag.get("alt").unwrap_or("no text"), ")\n"].concat());
            }
            Piece::Tag(tag) if INLINE.contains(&tag.name.as_str()) => {}
            Piece::Tag(_) => text.push('\n'),
        }
    }
    let lines = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

enum Piece {
    Tag(Tag),
    Text(String),
}

fn pieces(page: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        // A line break of the source is a space to the reader.
        found.push(Piece::Text(decoded(&rest[..at]).replace('\n', " ")));
        let (tag, after) = tag(&rest[at + 1..]);
        found.push(Piece::Tag(tag));
        rest = after;
    }
    found.push(Piece::Text(decoded(rest).replace('\n', " ")));
    found
}

/// The tag that starts here, and what follows its `>`.
fn tag(source: &str) -> (Tag, &str) {
    let (closes, source) = match source.strip_prefix('/') {
        Some(name) => (true, name),
        None => (false, source),
    };
    let end = source
        .find(|c: char| c.is_whitespace() || c == '>' || c == '/')
        .unwrap();
    let name = source[..end].to_owned();
    let mut rest = source[end..].trim_start();
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches('/').trim_start();
        if let Some(after) = rest.strip_prefix('>') {
            return (
                Tag {
                    name,
                    closes,
                    attributes,
                },
                after,
            );
        }
        let end = rest
            .find(|c: char| c.is_whitespace() || "=>/".contains(c))
            .unwrap();
        let key = rest[..end].to_owned();
        rest = &rest[end..];
        let mut value = "";
        if let Some(quoted) = rest.strip_prefix('=') {
            let quoted = quoted.strip_prefix('"').expect("a quoted attribute");
            let end = quoted.find('"').unwrap();
            (value, rest) = (&quoted[..end], &quoted[end + 1..]);
        }
        attributes.push((key, decoded(value)));
        rest = rest.trim_start();
    }
}

fn decoded(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
        .replace("&#38;", "&")
}
