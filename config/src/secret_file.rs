//! Files that hold one secret: the password of the mail server, the secret of the webhook.
//!
//! Held to the same rules as the key file ([`crate::keys`]): nobody but its owner and root may have
//! read, changed or replaced it. Never makes one, and never shows what is in it.

use zeroize::Zeroizing;

use crate::keys::{KeyFault, KeyProblem, read_text};
use crate::settings::SecretPath;

/// Reads the secret: the file's one line, without the line break at its end.
///
/// # Errors
/// When it is missing, empty, of several lines, or must not be trusted.
pub fn read(secret: &SecretPath) -> Result<Zeroizing<String>, KeyProblem> {
    let blame = |fault| KeyProblem {
        path: secret.path.clone(),
        fault,
    };
    let text = read_text(&secret.path, secret.is_credential).map_err(blame)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() || line.chars().any(char::is_control) {
        return Err(blame(KeyFault::NotOneLine));
    }
    Ok(Zeroizing::new(line.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn file(text: &str, mode: u32) -> (tempfile::TempDir, SecretPath) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let is_credential = false;
        (
            dir,
            SecretPath {
                path,
                is_credential,
            },
        )
    }

    #[test]
    fn a_secret_is_one_line_of_a_file_that_only_its_owner_reads() {
        let (_dir, secret) = file("correct horse\n", 0o600);
        assert_eq!(read(&secret).unwrap().as_str(), "correct horse");
        for (text, mode, says) in [
            ("horse", 0o644, "has mode 0644"),
            ("", 0o600, "is not one line"),
            ("\n", 0o600, "is not one line"),
            ("one\ntwo\n", 0o600, "is not one line"),
        ] {
            let (_dir, secret) = file(text, mode);
            let said = read(&secret).unwrap_err().to_string();
            assert!(said.contains(says) && !said.contains("horse"), "{said}");
        }
    }
}
