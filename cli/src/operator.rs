//! Who acts, and on what: the operator's name, the open store, the apps that are meant.
//!
//! Whoever can read the key file may do all of this; the name is for the paper trail. Never decides
//! what an act does: that is the store's, in one transaction with its audit event.

use std::path::Path;

use anteroom_config::ambient::{self, Ambient};
use anteroom_config::settings::{AppSettings, Settings};
use anteroom_core::fold::{Folded, SpellingRule, fold, spelling_key};
use anteroom_core::throttle::ThrottlePolicy;
use anteroom_core::time::Timestamp;
use anteroom_store::{Paper, Store};
use rustix::process::geteuid;

use crate::compose;
use crate::failure::Failure;

/// Several tenant fields make one tenant, as the gateway joins them.
pub const TENANT_SEPARATOR: &str = "\u{1f}";

/// Which person is meant, beside the name.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Scope {
    /// The app whose users are meant; needed where apps do not share their users
    #[arg(long, value_name = "APP")]
    pub app: Option<String>,
    /// The realm that is meant: apps of one realm share their users' second factors
    #[arg(long, value_name = "REALM")]
    pub realm: Option<String>,
    /// The tenant (site, database) typed beside the name; once for each field
    #[arg(long, value_name = "TENANT")]
    pub tenant: Vec<String>,
}

/// An operator at the command line, with everything opened.
pub struct Operator {
    /// For the audit log.
    pub name: String,
    /// What we were told.
    pub settings: Settings,
    /// The store, which the gateway may have open too.
    pub store: Store,
    /// The names of the key file's keys, the current one first.
    pub key_names: Vec<String>,
    /// Where random bytes come from.
    pub entropy: ambient::Entropy,
    /// When the command began.
    pub now: Timestamp,
}

impl Operator {
    /// Opens configuration, keys and store.
    ///
    /// # Errors
    /// When the configuration is wrong, or keys or store do not open.
    pub async fn open(
        config: &Path,
        name: Option<String>,
        ambient: &Ambient,
    ) -> Result<Self, Failure> {
        let settings = anteroom_config::load(config, ambient)?;
        let composed = compose::open_beside(settings, ambient).await?;
        let keys = &composed.keys.keys;
        let key_names = keys.iter().map(|(name, _)| name.clone()).collect();
        Ok(Self {
            name: name.unwrap_or_else(|| system_name(&passwd())),
            settings: composed.settings,
            store: composed.store,
            key_names,
            entropy: ambient.entropy.clone(),
            now: ambient.clock.now(),
        })
    }

    /// The apps whose users are meant: one app, the apps of one realm, or all of the only realm.
    ///
    /// # Errors
    /// Names the choices when the scope names none of them, or leaves it open.
    pub fn apps(&self, scope: &Scope) -> Result<Vec<&AppSettings>, Failure> {
        apps_of(&self.settings, scope)
    }

    /// The paper trail of an act at this command line, as yet without a reason.
    #[must_use]
    pub fn paper(&self) -> Paper<'_> {
        Paper::of(&self.name, self.now)
    }

    /// How wrong codes count in a realm.
    #[must_use]
    pub fn throttle_of(&self, realm: &str) -> ThrottlePolicy {
        let app = self.settings.apps.iter().find(|app| app.realm == realm);
        app.map_or_else(ThrottlePolicy::default, |app| app.policy.throttle)
    }
}

fn apps_of<'s>(settings: &'s Settings, scope: &Scope) -> Result<Vec<&'s AppSettings>, Failure> {
    if let Some(name) = &scope.app {
        let found = settings.apps.iter().find(|app| app.name.as_str() == name);
        let app = found.ok_or_else(|| {
            let names = settings.apps.iter().map(|app| app.name.as_str());
            unknown("app", name, names.collect())
        })?;
        return match &scope.realm {
            Some(realm) if *realm != app.realm => Err(Failure::usage(format!(
                "the app {name} is in the realm {}, not in {realm}",
                app.realm
            ))),
            _ => Ok(vec![app]),
        };
    }
    let mut realms: Vec<&str> = settings.apps.iter().map(|app| app.realm.as_str()).collect();
    realms.sort_unstable();
    realms.dedup();
    let realm = match (&scope.realm, realms.as_slice()) {
        (Some(realm), _) if realms.contains(&realm.as_str()) => realm.as_str(),
        (Some(realm), _) => return Err(unknown("realm", realm, realms)),
        (None, [only]) => only,
        (None, _) => {
            let apps: Vec<&str> = settings.apps.iter().map(|app| app.name.as_str()).collect();
            return Err(Failure::usage(format!(
                "several apps with users of their own are configured; say which is meant with \
                 --app: {}",
                apps.join(", ")
            )));
        }
    };
    Ok(settings
        .apps
        .iter()
        .filter(|app| app.realm == realm)
        .collect())
}

fn unknown(what: &str, name: &str, known: Vec<&str>) -> Failure {
    Failure::usage(format!(
        "there is no {what} {name}; there is: {}",
        known.join(", ")
    ))
}

/// The tenant of a scope, checked against what the app's form sends.
///
/// # Errors
/// When the app wants a tenant and none is given, or the other way round.
pub fn tenant_of(apps: &[&AppSettings], scope: &Scope) -> Result<String, Failure> {
    use anteroom_core::profile::Credential;

    let fields = apps.iter().flat_map(|app| &app.profile.logins).map(|rule| {
        let Credential::Form(fields) = &rule.credential;
        &fields.tenant
    });
    let most = fields.max_by_key(|fields| fields.len());
    let wanted = most.map(Vec::as_slice).unwrap_or_default();
    if wanted.len() == scope.tenant.len() {
        return Ok(joined_tenant(scope));
    }
    Err(Failure::usage(if wanted.is_empty() {
        "this app has no tenants; leave --tenant out".to_owned()
    } else {
        format!(
            "people of this app also choose {}; give what they choose with --tenant, once for \
             each",
            wanted.join(" and ")
        )
    }))
}

/// What was given with `--tenant`, as one tenant.
#[must_use]
pub fn joined_tenant(scope: &Scope) -> String {
    scope.tenant.join(TENANT_SEPARATOR)
}

/// A name folded, or the reason why it cannot be one.
///
/// # Errors
/// When nobody can have that name.
pub fn folded(name: &str) -> Result<Folded, Failure> {
    fold(name).map_err(|problem| Failure::usage(format!("{name:?} cannot be a name: {problem}")))
}

/// The keys under which a spelling is linked: one for each way in which the apps compare names.
#[must_use]
pub fn spelling_keys(name: &str, apps: &[&AppSettings]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for app in apps {
        let key = spelling_key(name, &app.profile.spelling);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    if keys.is_empty() {
        keys.push(spelling_key(name, &SpellingRule::default()));
    }
    keys
}

/// Who runs this command: whoever called sudo, else the owner of the process, else what the
/// environment says, else `cli`.
fn system_name(passwd: &str) -> String {
    let from = ambient::invoking_user();
    let owner = || name_in(passwd, geteuid().as_raw());
    from.sudo
        .or_else(owner)
        .or(from.login)
        .unwrap_or_else(|| "cli".to_owned())
}

fn passwd() -> String {
    std::fs::read_to_string("/etc/passwd").unwrap_or_default()
}

/// The name of a user in the text of `/etc/passwd`.
fn name_in(passwd: &str, uid: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        let found: u32 = fields.nth(1)?.parse().ok()?;
        (found == uid).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_REALMS: &str = r#"
        version = 1
        development = true
        [[listener]]
        addr = "127.0.0.1:8080"
        kind = "http"
        [store]
        path = "a.db"
        key_file = "a.key"
        [[app]]
        name = "emr"
        realm = "clinic"
        hosts = ["emr.test"]
        upstreams = ["http://127.0.0.1:1"]
        preset = "demo"
        [[app]]
        name = "lab"
        realm = "clinic"
        hosts = ["lab.test"]
        upstreams = ["http://127.0.0.1:1"]
        preset = "demo"
        [app.login.spelling]
        case_insensitive = true
        [[app]]
        name = "wiki"
        hosts = ["wiki.test"]
        upstreams = ["http://127.0.0.1:1"]
        preset = "demo"
    "#;

    fn settings() -> Settings {
        anteroom_config::parse(TWO_REALMS, Path::new("/")).unwrap_or_else(|e| panic!("{e}"))
    }

    fn scope(app: Option<&str>, realm: Option<&str>) -> Scope {
        Scope {
            app: app.map(str::to_owned),
            realm: realm.map(str::to_owned),
            tenant: Vec::new(),
        }
    }

    #[test]
    fn the_scope_names_an_app_or_a_realm_and_must_where_there_are_several() {
        let settings = settings();
        let names = |app, realm| {
            let apps = apps_of(&settings, &scope(app, realm));
            apps.map(|apps| {
                let names = apps.iter().map(|app| app.name.as_str().to_owned());
                names.collect::<Vec<_>>().join(" ")
            })
            .map_err(|failure| failure.to_string())
        };
        assert_eq!(names(Some("lab"), None), Ok("lab".to_owned()));
        assert_eq!(names(None, Some("clinic")), Ok("emr lab".to_owned()));
        let open = names(None, None).unwrap_err();
        assert!(open.contains("--app: emr, lab, wiki"), "{open}");
        let unknown = names(Some("erm"), None).unwrap_err();
        assert!(
            unknown.contains("no app erm") && unknown.contains("emr"),
            "{unknown}"
        );
        let wrong = names(Some("wiki"), Some("clinic")).unwrap_err();
        assert!(wrong.contains("in the realm wiki"), "{wrong}");
    }

    #[test]
    fn each_way_of_comparing_names_gives_a_key() {
        let settings = settings();
        let apps: Vec<&AppSettings> = settings.apps.iter().collect();
        assert_eq!(spelling_keys("Alice", &apps), ["Alice", "alice"]);
        assert_eq!(spelling_keys("alice", &apps), ["alice"]);
    }

    #[test]
    fn a_tenant_is_refused_where_there_is_none() {
        let settings = settings();
        let apps: Vec<&AppSettings> = settings.apps.iter().collect();
        let mut scope = scope(None, None);
        assert_eq!(tenant_of(&apps, &scope).ok(), Some(String::new()));
        scope.tenant.push("north".to_owned());
        assert!(tenant_of(&apps, &scope).is_err());
    }

    #[test]
    fn the_user_database_is_read_by_number() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\njane:x:1000:1000::/home/jane:/bin/sh\nodd\n";
        assert_eq!(name_in(passwd, 1000).as_deref(), Some("jane"));
        assert_eq!(name_in(passwd, 0).as_deref(), Some("root"));
        assert_eq!(name_in(passwd, 7), None);
    }
}
