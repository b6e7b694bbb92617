//! Bodies that attackers send (`attacks.md` B01 to B08) and bodies that browsers send.

use proptest::prelude::*;

use super::*;

fn parse(body: &str) -> Result<Form<'_>, FormProblem> {
    Form::parse(body.as_bytes(), 100)
}

fn the_name(body: &str) -> Result<Option<String>, FormProblem> {
    parse(body)?
        .the_one("username")
        .map(|value| value.map(str::to_owned))
}

fn ambiguous() -> Result<Option<String>, FormProblem> {
    Err(FormProblem::Ambiguous {
        field: "username".into(),
    })
}

#[test]
fn a_browsers_form_is_read_as_typed() {
    let body = "csrf=a%2Fb%3D&username=j%C3%B6rg+o%27neil&password=p%26%3D%25%2B+%E2%82%AC&x=";
    let form = parse(body).unwrap();
    let fields: Vec<_> = form.fields().collect();
    assert_eq!(
        fields,
        [
            ("csrf", "a/b="),
            ("username", "jörg o'neil"),
            ("password", "p&=%+ €"),
            ("x", "")
        ]
    );
    assert_eq!(form.the_one("username"), Ok(Some("jörg o'neil")));
    assert_eq!(form.the_one("user"), Ok(None));
}

#[test]
fn an_encoded_name_is_the_name() {
    assert_eq!(the_name("user%6eame=alice"), Ok(Some("alice".into())));
    assert_eq!(the_name(""), Ok(None));
    assert_eq!(the_name("username"), Ok(Some(String::new())));
}

#[test]
fn two_names_are_never_chosen_between() {
    for body in [
        "username=mallory&username=alice&password=x",
        "username=alice&username=alice",
        "username=mallory&user%6Eame=alice",
        "username=mallory&+username=alice",
        "username[]=alice",
        "username[0]=alice",
        "username=mallory&username%5B%5D=alice",
        "Username=alice",
        "username=mallory&USERNAME=alice",
    ] {
        assert_eq!(the_name(body), ambiguous(), "{body}");
    }
    let form = parse("user_name=mallory&user.name=alice").unwrap();
    assert!(form.the_one("user_name").is_err());
    assert!(form.has_alias_of("user_name"));
    assert!(
        !parse("user_name=mallory")
            .unwrap()
            .has_alias_of("user_name")
    );
}

#[test]
fn what_has_two_readings_is_refused_for_what_it_is() {
    use FormProblem as P;
    for (body, problem) in [
        ("username=a%", P::Escape),
        ("username=a%2", P::Escape),
        ("username=a%zz", P::Escape),
        ("username=a%u0041", P::Escape),
        ("username=%c1%a1lice", P::Utf8),
        ("username=%e9", P::Utf8),
        ("username=%ed%a0%80", P::Utf8),
        ("username=a%00b", P::Nul),
        ("username%00x=alice", P::Nul),
        ("username=a\0b", P::Nul),
        ("username=mallory;username=alice", P::Separator),
        ("username=mallory\r\nusername=alice", P::Separator),
        ("username=a\n", P::Separator),
        ("username=a&_charset_=utf-16", P::Charset),
        ("_CHARSET_=ibm037&username=a", P::Charset),
    ] {
        assert_eq!(parse(body).err(), Some(problem), "{body}");
    }
    assert_eq!(Form::parse(b"username=\xff", 9).err(), Some(P::Utf8));
    assert!(parse("username=a&_charset_=UTF-8").is_ok());
    assert!(parse("note=a%3Bb%0D%0Ac").is_ok());
}

#[test]
fn the_number_of_fields_is_bounded() {
    assert!(Form::parse(b"a&b&c", 3).is_ok());
    assert_eq!(
        Form::parse(b"a&b&c&", 3).err(),
        Some(FormProblem::TooManyFields)
    );
    assert!(Form::parse(b"", 0).is_ok());
}

#[test]
fn stripping_a_field_leaves_every_other_byte() {
    let form = parse("a=%2f%2F&rememberme=1&&remember.me=2&b=+x+&RememberMe[]=3").unwrap();
    assert_eq!(
        form.without(&["rememberme"]),
        b"a=%2f%2F&&remember.me=2&b=+x+"
    );
    assert_eq!(
        form.without(&["remember_me", "rememberme"]),
        b"a=%2f%2F&&b=+x+"
    );
    let none: [&str; 0] = [];
    assert_eq!(
        form.without(&none),
        b"a=%2f%2F&rememberme=1&&remember.me=2&b=+x+&RememberMe[]=3"
    );
    assert_eq!(parse("rememberme=1").unwrap().without(&["rememberme"]), b"");
}

#[test]
fn a_form_tells_a_log_nothing_but_its_size() {
    let form = parse("username=alice&password=secret").unwrap();
    assert_eq!(format!("{form:?}"), "Form(2 fields)");
}

#[test]
fn a_query_with_a_credential_in_any_spelling_is_seen() {
    let names = ["username", "password"];
    for query in [
        "username=a",
        "x=1&password=a",
        "PASSWORD=a",
        "pass%77ord=a",
        "username[]=a",
    ] {
        assert!(query_carries(query, &names), "{query}");
    }
    for query in ["", "x=1", "next=/a?username=1", "q=password", "passwords=1"] {
        assert!(!query_carries(query, &names), "{query}");
    }
}

fn part(disposition: &str) -> String {
    format!("--xy\r\n{disposition}\r\n\r\nalice\r\n--xy--\r\n")
}

fn scan_parts(body: &[u8]) -> Scan {
    let mut scanner = MultipartScanner::new(&["username", "user_name"]);
    scanner.feed(body);
    scanner.finish()
}

#[test]
fn a_watched_part_is_found_in_every_spelling_that_servers_take() {
    for disposition in [
        "Content-Disposition: form-data; name=\"username\"",
        "content-disposition:form-data;name=username",
        "Content-Disposition : form-data; name=\"username\"",
        " Content-Disposition: form-data; name=\"username\"",
        "Content-Disposition: form-data; name='username'",
        "Content-Disposition: form-data; NAME = username",
        "Content-Disposition: form-data; name=\"note\"; name=\"username\"",
        "Content-Disposition: form-data; name=\"username\"; name=\"note\"",
        "Content-Disposition: form-data; name=\"username\"; filename=\"x\"",
        "Content-Disposition: form-data; filename=\"a;b\"; name=\"username\"",
        "Content-Disposition: form-data;\r\n name=\"username\"",
        "Content-Disposition: form-data;\r\n\tname=\"username\"",
        "Content-Disposition: form-data; name=\"user\r\n name\"",
        "Content-Disposition: form-data; name=\"username[]\"",
        "Content-Disposition: form-data; name=\"user.name\"",
        "Content-Disposition: form-data; name=\"user\\name\"",
        "Content-Disposition: form-data; name=\"UserName\"",
        "Content-Disposition: form-data; name*=UTF-8''username",
        "Content-Disposition: form-data; name*0=username",
        "Content-Disposition: form-data, name=username, x",
        "Content-Type: text/plain\r\nContent-Disposition: form-data; name=\"username\"",
    ] {
        assert_eq!(
            scan_parts(part(disposition).as_bytes()),
            Scan::Found,
            "{disposition}"
        );
        let lf_only = part(disposition).replace("\r\n", "\n");
        assert_eq!(
            scan_parts(lf_only.as_bytes()),
            Scan::Found,
            "LF: {disposition}"
        );
    }
    assert_eq!(
        scan_parts(b"Content-Disposition: form-data; name=username"),
        Scan::Found
    );
}

#[test]
fn other_parts_and_the_bytes_of_files_are_left_alone() {
    for disposition in [
        "Content-Disposition: form-data; name=\"note\"",
        "Content-Disposition: form-data; name=\"file\"; filename=\"username\"",
        "Content-Disposition: form-data; filename=username",
        "Content-Disposition: form-data; xname=username; my-name=username",
        "X-Content-Disposition: form-data; name=username",
        "Content-Dispositio: form-data; name=username",
        "Content-Disposition; name=username",
        "Content-Type: text/plain; name=username",
    ] {
        assert_eq!(
            scan_parts(part(disposition).as_bytes()),
            Scan::Nothing,
            "{disposition}"
        );
    }
    let text = part("Content-Disposition: form-data; name=\"note\"");
    let note = text.replace("alice", "  name=username\r\n name=\"username\"; username=1");
    assert_eq!(scan_parts(note.as_bytes()), Scan::Nothing);
    assert_eq!(
        scan_parts(note.replace("\r\n", "\n").as_bytes()),
        Scan::Nothing
    );
}

/// Pieces from which part headers are put together.
const PIECES: &[&[u8]] = &[
    b"Content-Disposition",
    b":",
    b"form-data; ",
    b"name",
    b"=",
    b"*",
    b"\"",
    b"'",
    b"user",
    b"\\",
    b"[",
    b"\r",
    b"\n",
    b" ",
    b";",
    b"\0",
    b"\xff",
];

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = proptest::sample::select(PIECES);
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_split_of_a_multipart_body_gives_the_same_answer(
        body in pieces(),
        cuts in proptest::collection::vec(1_usize..6, 0..60),
    ) {
        let mut scanner = MultipartScanner::new(&["username", "user_name"]);
        let mut rest = body.as_slice();
        for cut in cuts {
            let (now, later) = rest.split_at(cut.min(rest.len()));
            scanner.feed(now);
            rest = later;
        }
        scanner.feed(rest);
        prop_assert_eq!(scanner.finish(), scan_parts(&body));
    }

    #[test]
    fn no_bytes_make_a_reader_panic(body in any::<Vec<u8>>()) {
        let _ = scan_parts(&body);
        let _ = content_type(Some(&body));
        if let Ok(form) = Form::parse(&body, 64) {
            let none: [&str; 0] = [];
            prop_assert_eq!(form.without(&none), body);
        }
    }

    #[test]
    fn a_field_that_is_written_is_read_back(name in "[a-n]{1,8}", value in any::<String>()) {
        let encoded: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let body = format!("other=1&{name}_={encoded}");
        match parse(&body) {
            Ok(form) => {
                let name = format!("{name}_");
                prop_assert_eq!(form.the_one(&name), Ok(Some(value.as_str())));
            }
            Err(problem) => {
                prop_assert!(value.contains('\0'));
                prop_assert_eq!(problem, FormProblem::Nul);
            }
        }
    }
}
