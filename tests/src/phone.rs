//! A person's authenticator app: scans or types a secret once, then shows codes.
//! Never talks to the gateway and never uses its code: codes come from totp-rs and, where it is
//! installed, from `oathtool` as an independent second opinion. Time is the world's clock.

use std::process::Command;

use data_encoding::{BASE32_NOPAD, BASE64};
use totp_rs::{Builder, Secret, Totp};

use crate::browser::page::Page;
use crate::world::TestClock;

pub struct Phone {
    totp: Totp,
    secret: String,
}

impl Phone {
    /// From the text of a QR code. Strict, as apps are: a URI with too short a secret, an odd
    /// period or a broken label is refused.
    pub fn from_uri(uri: &str) -> Result<Self, String> {
        let totp = Totp::from_url(uri).map_err(|e| format!("{e}: {uri}"))?;
        let secret = query_value(uri, "secret").ok_or("no secret in the URI")?;
        Ok(Self {
            totp,
            secret: tidy(&secret),
        })
    }

    /// From a secret typed by hand: spaces and small letters are what people type.
    pub fn from_base32(secret: &str) -> Result<Self, String> {
        let secret = tidy(secret);
        let bytes = Secret::try_from_base32(&secret).map_err(|e| e.to_string())?;
        let totp = Builder::new()
            .with_secret(bytes)
            .with_account_name("typed")
            .build()
            .map_err(|e| e.to_string())?;
        Ok(Self { totp, secret })
    }

    /// From a picture, as the camera sees it.
    pub fn from_png(png: &[u8]) -> Result<Self, String> {
        Self::from_uri(&read_qr(png)?)
    }

    /// Scans the first QR code that a page shows inline.
    pub fn scan(page: &Page) -> Result<Self, String> {
        let pictures = page.pictures();
        let inline = pictures
            .iter()
            .filter_map(|p| p.strip_prefix("data:image/png;base64,"));
        let mut pngs = inline.filter_map(|text| BASE64.decode(text.as_bytes()).ok());
        let png = pngs
            .next()
            .ok_or_else(|| format!("no QR code on {}", page.describe()))?;
        Self::from_png(&png)
    }

    /// The code shown at this Unix time in seconds.
    pub fn code(&self, time: u64) -> String {
        self.totp.generate(time).to_string()
    }

    /// The code shown now.
    pub fn code_at(&self, clock: &TestClock) -> String {
        self.code(clock.now())
    }

    /// A code that is wrong for ten steps around this time, and has the right form.
    pub fn wrong_code(&self, time: u64) -> String {
        let step = self.totp.step();
        let near: Vec<String> = (0..=20)
            .map(|n| self.code((time + n * step).saturating_sub(10 * step)))
            .collect();
        let mut codes = (0..1_000_000_u32).map(|n| format!("{n:06}"));
        codes
            .find(|code| !near.contains(code))
            .expect("only 21 codes are taken")
    }

    /// The same code from another program; `None` if it is not installed.
    pub fn code_by_oathtool(&self, time: u64) -> Option<String> {
        let output = Command::new("oathtool")
            .args([
                "--totp=SHA1",
                "--base32",
                "--digits",
                &self.totp.digits().to_string(),
            ])
            .args(["--time-step-size", &format!("{}s", self.totp.step())])
            .args(["--now", &format!("@{time}"), &self.secret])
            .output()
            .ok()?;
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// The secret in base32, for canary searches.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    pub fn secret_bytes(&self) -> Vec<u8> {
        BASE32_NOPAD
            .decode(self.secret.as_bytes())
            .expect("it was base32 when it came")
    }

    pub fn account(&self) -> &str {
        self.totp.account_name()
    }

    pub fn issuer(&self) -> Option<&str> {
        self.totp.issuer()
    }
}

fn tidy(secret: &str) -> String {
    let kept = secret
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '='));
    kept.collect::<String>().to_ascii_uppercase()
}

fn query_value(uri: &str, name: &str) -> Option<String> {
    let pairs = uri.split_once('?')?.1.split('&');
    pairs
        .filter_map(|pair| pair.split_once('='))
        .find(|(n, _)| *n == name)
        .map(|(_, v)| v.into())
}

/// The text of the one QR code in a PNG picture.
pub fn read_qr(png: &[u8]) -> Result<String, String> {
    let picture = image::load_from_memory(png)
        .map_err(|e| e.to_string())?
        .into_luma8();
    let (width, height) = picture.dimensions();
    let dot = |x: usize, y: usize| picture.get_pixel(x as u32, y as u32).0[0];
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, dot);
    let grids = prepared.detect_grids();
    let [grid] = grids.as_slice() else {
        return Err(format!(
            "{} QR codes in a picture of {width}x{height}",
            grids.len()
        ));
    };
    grid.decode()
        .map(|(_, text)| text)
        .map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;
    use crate::browser::url::Url;

    // RFC 6238 appendix B: the SHA-1 seed, and the last six of its eight digits.
    const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    const VECTORS: [(u64, &str); 4] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_234_567_890, "005924"),
        (20_000_000_000, "353130"),
    ];

    #[test]
    fn codes_are_those_of_the_standard_and_of_oathtool() {
        let phone = Phone::from_base32("gezd gnbv gy3t qojq gezd gnbv gy3t qojq").unwrap();
        for (time, code) in VECTORS {
            assert_eq!(phone.code(time), code);
            if let Some(second) = phone.code_by_oathtool(time) {
                assert_eq!(second, code, "oathtool");
            }
        }
        assert_eq!(phone.secret_bytes(), b"12345678901234567890");
        assert_ne!(phone.wrong_code(59), phone.code(59));
    }

    #[test]
    fn a_picture_on_a_page_is_scanned_and_gives_the_same_codes() {
        let secret = Secret::try_from_base32(SEED).unwrap();
        let totp = Builder::new()
            .with_secret(secret)
            .with_account_name("alice")
            .with_issuer(Some("Ward 4"))
            .build()
            .unwrap();
        let png = BASE64.encode(&totp.to_qr_png().unwrap());
        let html = format!("<p>Scan</p><img alt=QR src=\"data:image/png;base64,{png}\">");
        let answer = Answer {
            status: 200,
            body: html.into_bytes(),
            ..Answer::default()
        };
        let url = Url::parse("https://emr.test/.anteroom/enrol").unwrap();
        let phone = Phone::scan(&Page::new(url, "GET", answer)).unwrap();
        assert_eq!((phone.account(), phone.issuer()), ("alice", Some("Ward 4")));
        assert_eq!(phone.code(59), "287082");
        assert_eq!(phone.secret(), SEED);
    }

    #[test]
    fn what_an_app_would_refuse_is_refused() {
        for uri in [
            "otpauth://totp/a:b?issuer=a&secret=GEZDGNBV",
            "otpauth://hotp/a:b?issuer=a&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            "https://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
        ] {
            assert!(Phone::from_uri(uri).is_err(), "{uri}");
        }
        assert!(Phone::from_base32("not base 32!").is_err());
        assert!(read_qr(b"no picture").is_err());
    }
}
