//! What people read: every notice whole, no link, no code where a locked screen shows it.

use std::path::Path;

use super::*;
use anteroom_core::ids::{OutboxId, SubscriberId};
use anteroom_core::notice::Notice;

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

fn settings() -> Settings {
    anteroom_config::parse(FILE, Path::new("/etc/anteroom")).unwrap()
}

fn leased(message: Message, client: &str) -> Leased {
    Leased {
        id: OutboxId(3),
        message,
        reference: 4711,
        at: Timestamp::from_secs(1_900_000_000),
        app: Some("emr".to_owned()),
        client: Some(client.to_owned()),
        subscriber: SubscriberId(7),
        name: "jo <b>".to_owned(),
        realm: "emr".to_owned(),
        language: None,
        to: None,
        tries: 1,
        expires_at: Timestamp::from_secs(1_900_000_600),
    }
}

#[test]
fn every_notice_says_what_when_where_and_what_to_do() {
    let settings = settings();
    let mut subjects = std::collections::BTreeSet::new();
    for notice in Notice::ALL {
        let row = leased(Message::Notice(*notice), "10.20.3.4");
        let letter = Surroundings::new(&settings).letter(&row).unwrap();
        for part in [&letter.text, &letter.html] {
            for said in [
                "17 March 2030",
                "front desk",
                "4711",
                "555 0101",
                "From 7 to 19",
            ] {
                let said_otherwise = said == "17 March 2030" && part.contains("2030-03-17");
                assert!(part.contains(said) || said_otherwise, "{said}: {part}");
            }
            assert!(!part.contains("http") && !part.contains("href"), "{part}");
            assert!(!part.contains("10.20.3.4"), "{part}");
        }
        assert!(letter.text.contains("Ward <Charts>"));
        assert!(
            letter.html.contains("Ward &#60;Charts&#62;"),
            "{}",
            letter.html
        );
        assert!(!letter.html.contains("<b>"), "a name is no markup");
        assert!(subjects.insert(letter.subject), "two subjects are one");
    }
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
    let letter = Surroundings::new(&settings)
        .trial(Timestamp::from_secs(1_900_000_000))
        .unwrap();
    assert_eq!(letter.subject, "Ward <Charts>: this is a test");
    assert!(letter.html.contains("<html lang=\"en\">"));
    assert_eq!(letter.sender, "Ward <Charts>");
}
