//! A person's passkey or security key, down to its bytes: it answers as WebAuthn level 3 says, or
//! wrongly in exactly one respect.
//!
//! Never talks to the gateway: a test takes the options from a page and posts the answer. Honest
//! keys by other hands are Chromium's virtual authenticators (`tests/browser`); this one is for
//! what no library would say.

use data_encoding::BASE64URL_NOPAD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use crate::browser::page::Page;

/// Somebody touched it.
pub const PRESENT: u8 = 0x01;
/// It made sure who.
pub const VERIFIED: u8 = 0x04;
/// It may be backed up.
pub const ELIGIBLE: u8 = 0x08;
/// It is backed up.
pub const BACKED_UP: u8 = 0x10;
const ATTESTED: u8 = 0x40;

/// What is wrong with an answer; nothing, by default.
#[derive(Clone, Debug, Default)]
pub struct Lie {
    pub kind: Option<&'static str>,
    pub challenge: Option<String>,
    pub origin: Option<String>,
    /// Further members of the client data.
    pub more: Option<Value>,
    pub rp_id: Option<&'static str>,
    pub flags: Option<u8>,
    pub count: Option<u32>,
    pub user_handle: Option<Vec<u8>>,
    pub id: Option<Vec<u8>>,
    /// An algorithm that nobody offered (EdDSA).
    pub other_algorithm: bool,
    /// One bit of the signature is turned.
    pub bent: bool,
}

/// A key with one credential.
pub struct SecurityKey {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    pub id: Vec<u8>,
    pub origin: String,
    pub flags: u8,
    pub count: u32,
    pub handle: Option<Vec<u8>>,
}

impl SecurityKey {
    /// Fresh from its box, used at this origin.
    pub fn new(origin: &str) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let sealed = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, sealed.as_ref(), &random).expect("a key");
        let id = digest(&SHA256, pair.public_key().as_ref())
            .as_ref()
            .to_vec();
        Self {
            pair,
            random,
            id,
            origin: origin.to_owned(),
            flags: PRESENT | VERIFIED,
            count: 0,
            handle: None,
        }
    }

    /// What a page asks, as its script reads it.
    pub fn asked(page: &Page) -> Option<Value> {
        serde_json::from_str(&page.attribute("data-options")?).ok()
    }

    /// Makes its credential.
    pub fn create(&mut self, options: &Value) -> String {
        self.create_but(options, &Lie::default())
    }

    /// The same, with a lie.
    pub fn create_but(&mut self, options: &Value, lie: &Lie) -> String {
        let user = options["user"]["id"].as_str().expect("a handle");
        self.handle = BASE64URL_NOPAD.decode(user.as_bytes()).ok();
        let id = lie.id.clone().unwrap_or_else(|| self.id.clone());
        let rp_id = options["rp"]["id"].as_str().expect("a relying party");
        let mut data = self.head(rp_id, ATTESTED, lie);
        data.extend([0; 16]);
        data.extend(u16::try_from(id.len()).expect("a length").to_be_bytes());
        data.extend(&id);
        data.extend(self.cose(lie));
        let length = u16::try_from(data.len()).expect("a length").to_be_bytes();
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(length);
        object.extend(data);
        let said = self.said("webauthn.create", options, lie);
        self.answer(
            &id,
            json!({
                "clientDataJSON": text(&said),
                "attestationObject": text(&object),
                "transports": ["usb"],
            }),
        )
    }

    /// Answers a challenge; its count goes up by one.
    pub fn sign(&mut self, options: &Value) -> String {
        self.count += 1;
        self.sign_but(options, &Lie::default())
    }

    /// The same, with a lie.
    pub fn sign_but(&self, options: &Value, lie: &Lie) -> String {
        let rp_id = options["rpId"].as_str().expect("a relying party");
        let data = self.head(rp_id, 0, lie);
        let said = self.said("webauthn.get", options, lie);
        let mut signed = data.clone();
        signed.extend(digest(&SHA256, &said).as_ref());
        let signature = self.pair.sign(&self.random, &signed).expect("a signature");
        let mut signature = signature.as_ref().to_vec();
        if lie.bent {
            *signature.last_mut().expect("a byte") ^= 1;
        }
        let handle = lie.user_handle.as_ref().or(self.handle.as_ref());
        let id = lie.id.clone().unwrap_or_else(|| self.id.clone());
        self.answer(
            &id,
            json!({
                "clientDataJSON": text(&said),
                "authenticatorData": text(&data),
                "signature": text(&signature),
                "userHandle": handle.map(|handle| text(handle)),
            }),
        )
    }

    fn head(&self, rp_id: &str, more: u8, lie: &Lie) -> Vec<u8> {
        let rp_id = lie.rp_id.unwrap_or(rp_id);
        let mut data = digest(&SHA256, rp_id.as_bytes()).as_ref().to_vec();
        data.push(lie.flags.unwrap_or(self.flags) | more);
        data.extend(lie.count.unwrap_or(self.count).to_be_bytes());
        data
    }

    /// The public key, as RFC 9053 writes it.
    fn cose(&self, lie: &Lie) -> Vec<u8> {
        let point = self.pair.public_key().as_ref();
        if lie.other_algorithm {
            let mut key = b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20".to_vec();
            key.extend(&point[1..33]);
            return key;
        }
        let mut key = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".to_vec();
        key.extend(&point[1..33]);
        key.extend(b"\x22\x58\x20");
        key.extend(&point[33..65]);
        key
    }

    fn said(&self, kind: &str, options: &Value, lie: &Lie) -> Vec<u8> {
        let challenge = options["challenge"].as_str().expect("a challenge");
        let mut said = json!({
            "type": lie.kind.unwrap_or(kind),
            "challenge": lie.challenge.as_deref().unwrap_or(challenge),
            "origin": lie.origin.as_deref().unwrap_or(&self.origin),
            "crossOrigin": false,
        });
        if let (Some(more), Some(said)) = (&lie.more, said.as_object_mut()) {
            said.extend(more.as_object().cloned().unwrap_or_default());
        }
        said.to_string().into_bytes()
    }

    fn answer(&self, id: &[u8], response: Value) -> String {
        let id = text(id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response }).to_string()
    }
}

fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}
