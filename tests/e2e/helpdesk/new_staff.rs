//! New staff: a typed list or a file becomes letters with enrolment codes, after a look at what
//! each line would do. Existing people are left alone, and hostile lines harm nobody.

use anteroom_core::audit::AuditKind;
use anteroom_core::operator::Role;
use anteroom_tests::browser::ask::{Ask, Initiator, Kind};
use anteroom_tests::browser::page::Page;
use anteroom_tests::world::start::Clinic;

use crate::desk::{CHECK, Operator, clinic_with_desk, clinic_with_people, codes_shown, operator};
use crate::journeys::people::{
    ALICE, BOB, CHEN, all_is_well, audited, enrol, must_be_in, newcomer, password, type_code,
};
use crate::ward::{HOUR, listed};

async fn previewed(helen: &mut Operator, list: &str) -> Page {
    helen.see("/staff").await;
    helen
        .browser
        .submit(&[("place", "emr"), ("list", list)])
        .await
}

/// Uploads a file as a browser does: the empty text area goes along.
async fn uploaded(helen: &mut Operator, name: &str, bytes: &[u8]) -> Page {
    let page = helen.see("/staff").await;
    let forms = page.forms();
    let form = forms.iter().find(|form| form.has_field("file"));
    let form = form.expect("the form for the list");
    let csrf = &form.field("csrf").expect("its mark").value;
    let mut body = Vec::new();
    for (field, value) in [("csrf", csrf.as_str()), ("place", "emr"), ("list", "")] {
        let head = format!("--XyZ\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(value.as_bytes());
        body.extend_from_slice(b"\r\n");
    }
    let head = format!(
        "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: text/csv\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--XyZ--\r\n");
    let from = Initiator {
        url: page.url.clone(),
        policy: None,
    };
    let url = helen.browser.at_home("/staff/preview");
    let ask = Ask::new("POST", url, Kind::Document, Some(from)).by_hand();
    let ask = ask.body("multipart/form-data; boundary=XyZ", body);
    helen.browser.land(ask).await
}

async fn nobody_is_known(clinic: &Clinic) {
    assert!(listed(clinic, "alice").await.is_none());
    assert_eq!(audited(clinic, AuditKind::EnrolmentCodeIssued).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_typed_list_becomes_letters_and_one_of_them_enrols_with_her_code() {
    let clinic = clinic_with_desk().await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let list = "name,ward\nalice,Larch\nbob,\"Larch, night\"\n\ndr.chen\nALICE\n";
    let page = previewed(&mut helen, list).await;
    assert_eq!(page.status, 200, "{}", page.describe());
    for words in [
        "Three enrolment codes for Ward emr, from four lines.",
        "2 alice ✓ new",
        "5 dr.chen ✓ new",
        "6 ALICE ✗ stands in the list twice",
    ] {
        assert!(page.has(words), "{words}: {}", page.describe());
    }
    nobody_is_known(&clinic).await;
    // Why, and how she knows that the list is right, are asked for; the list stays.
    let page = helen.browser.submit(&[("reason", "new on 2 March")]).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    nobody_is_known(&clinic).await;
    let page = helen.fill(&[("reason", "new on 2 March")]).await;
    let codes = codes_shown(&page);
    assert_eq!(
        (page.heading().as_str(), codes.len()),
        ("Three letters to print", 3)
    );
    for words in [
        "For alice",
        "For dr.chen",
        "Open https://emr.test on a computer",
        "No code for these lines",
        "+1 555 0101",
        "until tomorrow 08:00 UTC",
    ] {
        assert!(page.has(words), "{words}: {}", page.describe());
    }
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    type_code(&mut browser, &codes[0]).await;
    let alice = enrol(&mut browser, &clinic, ALICE).await;
    must_be_in(&mut browser).await;
    // Bob's letter is no good for dr.chen.
    let mut other = clinic.browser();
    password(&mut other, CHEN).await;
    type_code(&mut other, &codes[1]).await;
    assert_eq!(other.page().status, 422, "{}", other.page().describe());
    let page = helen.see("/audit?kind=enrolment_code_issued").await;
    assert_eq!(
        page.text().matches("new on 2 March").count(),
        3,
        "{}",
        page.describe()
    );
    let page = helen.see("/audit?kind=identity_checked").await;
    assert_eq!(page.text().matches(CHECK).count(), 3, "{}", page.describe());
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    clinic.world.must_not_leak(&codes);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_from_the_personnel_office_is_read_with_its_mark_and_its_line_ends() {
    let clinic = clinic_with_desk().await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let file = "\u{feff}Username,First,Last\r\nalice,Alice,Moreau\r\nbob,Bob,Adeyemi\r\n";
    let page = uploaded(&mut helen, "staff.csv", file.as_bytes()).await;
    assert!(
        page.has("Two enrolment codes for Ward emr, from two lines."),
        "{}",
        page.describe()
    );
    let page = helen.fill(&[]).await;
    let codes = codes_shown(&page);
    assert_eq!(codes.len(), 2, "{}", page.describe());
    let mut browser = clinic.browser();
    password(&mut browser, BOB).await;
    type_code(&mut browser, &codes[1]).await;
    let bob = enrol(&mut browser, &clinic, BOB).await;
    must_be_in(&mut browser).await;
    all_is_well(&clinic, &bob).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_a_phone_or_is_suspended_is_left_alone_and_the_invited_get_a_new_code() {
    let clinic = clinic_with_people("").await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    newcomer(&clinic, &mut clinic.browser(), BOB).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    helen.act("bob", "Suspend", &[]).await;
    previewed(&mut helen, "dr.chen\nmallory").await;
    let first = codes_shown(&helen.fill(&[]).await);
    let page = previewed(&mut helen, "alice\nbob\ndr.chen").await;
    for words in [
        "One enrolment code for Ward emr, from three lines.",
        "1 alice ✗ has a phone connected already: left alone",
        "2 bob ✗ suspended: left alone",
        "3 dr.chen ✓ invited before: the older code stops working",
    ] {
        assert!(page.has(words), "{words}: {}", page.describe());
    }
    let second = codes_shown(&helen.fill(&[]).await);
    assert_eq!((first.len(), second.len()), (2, 1));
    let page = helen.look_up("dr.chen").await;
    assert!(
        page.has("An enrolment code is open until tomorrow"),
        "{}",
        page.describe()
    );
    clinic.world.clock.advance(HOUR);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_lines_are_shown_harmless_and_do_nothing_to_anybody() {
    let clinic = clinic_with_desk().await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let long = "x".repeat(300);
    let list = format!(
        "<script>alert(1)</script>\n=HYPERLINK(\"http://evil.test\")\n{long}\n   \nal\u{202e}ice\n\
         {}",
        "\"never closed"
    );
    let page = previewed(&mut helen, &list).await;
    assert_eq!(page.status, 200, "{}", page.describe());
    assert!(!page.text().contains("<script>") && !page.text().contains('\u{202e}'));
    assert!(
        page.has("✗ no name that anybody could have"),
        "{}",
        page.describe()
    );
    nobody_is_known(&clinic).await;
    // Too many, none, and what is not text at all.
    let many = (0..501).map(|n| format!("n{n}\n")).collect::<String>();
    let page = previewed(&mut helen, &many).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    assert!(
        page.has("The list has 501 lines; 500 at a time."),
        "{}",
        page.describe()
    );
    let page = previewed(&mut helen, "  \n ").await;
    assert!(page.status == 422 && page.has("There is no name in the list."));
    let page = uploaded(&mut helen, "staff.xlsx", b"PK\x03\x04\xff\xfe\x00").await;
    assert_eq!(page.status, 400, "{}", page.describe());
    nobody_is_known(&clinic).await;
}
