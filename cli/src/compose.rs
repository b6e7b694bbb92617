//! Puts the rooms together: settings, key file, store and gateway become one process.
//!
//! The only place where a key file's string ids meet the store's numbers. Never reads the
//! configuration file (`anteroom_config::load` does) and never prints; commands and tests call
//! [`open`] for the store alone and [`start`] for a whole gateway.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anteroom_config::ambient::Ambient;
use anteroom_config::keys::{self, KeyProblem, KeyRing};
use anteroom_config::settings::{AdminSettings, Settings, StoreSettings};
use anteroom_core::notice::Notice;
use anteroom_gateway::{Running, StartError};
use anteroom_store::{
    Channel, KeyProblem as StoreKeyProblem, Keys, Store, StoreError, StoreOptions, Told,
};
use ring::digest;

/// Settings with everything that they name opened, but nothing listening yet.
pub struct Composed {
    /// What we were told.
    pub settings: Settings,
    /// The open store.
    pub store: Store,
    /// The key file's keys, the current one first.
    pub keys: KeyRing,
    ambient: Ambient,
}

/// Why the pieces could not be put together. Never holds a key.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The key file must not be used, or cannot be made.
    #[error("key file {0}")]
    Key(#[from] KeyProblem),
    /// A new key would be made for a store that needs the old one.
    #[error(
        "key file {} is missing, but there is a store at {}; bring the key file back from your \
         copy: a new key cannot open the store", key.display(), store.display()
    )]
    KeyLost {
        /// Where the key file should be.
        key: PathBuf,
        /// The store that needs it.
        store: PathBuf,
    },
    /// Two keys of the file have names that the store cannot tell apart.
    #[error(
        "key file: the store knows {one} and {other} by the same number; make another key for one \
         of them with: anteroom keys new"
    )]
    KeyNumber {
        /// A key's name.
        one: String,
        /// Another key's name.
        other: String,
    },
    /// The store does not open.
    #[error("store {}: {problem}{}", path.display(), advice(problem))]
    Store {
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        problem: StoreError,
    },
    /// We are root, and would make files that the service could not open.
    #[error(
        "{} does not exist yet, and root would own it, while user {owner} owns the folder; start \
         the service first, or run this as that user: sudo -u '#{owner}' anteroom …",
        path.display()
    )]
    WouldBelongToRoot {
        /// The file.
        path: PathBuf,
        /// Whose folder it is.
        owner: u32,
    },
    /// The gateway does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// What empties the outbox does not start.
    #[error("the sender of mail: {0}")]
    Sender(io::Error),
    /// The admin app does not start.
    #[error(transparent)]
    Admin(#[from] anteroom_admin::StartError),
}

/// What to do about a store that does not open.
fn advice(problem: &StoreError) -> &'static str {
    match problem {
        StoreError::Key(StoreKeyProblem::NotInUse(_)) => {
            "; restart the gateway, which takes it into use, and then say this again"
        }
        StoreError::Key(_) => {
            "; the key file lacks a key that the store was written with: put the old line back \
             below the new one"
        }
        StoreError::Migration(_) => {
            "; it was written by a newer Anteroom, or it is another program's file"
        }
        StoreError::Unavailable(_) => {
            "; look whether its folder exists, may be written, and lies on a local disk"
        }
        _ => "",
    }
}

/// Opens key file and store; makes both on first run.
///
/// # Errors
/// See [`ComposeError`].
pub async fn open(settings: Settings, ambient: &Ambient) -> Result<Composed, ComposeError> {
    open_as(settings, ambient, true).await
}

/// As [`open`], beside a gateway that may run: takes no new key into use.
///
/// # Errors
/// See [`ComposeError`].
pub async fn open_beside(settings: Settings, ambient: &Ambient) -> Result<Composed, ComposeError> {
    open_as(settings, ambient, false).await
}

async fn open_as(
    settings: Settings,
    ambient: &Ambient,
    introduces_key: bool,
) -> Result<Composed, ComposeError> {
    let at = &settings.store;
    refuse_lost_key(at)?;
    refuse_files_of_root(at)?;
    let ring = keys::open(at, &ambient.entropy)?;
    let mut options = StoreOptions::new(&at.path, store_keys(&ring)?, ambient.entropy.clone());
    options.introduces_key = introduces_key;
    let store = Store::open(options, ambient.clock.now()).await;
    let refused = |problem| ComposeError::Store {
        path: at.path.clone(),
        problem,
    };
    let store = store.map_err(refused)?;
    let told = told(&settings);
    let now = ambient.clock.now();
    store.told_set(&told, now).await.map_err(refused)?;
    Ok(Composed {
        settings,
        store,
        keys: ring,
        ambient: ambient.clone(),
    })
}

/// Opens everything and serves.
///
/// # Errors
/// See [`ComposeError`]; nothing is left running then.
pub async fn start(settings: Settings, ambient: &Ambient) -> Result<Running, ComposeError> {
    open(settings, ambient).await?.start().await
}

impl Composed {
    /// Serves with what was opened.
    ///
    /// # Errors
    /// When a listener or a certificate cannot be used; nothing is left running then.
    pub async fn start(self) -> Result<Running, ComposeError> {
        let Self {
            settings,
            store,
            keys,
            ambient,
        } = self;
        Ok(anteroom_gateway::start(settings, store, &keys.keys, ambient).await?)
    }
}

impl Composed {
    /// Starts what empties the outbox, where mail or a webhook is configured.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start_sender(&self) -> Result<Option<anteroom_mail::Sender>, ComposeError> {
        let started = anteroom_mail::Sender::start(&self.settings, &self.store, &self.ambient);
        started.map_err(ComposeError::Sender)
    }

    /// Serves the admin app with what was opened.
    ///
    /// # Errors
    /// When its address or certificate cannot be used; nothing is left running then.
    pub async fn start_admin(
        &self,
        mine: &AdminSettings,
    ) -> Result<anteroom_admin::Running, ComposeError> {
        let store = self.store.clone();
        Ok(anteroom_admin::start(&self.settings, mine, store, &self.ambient).await?)
    }
}

/// Serves the admin app, where there is one, beside a gateway of the same process. It opens the
/// store for itself: its long reads must never take a reader from a sign-in.
///
/// # Errors
/// See [`ComposeError`].
pub async fn start_admin_beside(
    settings: &Settings,
    ambient: &Ambient,
) -> Result<Option<anteroom_admin::Running>, ComposeError> {
    let Some(mine) = &settings.admin else {
        return Ok(None);
    };
    let beside = open_beside(settings.clone(), ambient).await?;
    beside.start_admin(mine).await.map(Some)
}

/// What is told, and how, by the settings.
fn told(settings: &Settings) -> Told {
    let mail = settings.mail.is_some().then_some(Channel::Mail);
    let webhook = settings.notices.webhook.is_some();
    let ways = mail.into_iter().chain(webhook.then_some(Channel::Webhook));
    let all = ways.flat_map(|way| Notice::ALL.iter().map(move |notice| (way, *notice)));
    Told {
        people: all
            .filter(|(_, notice)| !settings.notices.off.contains(notice))
            .collect(),
        operators: settings.notices.operators.clone(),
    }
}

/// The keys as the store takes them, by number instead of by name.
///
/// # Errors
/// [`ComposeError::KeyNumber`] when two names have one number: one pair in four thousand million.
pub fn store_keys(ring: &KeyRing) -> Result<Keys, ComposeError> {
    let numbered: Vec<(u32, &str)> = ring
        .keys
        .iter()
        .map(|(name, _)| (key_number(name), name.as_str()))
        .collect();
    for (index, (number, name)) in numbered.iter().enumerate() {
        if let Some((_, same)) = numbered[index + 1..]
            .iter()
            .find(|other| other.0 == *number)
        {
            return Err(ComposeError::KeyNumber {
                one: (*name).to_owned(),
                other: (*same).to_owned(),
            });
        }
    }
    let keys = numbered
        .iter()
        .zip(&ring.keys)
        .map(|((number, _), (_, key))| (*number, *key));
    Keys::new(key_number(&ring.current), keys.collect()).map_err(|problem| ComposeError::Store {
        path: PathBuf::from("(keys)"),
        problem: problem.into(),
    })
}

/// The number by which the store knows a key: the first four bytes of the SHA-256 of its name.
/// Part of the stored format.
#[must_use]
pub fn key_number(name: &str) -> u32 {
    let hash = digest::digest(&digest::SHA256, name.as_bytes());
    let mut first = [0; 4];
    first.copy_from_slice(&hash.as_ref()[..4]);
    u32::from_be_bytes(first)
}

/// A store without its key file must not get a new one: that would only hide what is missing.
fn refuse_lost_key(at: &StoreSettings) -> Result<(), ComposeError> {
    if !at.key_is_credential && is_missing(&at.key_file) && !is_missing(&at.path) {
        return Err(ComposeError::KeyLost {
            key: at.key_file.clone(),
            store: at.path.clone(),
        });
    }
    Ok(())
}

/// An administrator's first command must not make files that only root can open.
fn refuse_files_of_root(at: &StoreSettings) -> Result<(), ComposeError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let key_file = (!at.key_is_credential).then_some(&at.key_file);
    for path in [Some(&at.path), key_file].into_iter().flatten() {
        match folder_owner(path) {
            Ok(owner) if owner != 0 && is_missing(path) => {
                return Err(ComposeError::WouldBelongToRoot {
                    path: path.clone(),
                    owner,
                });
            }
            // Whether the folder exists at all is asked, and said better, by whoever writes there.
            _ => {}
        }
    }
    Ok(())
}

fn folder_owner(path: &Path) -> io::Result<u32> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    Ok(std::fs::metadata(folder.unwrap_or_else(|| Path::new(".")))?.uid())
}

fn is_missing(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_err()
}

#[cfg(test)]
mod tests;
