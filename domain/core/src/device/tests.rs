//! When a remembered device counts, and each reason for which it does not.
//! The journeys are in `tests/e2e`.

use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const HERE: &str = "192.0.2.17";

fn app() -> AppName {
    AppName::new("emr")
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn policy() -> DevicePolicy {
    DevicePolicy {
        lasts: Duration::from_secs(30 * 86_400),
        networks: vec![],
    }
}

/// A good device and a good sign-in, each changed a little before it is judged.
fn judged(change: impl FnOnce(&mut DeviceOnFile<'_>, &mut DeviceFacts<'_>)) -> DeviceVerdict {
    let (app, policy) = (app(), policy());
    let terms = policy.terms(Kinds::PRESET);
    let mut device = DeviceOnFile {
        id: DeviceId(7),
        subscriber: SubscriberId(1),
        app: &app,
        network: "192.0.2.0/24",
        terms: &terms,
        expires_at: NOW.plus(Duration::from_secs(60)),
        revoked: false,
        token: TokenSeen::Current,
        rotated_at: NOW.minus(Duration::from_secs(3600)),
        last_client: ip(HERE),
    };
    let mut facts = DeviceFacts {
        subscriber: SubscriberId(1),
        proved: true,
        app: &app,
        client: ip(HERE),
        kinds: Kinds::PRESET,
    };
    change(&mut device, &mut facts);
    judge_device(Some(&policy), &device, &facts, NOW)
}

#[test]
fn a_device_stands_in_for_a_code_in_its_network() {
    let known = DeviceVerdict::Known(Remembered {
        id: DeviceId(7),
        subscriber: SubscriberId(1),
    });
    assert_eq!(judged(|_, _| {}), known);
    assert_eq!(judged(|_, facts| facts.client = ip("192.0.2.200")), known);
    assert_eq!(
        judged(|_, facts| facts.client = ip("::ffff:192.0.2.17")),
        known
    );
}

#[test]
fn each_bound_alone_makes_it_unknown() {
    let unknown = DeviceVerdict::Unknown;
    assert_eq!(judged(|_, facts| facts.proved = false), unknown);
    assert_eq!(judged(|_, facts| facts.client = ip("192.0.3.17")), unknown);
    assert_eq!(
        judged(|_, facts| facts.subscriber = SubscriberId(2)),
        unknown
    );
    assert_eq!(judged(|_, facts| facts.kinds = Kinds::NONE), unknown);
    assert_eq!(judged(|device, _| device.revoked = true), unknown);
    assert_eq!(judged(|device, _| device.expires_at = NOW), unknown);
    assert_eq!(judged(|device, _| device.terms = "60 s; ; {}"), unknown);
}

#[test]
fn another_app_and_a_policy_that_is_off_know_no_device() {
    let (app, other, policy) = (app(), AppName::new("lab"), policy());
    let terms = policy.terms(Kinds::PRESET);
    let device = DeviceOnFile {
        id: DeviceId(7),
        subscriber: SubscriberId(1),
        app: &app,
        network: "192.0.2.0/24",
        terms: &terms,
        expires_at: NOW.plus(Duration::from_secs(60)),
        revoked: false,
        token: TokenSeen::Current,
        rotated_at: NOW,
        last_client: ip(HERE),
    };
    let facts = |app| DeviceFacts {
        subscriber: SubscriberId(1),
        proved: true,
        app,
        client: ip(HERE),
        kinds: Kinds::PRESET,
    };
    let at_other = judge_device(Some(&policy), &device, &facts(&other), NOW);
    assert_eq!(at_other, DeviceVerdict::Unknown);
    let off = judge_device(None, &device, &facts(&app), NOW);
    assert_eq!(off, DeviceVerdict::Unknown);
}

#[test]
fn a_spent_token_that_comes_again_is_a_theft_from_wherever_it_comes() {
    let stolen = DeviceVerdict::Stolen(DeviceId(7));
    for token in [TokenSeen::Former, TokenSeen::Neither] {
        assert_eq!(judged(|device, _| device.token = token), stolen);
        let elsewhere = judged(|device, facts| {
            device.token = token;
            facts.client = ip("203.0.113.9");
        });
        assert_eq!(elsewhere, stolen);
    }
}

#[test]
fn an_answer_that_was_lost_a_moment_ago_is_no_theft() {
    let lost = |ago: u64, from: &'static str| {
        judged(move |device, facts| {
            device.token = TokenSeen::Former;
            device.rotated_at = NOW.minus(Duration::from_secs(ago));
            facts.client = ip(from);
        })
    };
    assert_eq!(lost(59, HERE), DeviceVerdict::Unknown);
    assert_eq!(lost(60, HERE), DeviceVerdict::Stolen(DeviceId(7)));
    assert_eq!(lost(5, "192.0.2.18"), DeviceVerdict::Stolen(DeviceId(7)));
}

#[test]
fn without_the_password_nobody_learns_that_a_token_was_spent() {
    let verdict = judged(|device, facts| {
        device.token = TokenSeen::Neither;
        facts.proved = false;
    });
    assert_eq!(verdict, DeviceVerdict::Unknown);
}

#[test]
fn listed_networks_are_the_only_ones() {
    let listed = DevicePolicy {
        networks: vec!["10.20.0.0/16".parse().unwrap()],
        ..policy()
    };
    let network = listed.network_of(ip("10.20.3.4"));
    assert_eq!(network, Some("10.20.0.0/16".parse().unwrap()));
    assert_eq!(listed.network_of(ip("10.21.0.1")), None);
    assert_eq!(
        policy().network_of(ip("2001:db8::17")),
        Some("2001:db8::/64".parse().unwrap())
    );
}

#[test]
fn terms_do_not_depend_on_the_order_in_which_networks_are_listed() {
    let listed = |networks: [&str; 2]| DevicePolicy {
        networks: networks.map(|one| one.parse().unwrap()).to_vec(),
        ..policy()
    };
    let (one, two) = ("10.0.0.0/8", "192.168.0.0/16");
    let terms = |policy: DevicePolicy| policy.terms(Kinds::PRESET);
    assert_eq!(terms(listed([one, two])), terms(listed([two, one])));
    assert_ne!(terms(listed([one, two])), terms(policy()));
}
