//! Apps that share a realm: what is warned about, and that nothing is refused.
//!
//! Each app by itself: `app_problems`, `passkey_problems`.

use super::*;

/// What is said of two apps of one realm, the second with these lines more.
fn two(first: &str, second: &str, more: &str) -> Vec<String> {
    let first = format!("realm = \"clinic\"\nhosts = [\"{first}\"]");
    let text = edited("hosts = [\"emr.test\"]", &first);
    let second = format!(
        "[[app]]\nname = \"lab\"\nrealm = \"clinic\"\nhosts = [\"{second}\"]\n\
         upstreams = [\"http://10.0.0.6:8080\"]\npreset = \"demo\"\n\
         [app.contact]\nphone = \"555 0101\"\n{more}"
    );
    let settings = settings(&format!("{text}{second}"));
    let warnings = settings.warnings.iter();
    warnings.map(ToString::to_string).collect()
}

#[test]
fn apps_of_one_realm_that_share_no_name_are_warned_about() {
    let said = two("emr.test", "lab.test", "");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0]
            .contains("emr and lab share the realm \"clinic\", but a passkey of the one is dead"),
        "{said:?}"
    );
}

#[test]
fn apps_of_one_realm_that_take_other_kinds_are_warned_about() {
    let named = "[app.passkeys]\nrp_id = \"clinic.test\"\n";
    let at = |more: &str| two("emr.clinic.test", "lab.clinic.test", more);
    let said = at("[app.factors]\nkinds = [\"totp\"]\n");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].contains("factors: found passkey, hardware only at emr; allowed: the same kinds"),
        "{said:?}"
    );
    let same = format!("{named}[app.factors]\nkinds = [\"hardware\", \"totp\", \"passkey\"]\n");
    let said = at(&same);
    assert!(
        !said.iter().any(|line| line.contains("factors")),
        "{said:?}"
    );
}

#[test]
fn d14_apps_of_one_realm_that_enrol_on_other_grounds_are_warned_about() {
    let at = |more: &str| two("emr.test", "emr2.test", more);
    let of_enrolment = |said: Vec<String>| -> Vec<String> {
        let mine = said
            .into_iter()
            .filter(|line| line.contains("app[1].enrolment"));
        mine.collect()
    };
    assert_eq!(of_enrolment(at("")), Vec::<String>::new());
    for (more, found) in [
        (
            "[app.enrolment]\npolicy = \"network\"\nnetworks = [\"10.0.0.0/8\"]\n",
            "found network at lab, code at emr",
        ),
        (
            "[app.factors]\nlast = \"may-remove\"\n",
            "found code at lab, code at emr",
        ),
    ] {
        let said = of_enrolment(at(more));
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains(found), "{said:?}");
        assert!(
            said[0].contains("the weaker of both holds for both"),
            "{said:?}"
        );
    }
}
