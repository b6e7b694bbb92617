//! A clinic's own look: its name, logo and colours on every page of ours, fetched from us alone and
//! kept by the browser, while the content policy stays as it is.

use anteroom_tests::world::start::{Clinic, open_enrolment};

use super::people::{ALICE, password};

/// A picture of one dot.
const DOT: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk\
    +M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clinics_name_logo_and_colours_are_on_its_pages() {
    let file = std::env::temp_dir().join(format!("anteroom-logo-{}.png", std::process::id()));
    let dot = data_encoding::BASE64.decode(DOT.as_bytes()).unwrap();
    std::fs::write(&file, &dot).unwrap();
    let lines = format!(
        "{}[app.contact.say]\nen = \"Ask Jo.\"\nfr = \"Demandez à Jo.\"\n[app.brand]\n\
         name = \"Northside Clinic\"\nlogo = {file:?}\naccent = \"#8a1c4a\"\n",
        open_enrolment("demo")
    );
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let mut marie = clinic.browser().speaking("fr");
    password(&mut marie, ALICE).await;
    let page = marie.page().clone();
    for shown in ["Northside Clinic", "<p lang=\"fr\">Demandez à Jo.</p>"] {
        assert!(page.text().contains(shown), "{}", page.describe());
    }
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("style-src 'self'") && !policy.contains("unsafe"),
        "{policy}"
    );

    let paths: Vec<String> = page
        .text()
        .split('"')
        .filter(|part| part.starts_with("/.anteroom/assets/"))
        .map(str::to_owned)
        .collect();
    assert_eq!(paths.len(), 3, "{paths:?}");
    for (path, kind, holds) in [
        (
            &paths[1],
            "text/css; charset=utf-8",
            "--accent: #8a1c4a;".as_bytes(),
        ),
        (&paths[2], "image/png", &dot[..]),
    ] {
        let file = marie.get(path).await;
        assert_eq!(file.status, 200, "{path}");
        assert_eq!(file.header("content-type"), Some(kind));
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
        assert!(file.header("cache-control").unwrap().contains("immutable"));
        assert!(
            file.body.windows(holds.len()).any(|part| part == holds),
            "{path}"
        );
    }
    // Another name of the same kind is none of ours.
    let other = marie.get("/.anteroom/assets/logo-00000000.png").await;
    assert_ne!(other.status, 200);
    std::fs::remove_file(&file).unwrap();
}
