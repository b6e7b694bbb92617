//! Names for things: newtypes, so that a session's hash cannot be passed where an attempt's id
//! belongs.
//!
//! Never generates anything: randomness is an argument. See `session` for what the ids name.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroize;

/// The raw 256-bit session id that only the browser's cookie carries. The store knows only its
/// hash.
///
/// No `Display`, redacted `Debug`, wiped on drop: it is worth a session to whoever holds it.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionId([u8; 32]);

impl SessionId {
    /// Wraps 32 random bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for hashing, key derivation and the cookie.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for SessionId {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(..)")
    }
}

/// SHA-256 of a [`SessionId`]: what tables and logs may know.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionHash(pub [u8; 32]);

impl SessionHash {
    /// Eight hexadecimal digits: enough to follow one session through a log.
    #[must_use]
    pub fn short(&self) -> String {
        self.0[..4]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

impl fmt::Debug for SessionHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionHash({})", self.short())
    }
}

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

row_id!(
    /// A person, keyed by realm, tenant and name.
    SubscriberId
);
row_id!(
    /// One authenticator of one subscriber.
    AuthenticatorId
);
row_id!(
    /// An authenticator that a person is setting up beside those she has.
    OwnSetupId
);
row_id!(
    /// One recovery code of one set.
    RecoveryCodeId
);
row_id!(
    /// One temporary code of one subscriber.
    TemporaryCodeId
);
row_id!(
    /// One code of a sealed envelope.
    SealedCodeId
);
row_id!(
    /// One e-mail code that was sent.
    MailCodeId
);
row_id!(
    /// One e-mail address of one subscriber.
    AddressId
);
row_id!(
    /// One message that waits to be sent, or was.
    OutboxId
);
row_id!(
    /// One exception for one app (break-glass).
    EmergencyId
);
row_id!(
    /// One remembered device of one subscriber.
    DeviceId
);
row_id!(
    /// One login attempt whose answer is held.
    AttemptId
);
row_id!(
    /// One session row; stays the same when the cookie's id is rotated.
    SessionRow
);
row_id!(
    /// A person who uses the admin app.
    OperatorId
);
row_id!(
    /// One session of the admin app.
    OperatorSessionRow
);
row_id!(
    /// One act that waits, or waited, for a second operator.
    ApprovalId
);
row_id!(
    /// One token for the API.
    TokenId
);

/// The configured name of one protected app. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct AppName(Arc<str>);

impl AppName {
    /// Wraps a name that `anteroom-config` has checked.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(Arc::from(name))
    }

    /// The name as configured.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AppName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
