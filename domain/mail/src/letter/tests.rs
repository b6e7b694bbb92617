//! What people read: every notice whole, no link, no code where a locked screen shows it.

use std::path::Path;

use super::*;
use anteroom_core::ids::{OutboxId, SubscriberId};
use anteroom_core::notice::Notice;
use anteroom_store::Reader;

const FILE: &str = r#"version = 1
[[listener]]
addr = "0.0.0.0:443"
[[certificate]]
certificate = "clinic.crt"
key = "clinic.key"
[store]
path = "anteroom.db"
key_file = "anteroom.key"
[mail]
server = "mail.clinic.test"
from = "anteroom@clinic.test"
[admin]
addr = "127.0.0.1:8444"
[[admin.place]]
network = "10.20.0.0/16"
name = "front desk"
[[app]]
name = "emr"
display_name = "Ward <Charts>"
hosts = ["emr.test"]
upstreams = ["http://10.0.0.5:8080"]
preset = "demo"
[app.contact]
phone = "555 0101"
say = "From 7 to 19 o'clock."
"#;

const NOW: Timestamp = Timestamp::from_secs(1_900_000_000);

fn settings() -> Settings {
    anteroom_config::parse(FILE, Path::new("/etc/anteroom")).unwrap()
}

fn leased(message: Message, client: &str) -> Leased {
    Leased {
        id: OutboxId(3),
        message,
        reference: 4711,
        at: NOW,
        app: Some("emr".to_owned()),
        client: Some(client.to_owned()),
        reader: Reader::Herself,
        subscriber: SubscriberId(7),
        name: "jo <b>".to_owned(),
        realm: "emr".to_owned(),
        language: None,
        to: None,
        tries: 1,
        expires_at: Timestamp::from_secs(1_900_000_600),
    }
}

fn for_an_operator(notice: Notice, language: Language) -> Leased {
    let mut row = leased(Message::Notice(notice), "10.20.3.4");
    (row.reader, row.language) = (Reader::Operator, Some(language));
    row
}

#[test]
fn an_operator_is_told_of_somebody_and_not_of_herself() {
    let settings = settings();
    let mut subjects = std::collections::BTreeSet::new();
    for notice in Notice::FOR_OPERATORS {
        let row = for_an_operator(notice, Language::En);
        let letter = Surroundings::new(&settings).letter(&row).unwrap();
        let text = &letter.text;
        for said in ["jo <b>", "4711", "front desk", "on a number that you know"] {
            assert!(text.contains(said), "{said}: {text}");
        }
        for said in [
            "your account",
            "your password",
            "If this was not you",
            "555 0101",
        ] {
            assert!(!text.contains(said), "{said}: {text}");
        }
        assert!(subjects.insert(letter.subject), "two subjects are one");
    }
}

/// A moment as the letters of a language write it.
const fn moment_in(language: Language) -> &'static str {
    match language {
        Language::En => "17 March 2030, 17:46 UTC",
        Language::Fr => "17 mars 2030, 17\u{a0}h\u{a0}46 UTC",
        Language::Es => "17 de marzo de 2030, 17:46 UTC",
    }
}

#[test]
fn every_notice_says_what_when_where_and_what_to_do_in_every_language() {
    let settings = settings();
    let mut subjects = std::collections::BTreeSet::new();
    for language in Language::ALL {
        for notice in Notice::ALL {
            let mut row = leased(Message::Notice(*notice), "10.20.3.4");
            row.language = Some(language);
            let letter = Surroundings::new(&settings).letter(&row).unwrap();
            let at = moment_in(language);
            for part in [&letter.text, &letter.html] {
                for said in [at, "front desk", "4711", "555 0101", "From 7 to 19"] {
                    assert!(part.contains(said), "{said}: {part}");
                }
                assert!(!part.contains("http") && !part.contains("href"), "{part}");
                assert!(!part.contains("10.20.3.4"), "{part}");
            }
            assert!(letter.text.contains("Ward <Charts>"));
            let html = &letter.html;
            assert!(html.contains("Ward &#60;Charts&#62;"), "{html}");
            assert!(!html.contains("<b>"), "a name is no markup");
            let spoken = format!("<html lang=\"{}\">", language.tag());
            assert!(html.contains(&spoken), "{html}");
            assert!(subjects.insert(letter.subject), "two subjects are one");
        }
    }
}

#[test]
fn what_every_letter_says() {
    let settings = settings();
    for language in Language::ALL {
        let mut said = String::new();
        let mut say = |name: &str, letter: &Letter| {
            let (subject, text) = (&letter.subject, &letter.text);
            said.push_str(&format!("=== {name}: {subject}\n{text}\n"));
        };
        for notice in Notice::ALL {
            let mut row = leased(Message::Notice(*notice), "10.20.3.4");
            row.language = Some(language);
            let letter = Surroundings::new(&settings).letter(&row).unwrap();
            say(notice.name(), &letter);
        }
        for notice in Notice::FOR_OPERATORS {
            let row = for_an_operator(notice, language);
            let letter = Surroundings::new(&settings).letter(&row).unwrap();
            say(&format!("to an operator, {}", notice.name()), &letter);
        }
        let trial = Surroundings::new(&settings).trial(Some(language), NOW);
        say("test", &trial.unwrap());
        insta::assert_snapshot!(format!("letters_in_{}", language.tag()), said);
    }
}

#[test]
fn who_never_chose_a_language_reads_the_apps() {
    let french = FILE.replace("preset = \"demo\"", "preset = \"demo\"\nlanguage = \"fr\"");
    let settings = anteroom_config::parse(&french, Path::new("/etc/anteroom")).unwrap();
    let row = leased(Message::Notice(Notice::FactorsReset), "10.20.3.4");
    let letter = Surroundings::new(&settings).letter(&row).unwrap();
    assert_eq!(letter.language, Language::Fr);
    let subject = "Ward <Charts>\u{a0}: votre deuxième étape a été réinitialisée";
    assert_eq!(letter.subject, subject);
    let mut hers = row;
    hers.language = Some(Language::Es);
    let letter = Surroundings::new(&settings).letter(&hers).unwrap();
    assert_eq!(letter.language, Language::Es, "what she reads goes before");
}

#[test]
fn an_unnamed_network_is_told_coarsely() {
    assert_eq!(coarse("203.0.113.9".parse().unwrap()), "203.0.*.*");
    assert_eq!(coarse("2001:db8::1".parse().unwrap()), "2001:db8:*");
    assert_eq!(coarse("::ffff:203.0.113.9".parse().unwrap()), "203.0.*.*");
}

#[test]
fn a_test_mail_is_the_real_template_and_names_nobody() {
    let settings = settings();
    let letter = Surroundings::new(&settings).trial(None, NOW).unwrap();
    assert_eq!(letter.subject, "Ward <Charts>: this is a test");
    assert!(letter.html.contains("<html lang=\"en\">"));
    assert_eq!(letter.sender, "Ward <Charts>");
    let spanish = Surroundings::new(&settings).trial(Some(Language::Es), NOW);
    assert_eq!(
        spanish.unwrap().subject,
        "Ward <Charts>: esto es una prueba"
    );
}

/// `ANTEROOM_GALLERY=/some/where cargo test -p anteroom-mail gallery` writes letters there: look.
#[test]
fn the_gallery_is_written_where_asked() {
    let Some(root) = option_env!("ANTEROOM_GALLERY").map(Path::new) else {
        return;
    };
    std::fs::create_dir_all(root).unwrap();
    let settings = settings();
    for language in Language::ALL {
        let mut hers = leased(Message::Notice(Notice::DeviceStolen), "203.0.113.9");
        hers.language = Some(language);
        let office = for_an_operator(Notice::DeviceStolen, language);
        for (name, row) in [("letter", hers), ("office", office)] {
            let letter = Surroundings::new(&settings).letter(&row).unwrap();
            let file = root.join(format!("{name}-{}.html", language.tag()));
            std::fs::write(file, letter.html).unwrap();
        }
    }
}
