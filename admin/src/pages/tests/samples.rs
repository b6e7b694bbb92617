//! Every page, once with the values of a quiet morning and once with hostile ones.
//!
//! A new page belongs in here: this list is what the checks see.

use anteroom_core::operator::Role;

use super::people_samples;
use super::place_samples;
use crate::pages::*;

/// One page to look at.
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) page: String,
    /// Its forms carry this.
    pub(super) csrf: String,
    /// A form came back.
    pub(super) problem: bool,
    pub(super) inside: bool,
    pub(super) hostile: bool,
}

/// What an attacker would like to stand in a page.
pub(super) const NASTY: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>\
    \"><svg onload=alert(1)>{{7*7}}&amp;\u{202E}\u{2028}\u{7}</p></main>";

/// The values that a page is filled with: the quiet ones, or the hostile one in place of each.
#[derive(Clone, Copy)]
pub(super) struct Values {
    pub(super) hostile: bool,
}

impl Values {
    pub(super) fn text(self, quiet: &str) -> String {
        if self.hostile { NASTY } else { quiet }.to_owned()
    }

    /// The same, but nothing stays nothing.
    pub(super) fn maybe(self, quiet: &str) -> String {
        if quiet.is_empty() {
            String::new()
        } else {
            self.text(quiet)
        }
    }

    pub(super) fn path(self, quiet: &str) -> String {
        if self.hostile {
            "//evil.example/\"><script>".to_owned()
        } else {
            quiet.to_owned()
        }
    }

    pub(super) fn when(self, text: &str) -> When {
        When::new(self.text(text), self.text("2026-03-02T07:02:00Z"))
    }

    pub(super) fn problem(self, field: &'static str, what: &str, then: &str) -> Option<Problem> {
        Some(Problem::new(field, self.text(what), self.text(then)))
    }

    pub(super) fn choices(self, all: &[(&str, &str)]) -> Vec<Choice> {
        let one = |(value, label): &(&str, &str)| Choice::new(self.text(value), self.text(label));
        all.iter().map(one).collect()
    }
}

/// Collects pages as they are rendered.
pub(super) struct Album {
    pub(super) values: Values,
    all: Vec<Sample>,
}

impl Album {
    fn add(&mut self, name: &str, page: String, problem: bool, inside: bool) {
        self.all.push(Sample {
            name: name.to_owned(),
            page,
            csrf: self.values.text("csrf-of-this-session"),
            problem,
            inside,
            hostile: self.values.hostile,
        });
    }

    /// A page before sign-in.
    pub(super) fn outside(
        &mut self,
        name: &str,
        problem: bool,
        page: impl Fn(&Door<'_>) -> String,
    ) {
        let values = self.values;
        let (csrf, reference) = (values.text("csrf-of-this-session"), values.text("7KQ2-M4"));
        let door = Door {
            csrf: &csrf,
            reference: &reference,
        };
        self.add(name, page(&door), problem, false);
    }

    /// A page of an operator of this role, without an open exception.
    pub(super) fn inside(
        &mut self,
        (name, path, role): (&str, &str, Role),
        problem: bool,
        page: impl Fn(&Chrome<'_>) -> String,
    ) {
        let none = [];
        let made = self.chromed(
            path,
            role,
            if self.values.hostile {
                None
            } else {
                Some(&none)
            },
            page,
        );
        self.add(name, made, problem, true);
    }

    /// The same, on a day with an open exception, after an act.
    pub(super) fn after_act(
        &mut self,
        (name, path, role): (&str, &str, Role),
        page: impl Fn(&Chrome<'_>) -> String,
    ) {
        let made = self.chromed(path, role, None, page);
        self.add(name, made, false, true);
    }

    fn chromed(
        &self,
        path: &str,
        role: Role,
        none: Option<&[OpenEmergency]>,
        page: impl Fn(&Chrome<'_>) -> String,
    ) -> String {
        let values = self.values;
        let open = [OpenEmergency {
            app: values.text("Wardbook"),
            until: values.when("today 11:30"),
            opened_by: values.text("olga"),
        }];
        let operator = values.text(match role {
            Role::Owner => "olga",
            Role::Helpdesk => "hana",
            Role::Auditor => "aino",
        });
        let (csrf, reference) = (values.text("csrf-of-this-session"), values.text("7KQ2-M4"));
        page(&Chrome {
            operator: &operator,
            role,
            csrf: &csrf,
            emergencies: none.unwrap_or(&open),
            approvals: if none.is_some() { 0 } else { 2 },
            path,
            reference: &reference,
            done: none.is_none().then_some(Done::Unlocked),
        })
    }
}

/// All of them.
pub(super) fn every_page() -> Vec<Sample> {
    let mut all = Vec::new();
    for hostile in [false, true] {
        let mut album = Album {
            values: Values { hostile },
            all: Vec::new(),
        };
        doors(&mut album);
        notices(&mut album);
        people_samples::all(&mut album);
        place_samples::all(&mut album);
        all.extend(album.all);
    }
    all
}

fn doors(album: &mut Album) {
    let v = album.values;
    let problem = v.problem(
        "password",
        "Name or password is not right.",
        "Check capitals, and try once more.",
    );
    let again = door::SignIn {
        name: v.text("hana"),
        problem,
    };
    album.outside("sign_in", false, |d| door::SignIn::default().render(d));
    album.outside("sign_in_again", true, |d| again.render(d));
    for (name, recovery, wrong) in [
        ("second_factor", false, false),
        ("second_factor_wrong", false, true),
        ("second_factor_recovery", true, true),
    ] {
        let problem = v.problem(
            "code",
            "That code did not match.",
            "Type the one it shows now.",
        );
        let page = door::SecondFactor {
            name: v.text("hana"),
            recovery,
            problem: problem.filter(|_| wrong),
        };
        album.outside(name, wrong, |d| page.render(d));
    }
    set_up(album);
    for (name, told) in [
        ("link_over", door::Told::LinkOver),
        ("set_up_done", door::Told::SetUpDone),
        ("signed_out", door::Told::SignedOut),
        ("ended", door::Told::Ended),
        ("revoked", door::Told::Revoked),
        ("paused", door::Told::Paused { seconds: 105 }),
    ] {
        album.outside(name, false, |d| told.render(d));
    }
}

fn set_up(album: &mut Album) {
    let v = album.values;
    let problem = v.problem(
        "password",
        "That password is used by many.",
        "Choose another one.",
    );
    for (name, problem) in [
        ("set_up_password", None),
        ("set_up_password_common", problem),
    ] {
        let wrong = problem.is_some();
        let page = door::SetUpPassword {
            name: v.text("hana"),
            role: Role::Helpdesk,
            token: v.text("t0ken-of-this-link"),
            least: 15,
            problem,
        };
        album.outside(name, wrong, |d| page.render(d));
    }
    let uri =
        "otpauth://totp/Anteroom:hana?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Anteroom";
    let problem = v.problem(
        "code",
        "That code did not match.",
        "Check that you read the new entry.",
    );
    for (name, problem) in [("set_up_phone", None), ("set_up_phone_wrong", problem)] {
        let wrong = problem.is_some();
        let page = door::SetUpPhone {
            account: v.text("Anteroom: hana"),
            qr_png: qr::qr_png(uri).unwrap(),
            secret_groups: v.text("JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP"),
            uri: if v.hostile {
                "javascript:alert(1)"
            } else {
                uri
            }
            .to_owned(),
            problem,
        };
        album.outside(name, wrong, |d| page.render(d));
    }
    let codes = (2..12).map(|n| v.text(&format!("K7QX-{n:0>2}MB-R5WD-T3HG-LZ4P")));
    let page = door::RecoveryCodes {
        account: v.text("hana"),
        codes: codes.collect(),
        action: v.path("/set-up/done"),
    };
    album.outside("recovery_codes", false, |d| page.render(d));
    let at = (
        "recovery_codes_inside",
        "/me/recovery-codes",
        Role::Helpdesk,
    );
    album.inside(at, false, |c| page.render_inside(c));
}

fn notices(album: &mut Album) {
    use notice::Notice;
    for (name, shown) in [
        ("bad_request", Notice::BadRequest),
        ("forbidden", Notice::Forbidden),
        ("cross_site", Notice::CrossSite),
        ("form_old", Notice::FormOld),
        ("not_found", Notice::NotFound),
        ("method_not_allowed", Notice::MethodNotAllowed),
        ("changed", Notice::Changed),
        ("too_large", Notice::TooLarge),
        ("misdirected", Notice::Misdirected),
        ("too_many", Notice::TooMany { retry_seconds: 600 }),
        ("internal", Notice::Internal),
        ("store_down", Notice::StoreDown),
    ] {
        album.outside(&format!("notice_{name}"), false, |d| shown.render(d));
    }
    let at = ("notice_forbidden_inside", "/operators", Role::Auditor);
    album.after_act(at, |c| Notice::Forbidden.render_inside(c));
}
