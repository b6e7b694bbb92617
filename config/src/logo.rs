//! The logo of a clinic: read whole, and known to be a picture that browsers show.
//!
//! PNG and JPEG only, because an SVG can hold scripts; what the file is, its first bytes say and
//! not its name. Never changes a picture. Served by `gateway/src/pages/brand.rs`.

use std::path::{Path, PathBuf};

use imagesize::ImageType;
use thiserror::Error;

/// Enough for a sign at twice its size; it is held in memory and sent to every phone.
const AT_MOST: u64 = 100 * 1024;
/// In dots, each way: more is a photograph.
const LONGEST_SIDE: usize = 2000;

/// A picture that can be served.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo {
    /// The file as it is.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub kind: &'static str,
    /// In dots.
    pub width: usize,
    /// In dots.
    pub height: usize,
}

/// Why a file is no logo.
#[derive(Debug, Error)]
pub enum LogoProblem {
    /// It cannot be read.
    #[error("{}: cannot be read ({error})", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is too large to be sent with every page.
    #[error("{}: has {bytes} bytes; allowed: {AT_MOST}. Save it smaller", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How large it is.
        bytes: u64,
    },
    /// It is something else, or broken.
    #[error("{}: is neither a PNG nor a JPEG picture", path.display())]
    NoPicture {
        /// The file.
        path: PathBuf,
    },
    /// It has too many dots.
    #[error("{}: is {width} by {height} dots; allowed: {LONGEST_SIDE} each way", path.display())]
    TooManyDots {
        /// The file.
        path: PathBuf,
        /// In dots.
        width: usize,
        /// In dots.
        height: usize,
    },
}

/// Reads a logo.
///
/// # Errors
/// Says what is wrong with the file.
pub fn read(path: &Path) -> Result<Logo, LogoProblem> {
    let at = || path.to_owned();
    let io = |error| LogoProblem::Io { path: at(), error };
    // Asked before it is read: a wrong path may be a disk.
    let bytes = std::fs::metadata(path).map_err(io)?.len();
    if bytes > AT_MOST {
        return Err(LogoProblem::TooLarge { path: at(), bytes });
    }
    let bytes = std::fs::read(path).map_err(io)?;
    let kind = match imagesize::image_type(&bytes) {
        Ok(ImageType::Png) => "image/png",
        Ok(ImageType::Jpeg) => "image/jpeg",
        _ => return Err(LogoProblem::NoPicture { path: at() }),
    };
    let Ok(size) = imagesize::blob_size(&bytes) else {
        return Err(LogoProblem::NoPicture { path: at() });
    };
    let (width, height) = (size.width, size.height);
    if !(1..=LONGEST_SIDE).contains(&width) || !(1..=LONGEST_SIDE).contains(&height) {
        let path = at();
        return Err(LogoProblem::TooManyDots {
            path,
            width,
            height,
        });
    }
    Ok(Logo {
        bytes,
        kind,
        width,
        height,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PNG as far as its first chunk, which is all that says how large it is.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
        bytes
    }

    fn of(bytes: &[u8]) -> Result<Logo, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logo.png");
        std::fs::write(&path, bytes).unwrap();
        read(&path).map_err(|problem| problem.to_string())
    }

    #[test]
    fn a_picture_is_known_by_its_bytes() {
        let logo = of(&png(320, 80)).unwrap();
        assert_eq!((logo.kind, logo.width, logo.height), ("image/png", 320, 80));
        for bad in [
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>".as_slice(),
            b"<!doctype html><script>alert(1)</script>",
            b"GIF89a\x01\0\x01\0\0\0\0",
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff",
            b"",
        ] {
            let said = of(bad).err().unwrap();
            assert!(said.ends_with("neither a PNG nor a JPEG picture"), "{said}");
        }
    }

    #[test]
    fn what_is_too_large_says_so() {
        let mut heavy = png(320, 80);
        heavy.resize(102_401, 0);
        let said = of(&heavy).err().unwrap();
        assert!(said.contains("102401 bytes; allowed: 102400"), "{said}");
        let said = of(&png(4000, 80)).err().unwrap();
        assert!(said.contains("4000 by 80 dots"), "{said}");
        let said = read(Path::new("/no/such.png")).err().unwrap().to_string();
        assert!(said.starts_with("/no/such.png: cannot be read"), "{said}");
    }
}
