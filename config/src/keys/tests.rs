//! When a key file is made, believed and refused (attacks G08 and G10).
//!
//! Random bytes come from a fixed sequence, files from a folder that is thrown away.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;

use super::*;

/// SplitMix64 from `seed`: looks random, is always the same.
fn entropy(seed: u64) -> Entropy {
    let state = AtomicU64::new(seed);
    Arc::new(move |bytes: &mut [u8]| {
        for byte in bytes {
            let step = state.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            let mixed = (step ^ (step >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = (mixed ^ (mixed >> 27)).to_le_bytes()[7];
        }
    })
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).expect("mode");
    folder
}

/// A good key file with this mode.
fn file(folder: &TempDir, mode: u32) -> PathBuf {
    let path = folder.path().join("anteroom.key");
    fs::write(&path, new_text(&entropy(7)).as_str()).expect("written");
    fs::set_permissions(&path, Permissions::from_mode(mode)).expect("mode");
    path
}

fn refusal(path: &Path) -> String {
    load_or_create(path, &entropy(1))
        .expect_err("refused")
        .to_string()
}

fn fault(text: &str) -> String {
    parse(text).expect_err("refused").to_string()
}

/// A line whose key is `bytes`.
fn line(id: &str, bytes: [u8; KEY_BYTES]) -> String {
    format!("{id} {}\n", BASE64URL_NOPAD.encode(&bytes))
}

fn random_line(id: &str, seed: u64) -> String {
    let mut key = [0; KEY_BYTES];
    entropy(seed)(&mut key);
    line(id, key)
}

#[test]
fn the_first_start_makes_a_file_for_its_owner_only_and_the_second_reads_it() {
    let folder = folder();
    let path = folder.path().join("anteroom.key");
    let made = load_or_create(&path, &entropy(1)).expect("made");
    let stored = fs::metadata(&path).expect("there");
    assert_eq!(stored.mode() & 0o7777, 0o600);
    assert_eq!(made.keys.len(), 1);
    assert_eq!(made.current, made.keys[0].0);
    assert_eq!(load_or_create(&path, &entropy(2)).expect("read"), made);
    let left: Vec<_> = fs::read_dir(folder.path()).expect("listed").collect();
    assert_eq!(left.len(), 1, "nothing unfinished is left behind");
}

#[test]
fn twenty_first_starts_at_once_agree_on_one_key() {
    let folder = folder();
    let path = folder.path().join("anteroom.key");
    let rings: Vec<KeyRing> = std::thread::scope(|scope| {
        let start = |seed| {
            let path = &path;
            scope.spawn(move || load_or_create(path, &entropy(seed)).expect("a key"))
        };
        let running: Vec<_> = (1..=20).map(|seed| start(seed * 1_000_003)).collect();
        running
            .into_iter()
            .map(|thread| thread.join().expect("done"))
            .collect()
    });
    assert!(rings.iter().all(|ring| *ring == rings[0]));
}

#[test]
fn a_file_that_others_can_read_or_change_is_refused() {
    for mode in [0o644, 0o640, 0o604, 0o620, 0o602, 0o660, 0o700] {
        let folder = folder();
        let path = file(&folder, mode);
        let said = refusal(&path);
        assert!(said.contains(&format!("has mode {mode:04o}")), "{said}");
    }
    for mode in [0o600, 0o400] {
        let folder = folder();
        let path = file(&folder, mode);
        // Only root can read a 0400 file of root's, and its owner; both are us.
        assert!(load_or_create(&path, &entropy(1)).is_ok(), "{mode:o}");
    }
}

#[test]
fn a_folder_where_others_can_replace_the_file_is_refused() {
    for (mode, refused) in [
        (0o777, true),
        (0o770, true),
        (0o1777, false),
        (0o755, false),
    ] {
        let folder = folder();
        let path = file(&folder, 0o600);
        fs::set_permissions(folder.path(), Permissions::from_mode(mode)).expect("mode");
        assert_eq!(
            load_or_create(&path, &entropy(1)).is_err(),
            refused,
            "{mode:o}"
        );
    }
}

#[test]
fn no_key_is_made_where_others_could_replace_it() {
    let folder = folder();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).expect("mode");
    let path = folder.path().join("anteroom.key");
    assert!(refusal(&path).contains("stands in a folder with mode 0777"));
    assert!(!path.exists());
}

#[test]
fn a_link_a_folder_and_a_missing_folder_are_refused() {
    let folder = folder();
    let path = file(&folder, 0o600);
    let link = folder.path().join("link.key");
    symlink(&path, &link).expect("linked");
    assert!(refusal(&link).ends_with("is a symbolic link; name the file itself"));
    let nowhere = folder.path().join("dangling.key");
    symlink(folder.path().join("nothing"), &nowhere).expect("linked");
    assert!(refusal(&nowhere).ends_with("is a symbolic link; name the file itself"));
    assert!(refusal(folder.path()).ends_with("is not a regular file"));
    assert!(refusal(&folder.path().join("no/folder/a.key")).contains("cannot be read or made"));
}

#[test]
fn a_file_of_somebody_else_is_refused_unless_we_are_root() {
    let folder = folder();
    let path = file(&folder, 0o600);
    let metadata = |path| fs::metadata(path).expect("there");
    let (stored, above) = (metadata(path.as_path()), metadata(folder.path()));
    let judge = |process| file::judge(&stored, &above, Some(process), false);
    assert!(matches!(
        judge(stored.uid() + 1),
        Err(KeyFault::Owner { .. })
    ));
    assert!(judge(stored.uid()).is_ok());
    assert!(judge(0).is_ok());
}

#[test]
fn a_credential_may_be_group_readable_but_never_for_all() {
    let folder = folder();
    let path = file(&folder, 0o440);
    let (stored, above) = (
        fs::metadata(&path).expect("there"),
        fs::metadata(folder.path()).expect("there"),
    );
    if stored.uid() == 0 {
        assert!(file::judge(&stored, &above, Some(0), true).is_ok());
    }
    assert!(file::judge(&stored, &above, Some(stored.uid()), false).is_err());
    fs::set_permissions(&path, Permissions::from_mode(0o444)).expect("mode");
    assert!(load_credential(&path).is_err());
}

#[test]
fn a_credential_is_never_made() {
    let folder = folder();
    let path = folder.path().join("keys");
    let said = load_credential(&path).expect_err("refused").to_string();
    assert!(
        said.ends_with("was not handed over; check LoadCredential= in the unit"),
        "{said}"
    );
    assert!(!path.exists());
}

#[test]
fn the_first_line_is_current_and_the_others_still_open() {
    let text = format!(
        "# 2031\n{}\n\n  # 2030\n{}",
        random_line("new", 5),
        random_line("old", 6)
    );
    let ring = parse(&text).expect("good");
    assert_eq!(ring.current, "new");
    assert_eq!(
        ring.keys
            .iter()
            .map(|(id, _)| id.as_str())
            .collect::<Vec<_>>(),
        ["new", "old"]
    );
}

#[test]
fn malformed_files_are_refused_with_the_line() {
    let malformed = "not an id (a-z, 0-9, -) and 43 letters of base64url";
    let good = random_line("k1", 9);
    let short = format!("{good}k2 {}", BASE64URL_NOPAD.encode(&[7; 8]));
    for (text, said) in [
        (
            "",
            "holds no key; remove it and a new one is made, unless a store already needs it".into(),
        ),
        (
            "# only words\n",
            "holds no key; remove it and a new one is made, unless a store already needs it".into(),
        ),
        ("k1", format!("line 1: {malformed}")),
        ("k1 AAAA", format!("line 1: {malformed}")),
        (short.as_str(), format!("line 2: {malformed}")),
        (&good.replace("k1", "K 1"), format!("line 1: {malformed}")),
        (&good.replace('\n', " more"), format!("line 1: {malformed}")),
        (&good.replace('\n', "="), format!("line 1: {malformed}")),
    ] {
        assert_eq!(fault(text), said, "{text}");
    }
}

#[test]
fn keys_that_can_be_guessed_are_refused() {
    let counting: [u8; KEY_BYTES] = std::array::from_fn(|index| (index * 3) as u8);
    let phrase = *b"correct horse battery staple 12!";
    let pattern = "ChangeMe1-ChangeMe1-ChangeMe1-ChangeMe1-ChA";
    for (text, why) in [
        ("k1 changeme".to_owned(), "a sample value"),
        ("example 0000".to_owned(), "a sample value"),
        (
            format!("k1 {}", strength::DOCUMENTED[0]),
            "a key that is printed in documents",
        ),
        (
            format!("k1 {}", strength::DOCUMENTED[1]),
            "a key that is printed in documents",
        ),
        (line("k1", [0; KEY_BYTES]), "a piece that repeats"),
        (line("k1", [0xa5; KEY_BYTES]), "a piece that repeats"),
        (format!("k1 {pattern}"), "a piece that repeats"),
        (
            "k1 thequickbrownfoxjumpsoverthelazydogandrunsc".to_owned(),
            "letters that were typed",
        ),
        (line("k1", counting), "bytes that count"),
        (line("k1", phrase), "letters instead of random bytes"),
    ] {
        let said = format!("line 1: {why}; a key is 32 random bytes, as base64url");
        assert_eq!(fault(&text), said, "{text}");
    }
    let few: [u8; KEY_BYTES] =
        std::array::from_fn(|index| [3, 250, 17, 99, 0, 1][(index * index) % 6]);
    assert!(parse(&line("k1", few)).is_err());
}

#[test]
fn one_key_under_two_ids_and_two_keys_under_one_id_are_refused() {
    let (one, other) = (random_line("k1", 3), random_line("k2", 3));
    assert_eq!(
        fault(&format!("{one}{other}")),
        "line 2: the same key as on line 1"
    );
    let (one, other) = (random_line("k1", 3), random_line("k1", 4));
    assert_eq!(
        fault(&format!("{one}\n{other}")),
        "line 3: the same id as on line 1"
    );
}

#[test]
fn new_keys_pass_their_own_test() {
    for seed in 0..2_000 {
        assert!(parse(&new_text(&entropy(seed << 20))).is_ok(), "{seed}");
    }
}

#[test]
fn no_word_about_a_key_holds_the_key() {
    let secret = random_line("k1", 3);
    let encoded = secret.split(' ').nth(1).expect("a key").trim();
    let ring = parse(&secret).expect("good");
    assert_eq!(
        format!("{ring:?}"),
        "KeyRing { current: \"k1\", ids: [\"k1\"] }"
    );
    let twice = parse(&format!("{secret}{}", random_line("k2", 3))).expect_err("refused");
    assert!(!format!("{twice:?} {twice}").contains(encoded));
}
