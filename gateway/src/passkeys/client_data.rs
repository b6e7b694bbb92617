//! What a browser says it was asked, and by which page: compared exactly.
//!
//! The library compares origins as addresses and looks at frames in one of the two ceremonies only;
//! these are few lines, so both are compared here, as they were written (W1, W3, W4). Never
//! verifies a signature.

use anteroom_core::passkey::Fault;
use data_encoding::BASE64URL_NOPAD;
use ring::digest;
use serde::Deserialize;
use serde_json::Value;

/// Which of the two ceremonies an answer is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ceremony {
    Register,
    Assert,
}

impl Ceremony {
    const fn name(self) -> &'static str {
        match self {
            Self::Register => "webauthn.create",
            Self::Assert => "webauthn.get",
        }
    }
}

/// The client data of WebAuthn section 5.8.1.
#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: Option<bool>,
    #[serde(default, rename = "topOrigin")]
    top_origin: Option<Value>,
}

/// The least of an answer that leads to its client data.
#[derive(Deserialize)]
struct AnyAnswer {
    response: AnyResponse,
}

#[derive(Deserialize)]
struct AnyResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
}

/// The SHA-256 of a challenge, by which it is kept.
pub(super) fn hashed(challenge: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, challenge).as_ref());
    hash
}

/// The hash of the challenge that an answer says it is for. `None` when it cannot be read.
#[must_use]
pub fn challenge_of(answer: &str) -> Option<[u8; 32]> {
    let answer: AnyAnswer = serde_json::from_str(answer).ok()?;
    let said = BASE64URL_NOPAD
        .decode(answer.response.client_data.as_bytes())
        .ok()?;
    let said: ClientData = serde_json::from_slice(&said).ok()?;
    let challenge = BASE64URL_NOPAD.decode(said.challenge.as_bytes()).ok()?;
    Some(hashed(&challenge))
}

/// Compares the client data with the ceremony and the origins that may ask.
pub(super) fn check(said: &[u8], ceremony: Ceremony, origins: &[String]) -> Result<(), Fault> {
    let said: ClientData = serde_json::from_slice(said).map_err(|_| Fault::Malformed)?;
    if said.kind != ceremony.name() {
        return Err(Fault::Type);
    }
    if !origins.contains(&said.origin) {
        return Err(Fault::Origin);
    }
    if said.cross_origin.unwrap_or(false) || said.top_origin.is_some_and(|top| !top.is_null()) {
        return Err(Fault::Framed);
    }
    Ok(())
}

/// The id stands there twice; both must be the same.
pub(super) fn names_itself(id: &str, raw_id: &[u8], kind: &str) -> Result<(), Fault> {
    if kind == "public-key" && id == BASE64URL_NOPAD.encode(raw_id) {
        Ok(())
    } else {
        Err(Fault::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(json: &str) -> Result<(), Fault> {
        let origins = ["https://emr.test".to_owned()];
        check(json.as_bytes(), Ceremony::Assert, &origins)
    }

    #[test]
    fn only_our_own_page_at_the_top_may_have_asked() {
        let said = |kind: &str, origin: &str, more: &str| {
            format!(r#"{{"type":"{kind}","challenge":"AA","origin":"{origin}"{more}}}"#)
        };
        let get = "webauthn.get";
        let here = "https://emr.test";
        assert_eq!(verdict(&said(get, here, "")), Ok(()));
        let no = r#","crossOrigin":false,"extra":1"#;
        assert_eq!(verdict(&said(get, here, no)), Ok(()));
        for (json, fault) in [
            (said("webauthn.create", here, ""), Fault::Type),
            (said(get, "https://bademr.test", ""), Fault::Origin),
            (said(get, "http://emr.test", ""), Fault::Origin),
            (said(get, "https://emr.test:444", ""), Fault::Origin),
            (said(get, "https://sub.emr.test", ""), Fault::Origin),
            (said(get, "https://emr.test/", ""), Fault::Origin),
            (said(get, here, r#","crossOrigin":true"#), Fault::Framed),
            (
                said(get, here, r#","topOrigin":"https://emr.test""#),
                Fault::Framed,
            ),
            (
                said(get, here, r#","origin":"https://emr.test""#),
                Fault::Malformed,
            ),
            ("null".to_owned(), Fault::Malformed),
        ] {
            assert_eq!(verdict(&json), Err(fault), "{json}");
        }
    }
}
