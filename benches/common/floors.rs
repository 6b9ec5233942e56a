//! Loops that do less than any parser can.

use std::hint::black_box;

use super::{drive::Push, workloads::Counts};

/// The least that a parser of lines can do: finds all line ends and hands out what lies between. It puts no cut line
/// together: of such it hands out the last piece.
pub(crate) struct LineLoop {
    after_cr: bool,
}

impl Push for LineLoop {
    fn new() -> Self {
        Self { after_cr: false }
    }

    fn begin(&mut self, chunk: &[u8], counts: &mut Counts) {
        self.take(chunk, counts);
    }

    fn take(&mut self, mut chunk: &[u8], counts: &mut Counts) {
        let ends_in_cr = chunk.last() == Some(&b'\r');
        if self.after_cr && chunk.first() == Some(&b'\n') {
            chunk = &chunk[1..];
        }
        self.after_cr = ends_in_cr;
        while let Some(end) = memchr::memchr2(b'\r', b'\n', chunk) {
            counts.line(&chunk[..end]);
            let is_crlf = chunk[end] == b'\r' && chunk.get(end + 1) == Some(&b'\n');
            chunk = &chunk[end + 1 + usize::from(is_crlf)..];
        }
        counts.line_bytes += chunk.len() as u64;
    }
}

/// The least that anyone can do who keeps the bytes.
pub(crate) struct CopyOnly {
    buffer: Vec<u8>,
}

impl Push for CopyOnly {
    fn new() -> Self {
        Self { buffer: Vec::new() }
    }

    fn begin(&mut self, chunk: &[u8], counts: &mut Counts) {
        self.take(chunk, counts);
    }

    fn take(&mut self, chunk: &[u8], counts: &mut Counts) {
        self.buffer.clear();
        self.buffer.extend_from_slice(chunk);
        counts.bytes += black_box(&self.buffer[..]).len() as u64;
    }
}

/// The least that anyone can do who hands out events of about `LEN` bytes in one piece, whatever cut them: copies all
/// bytes to one place after the other, and begins anew after so many.
pub(crate) struct Join<const LEN: usize> {
    buffer: Vec<u8>,
}

impl<const LEN: usize> Push for Join<LEN> {
    fn new() -> Self {
        Self { buffer: Vec::new() }
    }

    fn begin(&mut self, chunk: &[u8], counts: &mut Counts) {
        self.take(chunk, counts);
    }

    fn take(&mut self, chunk: &[u8], counts: &mut Counts) {
        if self.buffer.len() >= LEN {
            self.buffer.clear();
        }
        self.buffer.extend_from_slice(chunk);
        black_box(&self.buffer[..]);
        counts.bytes += chunk.len() as u64;
    }
}
