//! Nothing in the repository names a folder of somebody's machine.
//!
//! Such a path works on one computer and tells strangers about it. The needles are put together
//! here so that this file does not find itself.

use super::source::Source;
use super::{expect_none, expect_one, source};

const FOLDERS: [&str; 2] = [concat!("/", "work/"), concat!("/", "root/")];

fn check(source: &Source) -> Vec<String> {
    let mut complaints = Vec::new();
    for (number, line) in source.text.lines().enumerate() {
        for folder in FOLDERS {
            // A folder of that name deeper down, or in an address, is not at a machine's root.
            let at_root = |(at, _): (usize, &str)| {
                let before = line[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || "._-}*".contains(c))
            };
            if line.match_indices(folder).any(at_root) {
                complaints.push(format!(
                    "{}:{}: names `{folder}`, a folder of one machine. Use a path from the root \
                     of the repository, or a setting.",
                    source.path,
                    number + 1
                ));
            }
        }
    }
    complaints
}

#[test]
fn no_file_names_a_folder_of_one_machine() {
    let complaints: Vec<_> = source::files().iter().flat_map(check).collect();
    expect_none(&complaints);
}

#[test]
fn machine_paths_are_complained_about() {
    let check = |text: String| {
        check(&Source {
            path: "a.md".into(),
            text,
        })
    };
    for folder in FOLDERS {
        expect_one(
            &check(format!("see {folder}notes")),
            "a folder of one machine",
        );
        expect_none(&check(format!("see docs{folder}notes")));
    }
}
