//! Setting up the first phone: by an operator's code, by network, in the open; twice, late, wrong.
//! Nothing of the chart is seen before the end, and nobody enrols on a password alone.

use std::time::Duration;

use anteroom::demo::Served;
use anteroom_core::audit::AuditKind;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::send::Protocol;
use anteroom_tests::phone::Phone;
use anteroom_tests::world::start::{Clinic, coded_enrolment, open_enrolment};

use super::people::{
    ALICE, BOB, CHEN, all_is_well, audited, codes_on, enrol, issue_code, listing, must_be_closed,
    must_be_in, must_be_out, newcomer, password, password_for, sign_in, type_code,
};

const ENROL: &str = "/.anteroom/enrol";
const ENROL_CODE: &str = "/.anteroom/enrol/code";

/// The secret as it stands on the page for those who cannot scan.
fn typed_secret(browser: &Browser) -> Option<Phone> {
    let text = browser.page().visible();
    let words: Vec<&str> = text.split_whitespace().collect();
    let group = |word: &&str| {
        word.len() == 4
            && word
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let run = words.windows(8).find(|eight| eight.iter().all(group))?;
    Phone::from_base32(&run.concat()).ok()
}

/// Without a code there is no way on, by whatever address.
async fn nothing_is_shown(alice: &Browser) {
    for path in [
        ENROL,
        "/.anteroom/recovery-codes",
        "/.anteroom/recovery-codes.txt",
        "/patients",
    ] {
        let mut tab = alice.new_tab();
        let page = tab.open(path).await;
        assert!(
            Phone::scan(&page).is_err() && codes_on(&page).is_empty(),
            "{}",
            page.describe()
        );
        must_be_closed(&page);
    }
}

/// A login that nobody has proved was used to ask who it is, and for nothing else.
fn nothing_was_used(clinic: &Clinic) {
    let asked = clinic.record().all();
    let used = |served: &&Served| served.user.is_some() && served.path() != "/api/whoami.json";
    let used: Vec<_> = asked.iter().filter(used).collect();
    assert!(used.is_empty(), "an unproved login was used: {used:#?}");
    assert!(
        asked.iter().any(|served| served.user == Some("alice")),
        "the probe was not seen"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operators_code_lets_exactly_one_person_enrol_once() {
    let clinic = Clinic::with_demo_as(&coded_enrolment("demo"), "").await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    assert_eq!(
        alice.page().path(),
        ENROL_CODE,
        "{}",
        alice.page().describe()
    );
    assert!(
        alice.page().has("+1 555 0101"),
        "whom to ask stands on the page"
    );

    nothing_is_shown(&alice).await;
    let code = issue_code(&clinic, "emr.test", "alice").await;
    type_code(&mut alice, "12 345").await;
    assert_eq!(alice.page().status, 422, "{}", alice.page().describe());
    assert!(
        alice.page().has("not a whole enrolment code"),
        "{}",
        alice.page().describe()
    );
    type_code(&mut alice, "AAAA-AAAA").await;
    assert!(
        alice.page().has("did not match"),
        "{}",
        alice.page().describe()
    );

    // Her code is worth nothing to somebody else.
    let mut bob = clinic.browser();
    password(&mut bob, BOB).await;
    type_code(&mut bob, &code).await;
    assert_eq!((bob.page().status, bob.page().path()), (422, ENROL_CODE));
    assert!(bob.page().has("did not match"), "{}", bob.page().describe());

    nothing_was_used(&clinic);

    // Written as people write.
    type_code(&mut alice, &code.to_lowercase().replace('-', " ")).await;
    let person = enrol(&mut alice, &clinic, ALICE).await;
    must_be_in(&mut alice).await;

    // It is spent: the name is enrolled, and nobody can take it for a second phone.
    let mut again = clinic.browser();
    password(&mut again, ALICE).await;
    assert_eq!(again.page().path(), "/.anteroom/challenge");
    again.get(ENROL_CODE).await;
    assert_ne!(again.page().status, 200, "{}", again.page().describe());
    assert_eq!(audited(&clinic, AuditKind::EnrolmentConfirmed).await, 1);
    clinic.world.must_not_leak(&[
        person.phone.secret(),
        &person.codes[0],
        &code,
        ALICE.password,
    ]);
    all_is_well(&clinic, &person).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_enrolment_code_kills_the_old_one_and_an_old_one_expires() {
    let clinic = Clinic::with_demo_as(&coded_enrolment("demo"), "").await;
    let old = issue_code(&clinic, "emr.test", "alice").await;
    let late = issue_code(&clinic, "emr.test", "alice").await;
    clinic
        .world
        .clock
        .advance(Duration::from_secs(24 * 60 * 60 + 1));
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    for dead in [&old, &late] {
        type_code(&mut alice, dead).await;
        assert_eq!(
            (alice.page().status, alice.page().path()),
            (422, ENROL_CODE),
            "{dead}"
        );
    }
    let fresh = issue_code(&clinic, "emr.test", "alice").await;
    type_code(&mut alice, &fresh).await;
    let person = enrol(&mut alice, &clinic, ALICE).await;
    all_is_well(&clinic, &person).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_enrolment_codes_is_paused() {
    let clinic = Clinic::with_demo_as(&coded_enrolment("demo"), "").await;
    let right = issue_code(&clinic, "emr.test", "alice").await;
    let mut thief = clinic.browser();
    password(&mut thief, ALICE).await;
    for n in 2..7 {
        type_code(&mut thief, &format!("AAAA-AAA{n}")).await;
    }
    type_code(&mut thief, &right).await;
    assert_eq!(thief.page().status, 429, "{}", thief.page().describe());
    assert!(thief.page().header("retry-after").is_some());
    assert!(
        thief.page().has("+1 555 0101"),
        "{}",
        thief.page().describe()
    );
    let mut bob = clinic.browser();
    let code = issue_code(&clinic, "emr.test", "bob").await;
    password(&mut bob, BOB).await;
    type_code(&mut bob, &code).await;
    let person = enrol(&mut bob, &clinic, BOB).await;
    all_is_well(&clinic, &person).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_listed_network_the_password_is_enough_to_enrol_and_elsewhere_it_is_not() {
    let lines = "preset = \"demo\"\n[app.contact]\nphone = \"+1 555 0101\"\n[app.enrolment]\n\
                 policy = \"network\"\nnetworks = [\"127.0.5.0/24\"]\n";
    let clinic = Clinic::with_demo_as(lines, "").await;
    let mut far = clinic.browser();
    password(&mut far, ALICE).await;
    assert_eq!(far.page().path(), ENROL_CODE, "{}", far.page().describe());
    // What a client says of its address is no address.
    let mut liar = clinic.browser().always("X-Forwarded-For", "127.0.5.7");
    password(&mut liar, ALICE).await;
    assert_eq!(liar.page().path(), ENROL_CODE, "{}", liar.page().describe());

    let mut ward = clinic.browser().from_address("127.0.5.7");
    let person = newcomer(&clinic, &mut ward, ALICE).await;
    // The far tab was overtaken: it is shown nothing of the new phone.
    far.reload().await;
    far.open(ENROL).await;
    assert!(
        Phone::scan(far.page()).is_err(),
        "{}",
        far.page().describe()
    );
    must_be_out(&mut far).await;
    all_is_well(&clinic, &person).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn open_enrolment_ends_at_its_date() {
    let lines = "preset = \"demo\"\n[app.contact]\nphone = \"+1 555 0101\"\n[app.enrolment]\n\
                 policy = \"open\"\nuntil = 2026-03-02T09:00:00Z\n";
    let clinic = Clinic::with_demo_as(lines, "").await;
    let mut alice = clinic.browser();
    let person = newcomer(&clinic, &mut alice, ALICE).await;
    clinic.world.clock.advance(Duration::from_secs(60 * 60));
    let mut bob = clinic.browser();
    password(&mut bob, BOB).await;
    assert_eq!(bob.page().path(), ENROL_CODE, "{}", bob.page().describe());
    all_is_well(&clinic, &person).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_seed_stays_the_same_while_it_is_shown_and_is_never_shown_afterwards() {
    for protocol in [Protocol::H1, Protocol::H2] {
        let clinic = Clinic::with_demo().await;
        let mut alice = clinic.browser().over(protocol);
        password(&mut alice, ALICE).await;
        alice.take_phone().await;
        let first = Phone::scan(alice.page()).unwrap();
        let typed = typed_secret(&alice).expect("the secret stands there to be typed");
        assert_eq!(typed.secret(), first.secret());
        assert_eq!(
            (first.account(), first.issuer()),
            ("alice", Some("Ward emr"))
        );
        alice.reload().await;
        assert_eq!(Phone::scan(alice.page()).unwrap().secret(), first.secret());

        type_code(&mut alice, &first.wrong_code(clinic.world.clock.now())).await;
        assert_eq!((alice.page().status, alice.page().path()), (422, ENROL));
        assert_eq!(Phone::scan(alice.page()).unwrap().secret(), first.secret());
        let slow = first.code(clinic.world.clock.now() - 5 * 60);
        type_code(&mut alice, &slow).await;
        assert!(
            alice.page().has("about 5 minutes slow"),
            "{}",
            alice.page().describe()
        );
        assert!(
            clinic
                .store()
                .subscriber_list("alice", 1)
                .await
                .unwrap()
                .is_empty()
        );

        let person = enrol(&mut alice, &clinic, ALICE).await;
        for page in [ENROL, ENROL_CODE, "/.anteroom/recovery-codes"] {
            alice.open(page).await;
            assert!(
                Phone::scan(alice.page()).is_err(),
                "{}",
                alice.page().describe()
            );
            assert!(
                codes_on(alice.page()).is_empty(),
                "{}",
                alice.page().describe()
            );
        }
        must_be_in(&mut alice).await;
        all_is_well(&clinic, &person).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recovery_codes_can_be_looked_at_again_until_they_are_said_to_be_saved() {
    let clinic = Clinic::with_demo().await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    alice.take_phone().await;
    let phone = Phone::scan(alice.page()).unwrap();
    type_code(&mut alice, &phone.code_at(&clinic.world.clock)).await;
    let codes = codes_on(alice.page());
    assert_eq!(codes.len(), 10);
    alice.reload().await;
    assert_eq!(codes_on(alice.page()), codes);

    let mut file = alice.new_tab();
    let text = file.get("/.anteroom/recovery-codes.txt").await;
    assert!(
        text.header("content-disposition")
            .unwrap()
            .contains("attachment")
    );
    assert!(
        codes.iter().all(|code| text.text().contains(code)),
        "{}",
        text.describe()
    );
    assert_eq!(text.header("cache-control"), Some("no-store"));
    // A script of the app cannot read them.
    let peek = alice.xhr("GET", "/.anteroom/recovery-codes").await;
    assert!(
        codes_on(&peek).is_empty() && peek.status == 403,
        "{}",
        peek.describe()
    );
    // Nor does the phone's code open anything before the codes were seen.
    must_be_out(&mut alice.new_tab()).await;

    // A closed tab, the same browser: she goes on where she was.
    let mut later = alice.new_tab();
    later.open("/patients").await;
    assert_eq!(codes_on(later.page()), codes, "{}", later.page().describe());
    later.press("I have saved them", &[]).await;
    later.follow_all().await;
    must_be_in(&mut later).await;
    let gone = alice.get("/.anteroom/recovery-codes.txt").await;
    assert!(
        codes.iter().all(|code| !gone.text().contains(code)),
        "{}",
        gone.describe()
    );
    let person = super::people::Person {
        login: ALICE,
        phone,
        codes,
    };
    all_is_well(&clinic, &person).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_enrolments_under_one_name_the_first_to_finish_counts() {
    let clinic = Clinic::with_demo().await;
    let (mut one, mut two) = (clinic.browser(), clinic.browser());
    password(&mut one, ALICE).await;
    password(&mut two, ALICE).await;
    two.take_phone().await;
    let other = Phone::scan(two.page()).unwrap();
    let person = enrol(&mut one, &clinic, ALICE).await;
    assert_ne!(other.secret(), person.phone.secret());
    type_code(&mut two, &other.code_at(&clinic.world.clock)).await;
    assert!(codes_on(two.page()).is_empty(), "{}", two.page().describe());
    must_be_out(&mut two).await;
    assert_eq!(listing(&clinic, "alice").await.totp_active, 1);
    must_be_in(&mut one).await;
    all_is_well(&clinic, &person).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_enrolment_left_lying_is_over_after_ten_minutes() {
    let clinic = Clinic::with_demo().await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    alice.take_phone().await;
    let phone = Phone::scan(alice.page()).unwrap();
    clinic.world.clock.advance(Duration::from_secs(10 * 60 + 1));
    type_code(&mut alice, &phone.code_at(&clinic.world.clock)).await;
    assert!(
        codes_on(alice.page()).is_empty(),
        "{}",
        alice.page().describe()
    );
    alice.get(ENROL).await;
    assert!(
        Phone::scan(alice.page()).is_err(),
        "{}",
        alice.page().describe()
    );
    must_be_out(&mut alice).await;
    let mut fresh = clinic.browser();
    let person = newcomer(&clinic, &mut fresh, ALICE).await;
    assert_ne!(person.phone.secret(), phone.secret());
    all_is_well(&clinic, &person).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn she_lands_where_she_wanted_whatever_that_was() {
    let lines = open_enrolment("demo");
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let mut chen = clinic.browser();
    let person = newcomer(&clinic, &mut chen, CHEN).await;
    for wanted in ["/patients/1002?tab=notes&x=%C3%A9", "/files", "/"] {
        clinic.world.clock.next_step();
        let mut browser = clinic.browser();
        password_for(&mut browser, wanted, CHEN).await;
        type_code(&mut browser, &person.phone.code_at(&clinic.world.clock)).await;
        assert_eq!(
            browser.page().url.target(),
            wanted,
            "{}",
            browser.page().describe()
        );
        assert_eq!(browser.page().status, 200);
    }
    let mut last = clinic.browser();
    sign_in(&clinic, &mut last, &person).await;
}
