//! Storage on the heap.

use alloc::vec::Vec;
use core::fmt;

use crate::Buffer;

/// Memory from the heap: none until a cut makes it necessary, and given back afterwards.
///
/// Without feature `alloc` the name exists, so that `Parser` has its default, and nobody can make one.
#[derive(Default)]
pub struct HeapBuffer {
    bytes: Vec<u8>,
}

impl HeapBuffer {
    /// The first allocation: most events of language models fit in it.
    const FIRST: usize = 512;

    /// An empty buffer. Allocates nothing.
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Room for `additional` more bytes: at least twice as much as before, so that time stays linear, and never more
    /// than `limit`.
    #[cold]
    fn grow(&mut self, additional: usize, limit: usize) {
        let needed = self.bytes.len() + additional;
        let capacity = self.bytes.capacity().saturating_mul(2).max(Self::FIRST);
        let capacity = capacity.min(limit).max(needed);
        self.bytes.reserve_exact(capacity - self.bytes.len());
    }
}

impl Buffer for HeapBuffer {
    #[inline]
    fn max_capacity(&self) -> usize {
        usize::MAX
    }

    #[inline]
    fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    #[inline]
    fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    #[inline]
    fn append(&mut self, bytes: &[u8], limit: usize) {
        if self.bytes.capacity() - self.bytes.len() < bytes.len() {
            self.grow(bytes.len(), limit);
        }
        match *bytes {
            [byte] => self.bytes.push(byte), // without the call of a copy that may have any length
            _ => self.bytes.extend_from_slice(bytes),
        }
    }

    #[inline]
    fn truncate(&mut self, len: usize) {
        self.bytes.truncate(len);
    }

    #[inline]
    fn shrink_to(&mut self, capacity: usize) {
        if self.bytes.capacity() > capacity.max(self.bytes.len()) {
            self.bytes.shrink_to(capacity);
        }
    }
}

impl fmt::Debug for HeapBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeapBuffer")
            .field("len", &self.bytes.len())
            .field("capacity", &self.bytes.capacity())
            .finish()
    }
}
