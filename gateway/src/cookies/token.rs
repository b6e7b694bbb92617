//! Our one cookie: `__Host-anteroom`, a signed token around a 256-bit session id (DESIGN 5.3).
//!
//! HS256 with `kid` and an explicit `typ` (RFC 8725 section 3.11); the claims are the id, the app
//! and two moments, never a name (NIST SP 800-63B-4 section 5.1.1). The signature keeps junk away
//! from the store and is all there is of an anonymous session; whether a session still counts is
//! the record's to say. Never reads the clock: `now` is an argument, and jsonwebtoken's own time
//! checks are off for that reason.

use std::sync::LazyLock;

use anteroom_core::ids::{AppName, SessionHash, SessionId};
use anteroom_core::time::Timestamp;
use cookie::{Cookie, SameSite};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, Header, Validation, decode, encode};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::keys::{KeySet, Keys, Secret, hash_session, sha256};

/// The cookie's name wherever there is TLS.
pub const NAME: &str = "__Host-anteroom";
/// The cookie's name on plain loopback, where browsers refuse `__Host-`.
pub const DEVELOPMENT_NAME: &str = "anteroom-dev";

const TYP: &str = "anteroom-session+jwt";
/// Longer values are nobody's token of ours (attack C09).
const LONGEST: usize = 512;
/// How far ahead of our clock `iat` may be, in seconds (attack C04).
const SKEW: i64 = 60;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    sid: String,
    app: String,
    iat: i64,
    exp: i64,
}

/// A token whose signature, type, app and times were found good.
pub struct Signed<'k> {
    /// The session id.
    pub id: SessionId,
    /// Its hash.
    pub hash: SessionHash,
    /// The keys it was signed with.
    pub keys: &'k KeySet,
}

impl Signed<'_> {
    /// The key that seals the app's cookies while nothing has been proved.
    #[must_use]
    pub fn anonymous_key(&self, app: &AppName) -> Secret {
        self.keys.for_session("anonymous cookies", app, &self.id)
    }
}

/// Makes the cookie's value.
///
/// # Errors
/// When there is no key, or the encoder fails: both mean that no session can be given out.
pub fn sign(
    keys: &Keys,
    id: &SessionId,
    app: &AppName,
    now: Timestamp,
    expires: Timestamp,
) -> Result<String, TokenError> {
    let set = keys.current().ok_or(TokenError)?;
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(set.id.clone());
    header.typ = Some(TYP.to_owned());
    let claims = Claims {
        sid: BASE64URL_NOPAD.encode(id.expose()),
        app: app.as_str().to_owned(),
        iat: now.as_secs(),
        exp: expires.as_secs(),
    };
    encode(&header, &claims, &set.signing).map_err(|_| TokenError)
}

/// The token could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the session cookie could not be signed")]
pub struct TokenError;

/// The token that a connection brought last, once it was found good: a browser sends the same one
/// with every request, and taking it apart is a third of what a request costs us. It stands for
/// nothing but the signature: app and times are compared each time, and whether the session still
/// counts is asked of its record.
#[derive(Default)]
pub struct Memory {
    last: Mutex<Option<Remembered>>,
}

struct Remembered {
    /// Of the whole value, so that comparing takes as long however much of a guess is right.
    print: [u8; 32],
    app: AppName,
    set: usize,
    id: SessionId,
    hash: SessionHash,
    iat: i64,
    exp: i64,
}

impl Memory {
    /// As [`check`], and quicker for the value that was good before.
    #[must_use]
    pub fn check<'k>(
        &self,
        keys: &'k Keys,
        value: &[u8],
        app: &AppName,
        now: Timestamp,
    ) -> Option<Signed<'k>> {
        if value.len() > LONGEST {
            return None;
        }
        let print = sha256(&[value]);
        if let Some(known) = self.last.lock().as_ref()
            && known.print == print
            && known.app == *app
        {
            return known.signed(keys, now);
        }
        let known = Remembered::of(keys, value, print, app)?;
        let signed = known.signed(keys, now);
        *self.last.lock() = Some(known);
        signed
    }
}

impl Remembered {
    fn of(keys: &Keys, value: &[u8], print: [u8; 32], app: &AppName) -> Option<Self> {
        let (set, id, claims) = read(keys, value, app)?;
        Some(Self {
            print,
            app: app.clone(),
            set,
            hash: hash_session(&id),
            id,
            iat: claims.iat,
            exp: claims.exp,
        })
    }

    fn signed<'k>(&self, keys: &'k Keys, now: Timestamp) -> Option<Signed<'k>> {
        let secs = now.as_secs();
        let in_time = self.exp > secs && self.iat <= secs.saturating_add(SKEW);
        let set = keys.all().get(self.set)?;
        in_time.then(|| Signed {
            id: self.id.clone(),
            hash: self.hash,
            keys: set,
        })
    }
}

/// Checks a value from a browser. `None` is every kind of wrong: they are one thing to us (attacks
/// C01-C04).
#[must_use]
pub fn check<'k>(
    keys: &'k Keys,
    value: &[u8],
    app: &AppName,
    now: Timestamp,
) -> Option<Signed<'k>> {
    Remembered::of(keys, value, [0; 32], app)?.signed(keys, now)
}

/// The session of a token of ours whose end has come: it is worth nothing, but what it names can be
/// ended for good (attack F09).
#[must_use]
pub fn outdated(keys: &Keys, value: &[u8], app: &AppName, now: Timestamp) -> Option<SessionHash> {
    let (_, id, claims) = read(keys, value, app)?;
    (claims.exp <= now.as_secs()).then(|| hash_session(&id))
}

/// Times are compared by the callers, with the caller's clock and without leeway for the end.
static RULES: LazyLock<Validation> = LazyLock::new(|| {
    let mut rules = Validation::new(Algorithm::HS256);
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules.required_spec_claims.clear();
    rules
});

/// Everything about a token but its times.
fn read(keys: &Keys, value: &[u8], app: &AppName) -> Option<(usize, SessionId, Claims)> {
    if value.len() > LONGEST {
        return None;
    }
    keys.all().iter().enumerate().find_map(|(index, set)| {
        let token = decode::<Claims>(value, &set.checking, &RULES).ok()?;
        let ours = token.header.kid.as_deref() == Some(&set.id)
            && token.header.typ.as_deref() == Some(TYP)
            && token.header.alg == Algorithm::HS256;
        let claims = token.claims;
        if !ours || claims.app != app.as_str() {
            return None;
        }
        let mut bytes = [0_u8; 32];
        let raw = BASE64URL_NOPAD.decode(claims.sid.as_bytes()).ok()?;
        bytes.copy_from_slice(raw.get(..32).filter(|_| raw.len() == 32)?);
        Some((index, SessionId::new(bytes), claims))
    })
}

/// The `Set-Cookie` value that gives a browser this token; a session cookie, never persistent (N8).
#[must_use]
pub fn set_cookie(value: String, secure: bool) -> String {
    Cookie::build((name(secure), value))
        .path("/")
        .secure(secure)
        .http_only(true)
        .same_site(SameSite::Lax)
        .build()
        .to_string()
}

/// The `Set-Cookie` value that takes it away.
#[must_use]
pub fn clear_cookie(secure: bool) -> String {
    Cookie::build((name(secure), ""))
        .path("/")
        .secure(secure)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(cookie::time::Duration::ZERO)
        .build()
        .to_string()
}

/// The cookie's name: `__Host-` needs TLS, loopback development has its own.
#[must_use]
pub const fn name(secure: bool) -> &'static str {
    if secure { NAME } else { DEVELOPMENT_NAME }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(byte: u8) -> Keys {
        crate::cookies::provider::install();
        Keys::new(&[("k1".to_owned(), [byte; 32])])
    }

    fn app() -> AppName {
        AppName::new("emr")
    }

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn token(keys: &Keys) -> String {
        let end = Timestamp::from_secs(1_800_000_100);
        sign(keys, &SessionId::new([7; 32]), &app(), NOW, end).unwrap()
    }

    #[test]
    fn a_token_opens_for_its_app_until_its_end() {
        let keys = keys(1);
        let value = token(&keys);
        let signed = check(&keys, value.as_bytes(), &app(), NOW).unwrap();
        assert_eq!(signed.id.expose(), &[7; 32]);
        assert!(check(&keys, value.as_bytes(), &AppName::new("emr2"), NOW).is_none());
        let end = Timestamp::from_secs(1_800_000_100);
        assert!(check(&keys, value.as_bytes(), &app(), end).is_none());
        let long_before = Timestamp::from_secs(1_799_000_000);
        assert!(check(&keys, value.as_bytes(), &app(), long_before).is_none());
    }

    #[test]
    fn no_changed_byte_survives() {
        let keys = keys(1);
        let value = token(&keys).into_bytes();
        for index in 0..value.len() {
            for change in [1_u8, 2, 4, 32] {
                let mut bent = value.clone();
                bent[index] ^= change;
                assert!(
                    check(&keys, &bent, &app(), NOW).is_none(),
                    "byte {index} ^ {change}"
                );
            }
        }
        for extra in ["=", " ", ".", "\n", "A"] {
            let longer = [value.as_slice(), extra.as_bytes()].concat();
            assert!(check(&keys, &longer, &app(), NOW).is_none());
        }
    }

    #[test]
    fn a_remembered_token_lets_in_only_itself_and_only_while_it_counts() {
        let keys = keys(1);
        let value = token(&keys).into_bytes();
        let (memory, other) = (Memory::default(), AppName::new("emr2"));
        let end = Timestamp::from_secs(1_800_000_100);
        for _ in 0..2 {
            let signed = memory.check(&keys, &value, &app(), NOW).unwrap();
            assert_eq!(signed.id.expose(), &[7; 32]);
            assert!(memory.check(&keys, &value, &other, NOW).is_none());
            assert!(memory.check(&keys, &value, &app(), end).is_none());
            for index in 0..value.len() {
                let mut bent = value.clone();
                bent[index] ^= 1;
                assert!(memory.check(&keys, &bent, &app(), NOW).is_none(), "{index}");
            }
            assert!(memory.check(&keys, b"", &app(), NOW).is_none());
        }
        let ends = Timestamp::from_secs(1_800_000_200);
        let next = sign(&keys, &SessionId::new([9; 32]), &app(), NOW, ends).unwrap();
        let signed = memory.check(&keys, next.as_bytes(), &app(), NOW).unwrap();
        assert_eq!(signed.id.expose(), &[9; 32]);
        let back = memory.check(&keys, &value, &app(), NOW).unwrap();
        assert_eq!(back.id.expose(), &[7; 32]);
    }

    #[test]
    fn a_foreign_key_or_algorithm_does_not_count() {
        let ours = keys(1);
        assert!(check(&ours, token(&keys(2)).as_bytes(), &app(), NOW).is_none());
        let value = token(&ours);
        let (_, rest) = value.split_once('.').unwrap();
        for alg in ["none", "None", "HS512", "RS256", "EdDSA"] {
            let head = format!(r#"{{"alg":"{alg}","kid":"k1","typ":"{TYP}"}}"#);
            let forged = format!("{}.{rest}", BASE64URL_NOPAD.encode(head.as_bytes()));
            assert!(
                check(&ours, forged.as_bytes(), &app(), NOW).is_none(),
                "{alg}"
            );
        }
    }

    #[test]
    fn the_cookie_is_host_bound_http_only_and_lax() {
        let text = set_cookie("v".into(), true);
        assert_eq!(
            text,
            "__Host-anteroom=v; HttpOnly; SameSite=Lax; Secure; Path=/"
        );
        assert!(clear_cookie(true).contains("Max-Age=0"));
    }
}
