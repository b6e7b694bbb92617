//! A form as a person fills it: hidden fields go along, named ones are filled, a button is pressed.
//! Never sends: it gives the pairs and their encoding, `browser` makes a request of them.

use super::html::{Piece, Tag, pieces, squeeze};

#[derive(Clone, Debug, Default)]
pub struct Form {
    pub id: String,
    pub name: String,
    /// As it stands in the page; empty means the page's own URL.
    pub action: String,
    /// `GET` or `POST`.
    pub method: String,
    pub multipart: bool,
    pub fields: Vec<Field>,
    pub buttons: Vec<Button>,
}

#[derive(Clone, Debug, Default)]
pub struct Field {
    pub name: String,
    /// The value it has before anybody types.
    pub value: String,
    /// `hidden`, `text`, `password`, `checkbox`, `radio`, `select`, `textarea` and so on.
    pub kind: String,
    /// For checkboxes and radio buttons: on before anybody clicks.
    pub on: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Button {
    pub name: String,
    pub value: String,
    pub text: String,
}

pub(super) fn forms(html: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut open = false;
    let mut text = String::new();
    for piece in pieces(html) {
        let tag = match piece {
            Piece::Text(piece) => {
                text += &piece;
                continue;
            }
            Piece::Tag(tag) => tag,
        };
        if tag.name == "form" {
            open = !tag.closing;
            if open {
                forms.push(form(&tag));
            }
        }
        if let (true, Some(form)) = (open, forms.last_mut()) {
            form.take(&tag, &text);
        }
        if matches!(tag.name.as_str(), "button" | "textarea" | "option") && !tag.closing {
            text.clear();
        }
    }
    forms
}

fn form(tag: &Tag) -> Form {
    let method = if tag.text("method").eq_ignore_ascii_case("post") {
        "POST"
    } else {
        "GET"
    };
    Form {
        id: tag.text("id"),
        name: tag.text("name"),
        action: tag.text("action"),
        method: method.to_owned(),
        multipart: tag
            .text("enctype")
            .eq_ignore_ascii_case("multipart/form-data"),
        ..Form::default()
    }
}

impl Form {
    /// One tag inside of the form; `text` is what stood before it since a field opened.
    fn take(&mut self, tag: &Tag, text: &str) {
        match (tag.name.as_str(), tag.closing) {
            ("input", _) => self.input(tag),
            ("button", false) if !tag.text("type").eq_ignore_ascii_case("button") => {
                self.buttons.push(button(tag));
            }
            ("button", true) => {
                if let Some(button) = self.buttons.last_mut().filter(|b| b.text.is_empty()) {
                    button.text = squeeze(text);
                }
            }
            ("textarea", false) => self.push(tag, "textarea", String::new()),
            ("textarea", true) => {
                if let Some(field) = self.fields.last_mut() {
                    field.value = text.trim_start_matches('\n').to_owned();
                }
            }
            ("select", false) => self.push(tag, "select", String::new()),
            ("option", false) => {
                if let Some(field) = self.fields.last_mut().filter(|f| f.kind == "select") {
                    // The first option counts until one says that it is selected.
                    if tag.has("selected") || !field.on {
                        field.value = tag.text("value");
                        field.on = true;
                    }
                }
            }
            _ => {}
        }
    }

    fn input(&mut self, tag: &Tag) {
        let kind = tag.get("type").unwrap_or("text").to_ascii_lowercase();
        match kind.as_str() {
            "submit" | "image" => {
                let text = tag.text("value");
                self.buttons.push(Button {
                    text,
                    ..button(tag)
                });
            }
            "button" | "reset" => {}
            "checkbox" | "radio" => {
                let value = tag.get("value").unwrap_or("on").to_owned();
                self.push(tag, &kind, value);
            }
            _ => self.push(tag, &kind, tag.text("value")),
        }
    }

    fn push(&mut self, tag: &Tag, kind: &str, value: String) {
        // A field with no name, or a disabled one, is never sent.
        if tag.has("name") && !tag.has("disabled") {
            let (name, kind, on) = (tag.text("name"), kind.to_owned(), tag.has("checked"));
            self.fields.push(Field {
                name,
                value,
                kind,
                on,
            });
        }
    }

    pub fn has_field(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }

    pub fn field_names(&self) -> Vec<&str> {
        self.fields
            .iter()
            .map(|field| field.name.as_str())
            .collect()
    }

    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether this id, name or part of the action means this form.
    pub fn is_called(&self, what: &str) -> bool {
        self.id == what || self.name == what || self.action.contains(what)
    }

    /// The button with this text, value or name.
    pub(super) fn button(&self, what: &str) -> Option<&Button> {
        self.buttons
            .iter()
            .find(|b| b.text == what || b.value == what || b.name == what)
    }

    /// What is sent when these fields are filled in and this button (else the first) is pressed.
    /// An entry for a field that the form does not have is a fault of the test or of the page.
    pub fn filled(
        &self,
        entries: &[(&str, &str)],
        pressed: Option<&Button>,
    ) -> Result<Vec<(String, String)>, String> {
        if let Some((name, _)) = entries.iter().find(|(name, _)| !self.has_field(name)) {
            return Err(format!("no field {name:?} among {:?}", self.field_names()));
        }
        let mut pairs = Vec::new();
        for field in &self.fields {
            let entry = entries
                .iter()
                .find(|(name, _)| *name == field.name)
                .map(|(_, v)| *v);
            let value = match (field.kind.as_str(), entry) {
                ("checkbox" | "radio", Some(value)) if value == field.value => Some(value),
                ("checkbox" | "radio", Some(_)) => None,
                ("checkbox" | "radio", None) => field.on.then_some(field.value.as_str()),
                (_, entry) => entry.or(Some(&field.value)),
            };
            if let Some(value) = value {
                // Browsers send line ends of a text area as CRLF.
                let value = value.replace("\r\n", "\n").replace('\n', "\r\n");
                pairs.push((field.name.clone(), value));
            }
        }
        if let Some(button) = pressed
            .or(self.buttons.first())
            .filter(|b| !b.name.is_empty())
        {
            pairs.push((button.name.clone(), button.value.clone()));
        }
        Ok(pairs)
    }
}

fn button(tag: &Tag) -> Button {
    Button {
        name: tag.text("name"),
        value: tag.text("value"),
        text: String::new(),
    }
}

/// `application/x-www-form-urlencoded`, as forms write it.
pub fn urlencoded<N: AsRef<str>, V: AsRef<str>>(pairs: &[(N, V)]) -> String {
    let encode = |text: &str| {
        text.bytes().fold(String::new(), |mut out, byte| {
            match byte {
                b'*' | b'-' | b'.' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                    out.push(char::from(byte));
                }
                b' ' => out.push('+'),
                _ => out += &format!("%{byte:02X}"),
            }
            out
        })
    };
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(n, v)| format!("{}={}", encode(n.as_ref()), encode(v.as_ref())))
        .collect();
    pairs.join("&")
}

/// The content type and body of a multipart form without files.
pub fn multipart(pairs: &[(String, String)]) -> (String, Vec<u8>) {
    const BOUNDARY: &str = "----AnteroomFormBoundary7MA4YWxkTrZu0gW";
    let mut body = String::new();
    for (name, value) in pairs {
        body += &format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
    }
    body += &format!("--{BOUNDARY}--\r\n");
    (
        format!("multipart/form-data; boundary={BOUNDARY}"),
        body.into_bytes(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<form id=search><input name=q></form>
        <form id=dw__login method=post action='/doku.php?id=start'><div>
        <input type=hidden name=sectok value='abc'><input name=u><input type=password name=p>
        <input type=checkbox name=r value=1><input name=off disabled value=x>
        <select name=ward><option value=1>One<option value=2 selected>Two</select>
        <textarea name=note>old &lt;text&gt;</textarea>
        <button type=button>Help</button><button name=go value=now>Log <b>In</b></button>
        </div></form>";

    #[test]
    fn hidden_fields_go_along_and_unticked_boxes_do_not() {
        let forms = forms(PAGE);
        let login = &forms[1];
        assert_eq!(
            (login.id.as_str(), login.method.as_str()),
            ("dw__login", "POST")
        );
        let pairs = login
            .filled(&[("u", "dr house"), ("p", "a&b")], None)
            .unwrap();
        let sent = "sectok=abc&u=dr+house&p=a%26b&ward=2&note=old+%3Ctext%3E&go=now";
        assert_eq!(urlencoded(&pairs), sent);
        let ticked = login.filled(&[("r", "1")], login.button("Log In")).unwrap();
        assert!(urlencoded(&ticked).contains("&r=1&"));
        assert_eq!(forms[0].field_names(), ["q"]);
    }

    #[test]
    fn a_field_that_is_not_there_is_told_with_those_that_are() {
        let told = forms(PAGE)[1].filled(&[("user", "x")], None).unwrap_err();
        assert!(
            told.contains("no field \"user\"") && told.contains("sectok"),
            "{told}"
        );
    }

    #[test]
    fn a_multipart_form_names_its_parts() {
        let (kind, body) = multipart(&[("a".into(), "1".into())]);
        let boundary = kind.split_once("boundary=").unwrap().1;
        let body = String::from_utf8(body).unwrap();
        assert!(
            body.starts_with(&format!("--{boundary}\r\n")) && body.contains("name=\"a\"\r\n\r\n1")
        );
    }
}
