//! Storage on the heap.

use alloc::vec::Vec;
use core::fmt;

use super::Buffer;

/// Memory from the heap. It allocates nothing until an event is split over chunks, and frees the memory afterwards.
///
/// Without feature `alloc` the name still exists, as the default of `Parser`'s type parameter, but no value of it can be
/// made.
///
/// ```
/// use llm_response::{HeapBuffer, Options, Parser};
///
/// let parser = Parser::with_buffer(HeapBuffer::new(), Options::new()); // the same as `Parser::new()`
/// # let _ = parser;
/// ```
#[derive(Default)]
pub struct HeapBuffer {
    bytes: Vec<u8>,
}

impl HeapBuffer {
    /// The first allocation: most events of language models fit in it.
    const FIRST: usize = 512;

    /// Makes an empty buffer. Allocates nothing.
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Grows, then appends. The capacity at least doubles, so that time stays linear, and is never more than `limit`.
    #[cold]
    #[inline(never)]
    fn grow_and_append(&mut self, bytes: &[u8], limit: usize) {
        let needed = self.bytes.len() + bytes.len();
        let capacity = self.bytes.capacity().saturating_mul(2).max(Self::FIRST);
        let capacity = capacity.min(limit).max(needed);
        self.bytes.reserve_exact(capacity - self.bytes.len());
        self.bytes.extend_from_slice(bytes);
    }
}

impl HeapBuffer {
    /// A function of its own, so that the usual case, in which nothing is given back, is short.
    #[cold]
    #[inline(never)]
    fn give_back(&mut self, capacity: usize) {
        self.bytes.shrink_to(capacity);
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
        let room = self.bytes.capacity() - self.bytes.len();
        if bytes.len() <= room {
            self.bytes.extend_from_slice(bytes);
        } else {
            self.grow_and_append(bytes, limit);
        }
    }

    #[inline]
    fn append_if_fits(&mut self, bytes: &[u8]) -> bool {
        let fits = bytes.len() <= self.bytes.capacity() - self.bytes.len();
        match bytes {
            _ if !fits => {}
            // Inlined in every build: `extend_from_slice` is a call where nothing is inlined between codegen units.
            &[byte] => self.bytes.push(byte),
            _ => self.bytes.extend_from_slice(bytes),
        }
        fits
    }

    #[inline]
    fn truncate(&mut self, len: usize) {
        self.bytes.truncate(len);
    }

    #[inline]
    fn shrink_to(&mut self, capacity: usize) {
        if self.bytes.capacity() > capacity.max(self.bytes.len()) {
            self.give_back(capacity);
        }
    }

    fn take(&mut self) -> Option<Vec<u8>> {
        Some(core::mem::take(&mut self.bytes))
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
