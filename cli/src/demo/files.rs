//! Uploads and their download.
//!
//! An upload is counted and hashed while it streams; only a small one is kept, so that it can be
//! fetched again. No upload is ever whole in memory beyond that. Look next: `range`, `download`.

use std::collections::VecDeque;
use std::sync::Mutex;

use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use ring::digest;

use super::login::found;
use super::pages::{FilesPage, Shell, forbidden, message, page};
use super::session::SignedIn;
use super::{Ward, lock, range};

/// The largest request body taken: two gigabytes and a little for the form around the file.
pub(super) const UPLOAD_LIMIT: usize = 2 * 1024 * 1024 * 1024 + 64 * 1024;
/// Larger uploads are counted and forgotten.
const KEEP_UP_TO: usize = 1024 * 1024;
/// Entries in the list; the oldest goes first.
const KEPT_FILES: usize = 100;
/// A form token is 32 characters; nobody needs to send more.
const TOKEN_LIMIT: usize = 256;

/// One upload, as listed.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) length: u64,
    pub(super) sha256: String,
    /// The bytes, where there were few enough to keep.
    pub(super) content: Option<Bytes>,
}

/// All uploads still listed.
#[derive(Default)]
pub(super) struct Files(Mutex<(u64, VecDeque<Kept>)>);

impl Files {
    pub(super) fn list(&self) -> Vec<Kept> {
        lock(&self.0).1.iter().cloned().collect()
    }

    fn find(&self, id: &str) -> Option<Kept> {
        lock(&self.0)
            .1
            .iter()
            .find(|kept| kept.id.to_string() == id)
            .cloned()
    }

    fn add(&self, mut kept: Kept) -> u64 {
        let mut files = lock(&self.0);
        files.0 += 1;
        kept.id = files.0;
        if files.1.len() >= KEPT_FILES {
            files.1.pop_front();
        }
        files.1.push_back(kept);
        files.0
    }
}

/// `GET /files`.
pub(super) async fn list(State(ward): State<Ward>, SignedIn { visit, .. }: SignedIn) -> Response {
    page(&FilesPage {
        shell: Shell::of(&visit),
        files: ward.files.list(),
    })
}

/// `POST /files`: the token field first, then the file, as the form sends them.
pub(super) async fn upload(
    State(ward): State<Ward>,
    SignedIn { visit, .. }: SignedIn,
    mut form: Multipart,
) -> Response {
    let mut proven = false;
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return found("/files"),
            Err(problem) => return problem.into_response(),
        };
        match field.name() {
            Some("_token") => match read_token(field).await {
                Ok(token) => proven = token == visit.form_token,
                Err(problem) => return problem.into_response(),
            },
            Some("file") if proven => match receive(field).await {
                Ok(kept) => {
                    let id = ward.files.add(kept);
                    return found(&format!("/files#file-{id}"));
                }
                Err(problem) => return problem.into_response(),
            },
            Some("file") => return forbidden(&visit),
            _ => {}
        }
    }
}

async fn read_token(mut field: Field<'_>) -> Result<String, MultipartError> {
    let mut token = Vec::new();
    while let Some(piece) = field.chunk().await? {
        if token.len() + piece.len() <= TOKEN_LIMIT {
            token.extend_from_slice(&piece);
        }
    }
    Ok(String::from_utf8_lossy(&token).into_owned())
}

async fn receive(mut field: Field<'_>) -> Result<Kept, MultipartError> {
    let name = field
        .file_name()
        .unwrap_or("unnamed")
        .chars()
        .take(120)
        .collect();
    let mut hash = digest::Context::new(&digest::SHA256);
    let mut length = 0_u64;
    let mut content = Some(Vec::new());
    while let Some(piece) = field.chunk().await? {
        hash.update(&piece);
        length += piece.len() as u64;
        content = content.filter(|kept: &Vec<u8>| kept.len() + piece.len() <= KEEP_UP_TO);
        if let Some(kept) = &mut content {
            kept.extend_from_slice(&piece);
        }
    }
    let sha256 = HEXLOWER.encode(hash.finish().as_ref());
    Ok(Kept {
        id: 0,
        name,
        length,
        sha256,
        content: content.map(Bytes::from),
    })
}

/// `GET /files/{id}`.
pub(super) async fn download(
    State(ward): State<Ward>,
    SignedIn { visit, .. }: SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(kept) = ward.files.find(&id) else {
        return message(
            StatusCode::NOT_FOUND,
            &visit,
            "No such file",
            "It is not on the list.",
        );
    };
    let Some(content) = kept.content else {
        let text = "Wardbook keeps only files of up to one megabyte.";
        return message(StatusCode::GONE, &visit, "Not kept", text);
    };
    // The name is the uploader's: only plain characters may stand in a header.
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_. ".contains(letter);
    let name: String = kept.name.chars().filter(|&letter| plain(letter)).collect();
    let part = |start: u64, end: u64| {
        let cut = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(content.len());
        Body::from(content.slice(cut(start)..cut(end)))
    };
    let kind = [
        (CONTENT_TYPE, String::from("application/octet-stream")),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (kind, range::answer(&headers, kept.length, part)).into_response()
}
