//! How a person's own page looks with all that may stand on it, in each language: rendered with
//! values of a busy week, because a story shows but a part of it at a time. Pictures:
//! `target/pictures`, the language behind the name.

use anteroom_browser_tests::chromium::installed;
use anteroom_browser_tests::look::look_at;
use anteroom_config::settings::Contact;
use anteroom_core::audit::AuditKind;
use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::language::Language;
use anteroom_core::means::Means;
use anteroom_core::time::Timestamp;
use anteroom_gateway::pages::own::*;
use anteroom_gateway::pages::{Brand, Chrome, MailState, Page, qr, render};
use anteroom_tests::own_pages::ME;
use anteroom_tests::require;
use anteroom_tests::world::start::Clinic;

use super::{at_first_sign_in, no_complaints};

const URI: &str = "otpauth://totp/Ward:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Ward";

fn at(minute: i64) -> Timestamp {
    Timestamp::from_secs(1_772_452_905 + 60 * minute)
}

fn authenticator(id: i64, kind: AuthenticatorKind, label: &str) -> OwnAuthenticator {
    OwnAuthenticator {
        id,
        label: label.to_owned(),
        kind: Some(kind),
        added: at(id),
        used: Some(at(90)),
        disabled: false,
    }
}

fn devices() -> Vec<OwnDevice> {
    let device = |id, this, label: &str| OwnDevice {
        id,
        this,
        label: label.to_owned(),
        app: "Ward emr".to_owned(),
        since: at(2),
        used: this.then(|| at(60)),
        until: at(20_000),
    };
    vec![
        device(2, true, "Firefox on Windows"),
        device(1, false, "Safari on macOS"),
    ]
}

fn events() -> Vec<OwnEvent> {
    let event = |minute, kind, means| OwnEvent {
        at: at(minute),
        kind,
        means,
        from: Some("192.0.2.x".to_owned()),
    };
    let signed_in = Means::ALL
        .iter()
        .map(|means| event(90, AuditKind::SessionVerified, Some(*means)));
    let others = [
        AuditKind::DevicePassage,
        AuditKind::DeviceRemembered,
        AuditKind::DeviceForgotten,
        AuditKind::DeviceStolen,
    ];
    let others = others.into_iter().map(|kind| event(80, kind, None));
    signed_in.chain(others).collect()
}

const BY_CODE: Proof<'static> = Proof {
    code: true,
    passkey: None,
};

fn phone(png: &[u8], token: bool, state: Option<MailState>) -> Page<'_> {
    let mail = state.map(|state| MailProof {
        nonce: "n",
        action: "/.anteroom/me/add/send",
        masked: "a…@c…",
        state,
        wait_seconds: None,
    });
    Page::Own(OwnPage::Phone(PhoneForm {
        nonce: "n",
        action: "/.anteroom/me/add",
        replaces: None,
        label: "New phone",
        qr_png: png,
        secret_groups: "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ",
        uri: URI,
        account: "alice",
        proof: BY_CODE,
        forgets: true,
        first: true,
        token,
        mail,
        problem: None,
    }))
}

fn act(what: ActWhat<'static>, token: bool) -> Page<'static> {
    Page::Own(OwnPage::Act(ActForm {
        nonce: "n",
        action: "/.anteroom/me/codes",
        what,
        proof: BY_CODE,
        token,
        forgets: matches!(what, ActWhat::Codes { .. }),
        problem: None,
    }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn her_own_page_with_all_that_may_stand_on_it_in_every_language() {
    let program = require!(installed());
    let clinic = Clinic::with_demo().await;
    let (chromium, screen) = at_first_sign_in(&program, &clinic).await;
    let png = qr::qr_png(URI).expect("a QR code");
    let (devices, events) = (devices(), events());
    let held = [authenticator(
        3,
        AuthenticatorKind::Hardware,
        "Hardware token …308",
    )];
    let overview = Page::Own(OwnPage::Overview(Overview {
        nonce: "n",
        name: "alice",
        on: true,
        authenticators: &held,
        recovery_left: None,
        mail: &[],
        add: &[(AuthenticatorKind::Totp, "/.anteroom/me/add")],
        sessions: &[],
        devices: &devices,
        events: &events,
    }));
    let forget = ActWhat::Forget {
        label: "Safari on macOS",
    };
    let pages = [
        ("own-full", overview),
        ("own-forget", act(forget, true)),
        ("own-forget-all", act(ActWhat::ForgetAll, false)),
        ("own-codes-first", act(ActWhat::Codes { left: None }, true)),
        ("own-add-token", phone(&png, true, None)),
        ("own-add-mail", phone(&png, false, Some(MailState::Ask))),
        ("own-add-mailed", phone(&png, false, Some(MailState::Sent))),
        (
            "own-add-mail-down",
            phone(&png, false, Some(MailState::Down)),
        ),
    ];
    let contact = Contact {
        email: Some("it@clinic.test".to_owned()),
        text_line: None,
        phone: Some("+1 555 0101".to_owned()),
        say: Vec::new(),
    };
    let brand = Brand::default();
    for language in Language::ALL {
        let chrome = Chrome {
            app: "Ward emr",
            contact: &contact,
            brand: &brand,
            reference: "7K2M9QXA",
            home: "/login",
            emergency_until: None,
            language,
            here: ME,
        };
        for (name, page) in &pages {
            screen.show(&render(page, &chrome)).await;
            look_at(&screen, &format!("{name}-{}", language.tag())).await;
        }
    }
    no_complaints(&clinic, &screen).await;
    chromium.close().await;
}
