//! HTTP/2 frames: nine bytes of head and a payload (RFC 9113 section 4.1).
//! Never refuses a frame for its kind, flags or size; that is for the server under test to do.
//! Used by `h2raw`.

use bytes::{Buf, BytesMut};

/// Frame kinds, RFC 9113 section 6.
pub mod kind {
    pub const DATA: u8 = 0;
    pub const HEADERS: u8 = 1;
    pub const PRIORITY: u8 = 2;
    pub const RST_STREAM: u8 = 3;
    pub const SETTINGS: u8 = 4;
    pub const PUSH_PROMISE: u8 = 5;
    pub const PING: u8 = 6;
    pub const GOAWAY: u8 = 7;
    pub const WINDOW_UPDATE: u8 = 8;
    pub const CONTINUATION: u8 = 9;
}

pub mod flag {
    pub const ACK: u8 = 0x1;
    pub const END_STREAM: u8 = 0x1;
    pub const END_HEADERS: u8 = 0x4;
    pub const PADDED: u8 = 0x8;
    pub const PRIORITY: u8 = 0x20;
}

const HEAD: usize = 9;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

impl Frame {
    pub fn new(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Self {
        Self {
            kind,
            flags,
            stream,
            payload: payload.to_vec(),
        }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let length = u32::try_from(self.payload.len()).expect("no test sends 4 GB");
        let mut bytes = length.to_be_bytes()[1..].to_vec();
        bytes.extend([self.kind, self.flags]);
        bytes.extend(self.stream.to_be_bytes());
        bytes.extend(&self.payload);
        bytes
    }

    /// Takes a frame off the front once it is all there.
    pub fn take(buf: &mut BytesMut) -> Option<Self> {
        let head = buf.get(..HEAD)?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let (kind, flags) = (head[3], head[4]);
        // The top bit is reserved.
        let stream = u32::from_be_bytes([head[5] & 0x7f, head[6], head[7], head[8]]);
        if buf.len() < HEAD + length {
            return None;
        }
        buf.advance(HEAD);
        let payload = buf.split_to(length).to_vec();
        Some(Self {
            kind,
            flags,
            stream,
            payload,
        })
    }

    /// The payload of DATA or HEADERS without padding and priority fields.
    pub fn unpadded(&self) -> &[u8] {
        let mut rest = self.payload.as_slice();
        if self.flags & flag::PADDED != 0 && matches!(self.kind, kind::DATA | kind::HEADERS) {
            let pad = rest.first().copied().map_or(0, usize::from);
            rest = rest
                .get(1..rest.len().saturating_sub(pad))
                .unwrap_or_default();
        }
        if self.flags & flag::PRIORITY != 0 && self.kind == kind::HEADERS {
            rest = rest.get(5..).unwrap_or_default();
        }
        rest
    }

    /// The error code at this place: 0 in RST_STREAM, 4 in GOAWAY.
    pub fn code_at(&self, at: usize) -> u32 {
        let bytes = self.payload.get(at..at + 4).and_then(|b| b.try_into().ok());
        bytes.map_or(u32::MAX, u32::from_be_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_survives_the_wire_in_pieces() {
        let frame = Frame::new(kind::HEADERS, flag::END_HEADERS, 5, b"abc");
        let mut wire = BytesMut::new();
        for byte in frame.to_bytes() {
            assert_eq!(Frame::take(&mut wire), None);
            wire.extend_from_slice(&[byte]);
        }
        assert_eq!(Frame::take(&mut wire), Some(frame));
    }

    #[test]
    fn padding_and_priority_are_not_content() {
        let flags = flag::PADDED | flag::PRIORITY;
        let frame = Frame::new(kind::HEADERS, flags, 1, b"\x02\0\0\0\0\0HP..");
        assert_eq!(frame.unpadded(), b"HP");
    }
}
