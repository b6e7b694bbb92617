//! The whole of `judge_login`, written out: `snapshots/login_table__every_login.snap` is reviewed
//! like code, line by line against DESIGN rules 3 and 4 and `DESIGN-CASES` 5, 8, 9, 24 and 25.
//!
//! The table says what is judged; the tests after it say what must never be.

mod table;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use anteroom_core::enrolment::EnrolmentProof;
use anteroom_core::login::{LoginFacts, LoginVerdict, OnFile, judge_login};
use anteroom_core::outcome::Outcome;
use anteroom_core::policy::{Enforcement, EnrolmentPolicy, Policy};
use anteroom_core::session::Lifetimes;
use anteroom_core::throttle::ThrottlePolicy;
use anteroom_core::time::Timestamp;

use table::{Case, table};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 1, 2, 3));

const OUTCOMES: [Outcome; 5] = [
    Outcome::Failure,
    Outcome::Retry,
    Outcome::Success,
    Outcome::Intermediate,
    Outcome::Unknown,
];
const ENFORCEMENTS: [&str; 5] = [
    "required",
    "since now",
    "from later on",
    "optional",
    "report",
];
const ENROLMENTS: [&str; 6] = [
    "code",
    "network (outside)",
    "network (inside)",
    "open until now",
    "open until later",
    "open",
];

const LEGEND: &str = "\
Headings: what the answer says; whether that proves the password; whom the probe named.
Columns: who is on file under the name; - or suspended, - or enrolled (with something that works),
- or disabled, - or reset, which count for nothing but of a known name; enforcement; what a first
enrolment needs; whether an exception is open; then the verdict.
";

/// The columns of the table, with what each can say.
fn columns() -> [Vec<&'static str>; 11] {
    [
        OUTCOMES.map(Outcome::name).to_vec(),
        vec!["not proved", "proved"],
        vec!["named nobody else", "named somebody else"],
        vec!["nobody", "other spelling", "known"],
        vec!["-", "suspended"],
        vec!["-", "enrolled"],
        vec!["-", "disabled"],
        vec!["-", "reset"],
        ENFORCEMENTS.to_vec(),
        ENROLMENTS.to_vec(),
        vec!["-", "exception"],
    ]
}

/// One login, and how it is judged.
#[derive(Clone, Debug)]
struct Judged {
    at: [usize; 11],
    facts: LoginFacts,
    policy: Policy,
    verdict: LoginVerdict,
}

impl Judged {
    /// The password was right, and it is known what the answer means.
    fn is_sure(&self) -> bool {
        self.facts.proved && self.facts.outcome != Outcome::Unknown
    }

    /// The app refused the password or the request.
    fn is_refused(&self) -> bool {
        matches!(self.facts.outcome, Outcome::Failure | Outcome::Retry)
    }
}

/// Every login on an ordinary day.
fn all() -> Vec<Judged> {
    let mut all = with_exceptions();
    all.retain(|login| !login.facts.emergency);
    all
}

/// Judges every login, in the order of the columns.
fn with_exceptions() -> Vec<Judged> {
    let sizes = columns().map(|column| column.len());
    let all = sizes.iter().product();
    let judged = |number: usize| {
        let (mut at, mut rest) = ([0; 11], number);
        for (index, size) in at.iter_mut().zip(sizes).rev() {
            *index = rest % size;
            rest /= size;
        }
        judge(at)
    };
    (0..all).map(judged).collect()
}

fn judge(at: [usize; 11]) -> Judged {
    let on_file = match at[3] {
        0 => OnFile::Nobody,
        1 => OnFile::OtherSpelling,
        _ => OnFile::Known {
            suspended: at[4] == 1,
            enrolled: at[5] == 1,
            disabled: at[6] == 1,
            was_reset: at[7] == 1,
        },
    };
    let facts = LoginFacts {
        outcome: OUTCOMES[at[0]],
        proved: at[1] == 1,
        mismatch: at[2] == 1,
        on_file,
        client: CLIENT,
        emergency: at[10] == 1,
    };
    let policy = policy(at[8], at[9]);
    let verdict = judge_login(&facts, &policy, NOW);
    Judged {
        at,
        facts,
        policy,
        verdict,
    }
}

fn policy(enforcement: usize, enrolment: usize) -> Policy {
    let later = NOW.plus(Duration::from_millis(1));
    let network = |text: &str| EnrolmentPolicy::Network(text.parse().into_iter().collect());
    Policy {
        enforcement: [
            Enforcement::Required,
            Enforcement::By(NOW),
            Enforcement::By(later),
            Enforcement::Optional,
            Enforcement::Report,
        ][enforcement],
        enrolment: match enrolment {
            0 => EnrolmentPolicy::Code,
            1 => network("192.0.2.0/24"),
            2 => network("10.0.0.0/8"),
            3 => EnrolmentPolicy::Open { until: Some(NOW) },
            4 => EnrolmentPolicy::Open { until: Some(later) },
            _ => EnrolmentPolicy::Open { until: None },
        },
        lifetimes: Lifetimes::default(),
        pending_for: Duration::from_secs(300),
        enrolling_for: Duration::from_secs(600),
        recovery_codes: 10,
        kinds: anteroom_core::authenticator::Kinds::PRESET,
        may_remove_last: false,
        devices: None,
        throttle: ThrottlePolicy::default(),
    }
}

const fn words(verdict: LoginVerdict) -> &'static str {
    match verdict {
        LoginVerdict::ShowFailure => "show the app's refusal",
        LoginVerdict::ShowRetry => "say: try again",
        LoginVerdict::Challenge => "withhold, challenge",
        LoginVerdict::ChallengeInVain => "withhold, challenge in vain",
        LoginVerdict::Enrol(EnrolmentProof::Code) => "withhold, enrol by code",
        LoginVerdict::Enrol(EnrolmentProof::Network) => "withhold, enrol by network",
        LoginVerdict::Enrol(EnrolmentProof::Open) => "withhold, enrol by open window",
        LoginVerdict::EnrolWithCode => "withhold, ask for an enrolment code",
        LoginVerdict::LetThrough => "let through, single-factor",
        LoginVerdict::EmergencyPassage => "let through, by the exception",
        LoginVerdict::HoldSpelling => "drop, say: unknown spelling",
        LoginVerdict::Stopped => "drop, say: stopped",
    }
}

#[test]
fn every_login_is_judged_as_reviewed() {
    let case = |login: &Judged| (login.at.to_vec(), words(login.verdict).to_owned());
    let cases: Vec<Case> = with_exceptions().iter().map(case).collect();
    let columns = columns();
    let columns: Vec<&[&str]> = columns.iter().map(Vec::as_slice).collect();
    let out = format!("{LEGEND}\n{}", table(&columns, 3, &cases));
    insta::assert_snapshot!("every_login", out);
}

#[test]
fn what_the_app_refused_is_never_withheld_and_nothing_else_is_shown() {
    for login in all() {
        let shown = match login.facts.outcome {
            Outcome::Failure => Some(LoginVerdict::ShowFailure),
            Outcome::Retry => Some(LoginVerdict::ShowRetry),
            Outcome::Success | Outcome::Intermediate | Outcome::Unknown => None,
        };
        let shows = [LoginVerdict::ShowFailure, LoginVerdict::ShowRetry];
        match shown {
            Some(verdict) => assert_eq!(login.verdict, verdict, "{login:?}"),
            None => assert!(!shows.contains(&login.verdict), "{login:?}"),
        }
    }
}

#[test]
fn without_proof_every_name_looks_the_same_and_nobody_enrols() {
    let same = [LoginVerdict::Challenge, LoginVerdict::ChallengeInVain];
    for login in all() {
        if !login.is_refused() && !login.is_sure() {
            assert!(same.contains(&login.verdict), "{login:?}");
        }
    }
}

#[test]
fn a_code_counts_only_for_somebody_enrolled_under_this_very_spelling() {
    for login in all() {
        if login.verdict == LoginVerdict::Challenge {
            let theirs = matches!(
                login.facts.on_file,
                OnFile::Known {
                    enrolled: true,
                    suspended: false,
                    ..
                }
            );
            assert!(theirs && !login.facts.mismatch, "{login:?}");
        }
    }
}

#[test]
fn whoever_is_enrolled_is_challenged_in_every_mode() {
    for login in all() {
        let enrolled = matches!(
            login.facts.on_file,
            OnFile::Known {
                enrolled: true,
                suspended: false,
                ..
            }
        );
        if enrolled && !login.is_refused() && !login.facts.mismatch {
            assert_eq!(login.verdict, LoginVerdict::Challenge, "{login:?}");
        }
    }
}

#[test]
fn only_a_known_and_unenrolled_name_is_let_through_and_only_where_the_mode_says_so() {
    for login in all() {
        if login.verdict == LoginVerdict::LetThrough {
            let bare = OnFile::Known {
                enrolled: false,
                was_reset: false,
                disabled: false,
                suspended: false,
            };
            assert_eq!(login.facts.on_file, bare, "{login:?}");
            assert!(login.is_sure() && !login.facts.mismatch, "{login:?}");
            let strict = [Enforcement::Required, Enforcement::By(NOW)];
            assert!(!strict.contains(&login.policy.enforcement), "{login:?}");
        }
    }
}

#[test]
fn a_mode_changes_nothing_but_who_is_let_through() {
    for login in all() {
        let mut required = login.at;
        required[8] = 0;
        let wanted = judge(required).verdict;
        let alike = login.verdict == wanted || login.verdict == LoginVerdict::LetThrough;
        assert!(alike, "{login:?} {wanted:?}");
    }
}

#[test]
fn the_ground_of_an_enrolment_is_the_one_the_policy_names() {
    for login in all() {
        let LoginVerdict::Enrol(proof) = login.verdict else {
            continue;
        };
        let named = match ENROLMENTS[login.at[9]] {
            "network (inside)" => Some(EnrolmentProof::Network),
            "open until later" | "open" => Some(EnrolmentProof::Open),
            _ => None,
        };
        assert_eq!(Some(proof), named, "{login:?}");
        assert!(login.is_sure() && !login.facts.mismatch, "{login:?}");
    }
}

#[test]
fn after_a_reset_only_a_code_enrols() {
    for login in all() {
        if let OnFile::Known {
            was_reset: true, ..
        } = login.facts.on_file
        {
            let open = matches!(
                login.verdict,
                LoginVerdict::Enrol(_) | LoginVerdict::LetThrough
            );
            assert!(!open, "{login:?}");
        }
    }
}

#[test]
fn whoever_is_suspended_disabled_or_somebody_else_gets_no_further() {
    for login in all() {
        let stopped = match login.facts.on_file {
            OnFile::Known {
                suspended: true, ..
            } => true,
            OnFile::Known {
                disabled: true,
                enrolled: false,
                ..
            } => true,
            OnFile::OtherSpelling => true,
            _ => login.facts.mismatch,
        };
        let dead_ends = [
            LoginVerdict::ChallengeInVain,
            LoginVerdict::HoldSpelling,
            LoginVerdict::Stopped,
        ];
        if stopped && !login.is_refused() {
            assert!(dead_ends.contains(&login.verdict), "{login:?}");
        }
    }
}

#[test]
fn an_exception_lets_nobody_through_but_a_known_person_with_a_right_password() {
    let mut passages = 0;
    for login in with_exceptions() {
        if login.verdict == LoginVerdict::EmergencyPassage {
            passages += 1;
            let known = matches!(
                login.facts.on_file,
                OnFile::Known {
                    suspended: false,
                    ..
                }
            );
            assert!(known && !login.facts.mismatch, "{login:?}");
            assert!(login.is_sure() && !login.is_refused(), "{login:?}");
            assert!(login.facts.emergency, "{login:?}");
        }
    }
    assert!(passages > 0);
}

#[test]
fn an_exception_changes_nothing_but_who_passes_by_it() {
    for login in with_exceptions() {
        let mut ordinary = login.at;
        ordinary[10] = 0;
        let wanted = judge(ordinary).verdict;
        let alike = login.verdict == wanted || login.verdict == LoginVerdict::EmergencyPassage;
        assert!(alike, "{login:?} {wanted:?}");
    }
}
