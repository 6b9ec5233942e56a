//! The search for a line's end.

use memchr::memchr2;

/// Where the first LF or CR stands.
#[inline]
pub(crate) fn line_end(bytes: &[u8]) -> Option<usize> {
    if bytes.len() < 16 {
        return bytes.iter().position(|&byte| byte == b'\n' || byte == b'\r');
    }
    memchr2(b'\n', b'\r', bytes)
}
