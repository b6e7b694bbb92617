//! The parts of a page that a person can use: title, links, forms, pictures, visible text.
//! Never runs a script and never repairs bad nesting; it reads tags in order, as they stand.
//! `page` offers the results, `form` fills and encodes.

/// A tag as it stands in the source.
#[derive(Clone, Debug, Default)]
pub(super) struct Tag {
    pub name: String,
    pub closing: bool,
    attributes: Vec<(String, String)>,
}

impl Tag {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    pub fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

#[derive(Clone, Debug)]
pub(super) enum Piece {
    Tag(Tag),
    Text(String),
}

/// Tags and the texts between them, entities resolved; comments, scripts and styles left out.
pub(super) fn pieces(html: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        push_text(&mut out, &rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("<!--") {
            rest = after.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let Some((tag, after)) = tag(rest) else {
            push_text(&mut out, "<");
            rest = &rest[1..];
            continue;
        };
        rest = after;
        // What stands in these is not markup.
        if !tag.closing && matches!(tag.name.as_str(), "script" | "style") {
            let end = format!("</{}", tag.name);
            rest = rest
                .to_ascii_lowercase()
                .find(&end)
                .map_or("", |at| &rest[at..]);
        }
        out.push(Piece::Tag(tag));
    }
    push_text(&mut out, rest);
    out
}

fn push_text(out: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        out.push(Piece::Text(decode(text)));
    }
}

fn tag(text: &str) -> Option<(Tag, &str)> {
    let inner = text.strip_prefix('<')?;
    let (closing, inner) = match inner.strip_prefix('/') {
        Some(inner) => (true, inner),
        None => (false, inner),
    };
    if !inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') {
        return None;
    }
    let end = inner.find(|c: char| c.is_whitespace() || c == '>' || c == '/')?;
    let mut tag = Tag {
        name: inner[..end].to_ascii_lowercase(),
        closing,
        ..Tag::default()
    };
    let mut rest = &inner[end..];
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            return Some((tag, after));
        }
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/'))?;
        let name = rest[..end.max(1)].to_ascii_lowercase();
        rest = rest[end.max(1)..].trim_start();
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            let (raw, after) = value_of(after.trim_start())?;
            value = decode(raw);
            rest = after;
        }
        tag.attributes.push((name, value));
    }
}

fn value_of(text: &str) -> Option<(&str, &str)> {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.split_once(quote);
        }
    }
    let end = text.find(|c: char| c.is_whitespace() || c == '>')?;
    Some(text.split_at(end))
}

/// Character references: the five of XML, the no-break space and numbers. Others stay as they are.
pub(super) fn decode(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out += &rest[..at];
        rest = &rest[at..];
        let end = rest.find(';').filter(|end| *end <= 10);
        match end.and_then(|end| Some((reference(&rest[1..end])?, end))) {
            Some((character, end)) => {
                out.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

fn reference(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// Text with runs of blanks made one.
pub(super) fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_with_quotes_of_every_kind_and_scripts_are_skipped() {
        let html =
            "<!-- <form> --><INPUT name=u value='a &amp; \"b\"' CHECKED/>x<script>'<b>'</script>";
        let pieces = pieces(html);
        let Piece::Tag(input) = &pieces[0] else {
            panic!("{pieces:?}")
        };
        assert_eq!(
            (input.name.as_str(), input.get("name")),
            ("input", Some("u"))
        );
        assert_eq!(input.get("value"), Some("a & \"b\""));
        assert!(input.has("checked"));
        let names = pieces.iter().filter_map(|p| match p {
            Piece::Tag(tag) => Some(tag.name.as_str()),
            Piece::Text(_) => None,
        });
        assert_eq!(names.collect::<Vec<_>>(), ["input", "script", "script"]);
    }

    #[test]
    fn references_are_resolved_and_lone_ampersands_stay() {
        assert_eq!(
            decode("a&lt;b&#39;c&#x2F;d & e&bogus;"),
            "a<b'c/d & e&bogus;"
        );
    }

    #[test]
    fn broken_markup_ends_quietly() {
        for html in ["<", "a < b", "<form", "<a href=\"x", "</", "<>", "< p>"] {
            pieces(html);
        }
    }
}
