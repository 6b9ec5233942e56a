//! What `HeapBuffer` is without feature `alloc`: a name, so that `Parser` has its default.

use super::Buffer;

/// Memory from the heap. It needs feature `alloc`: without that no value of it can be made.
#[derive(Debug)]
pub struct HeapBuffer {
    never: core::convert::Infallible,
}

impl Buffer for HeapBuffer {
    fn max_capacity(&self) -> usize {
        match self.never {}
    }

    fn as_slice(&self) -> &[u8] {
        match self.never {}
    }

    fn as_mut_slice(&mut self) -> &mut [u8] {
        match self.never {}
    }

    fn append(&mut self, _bytes: &[u8], _limit: usize) {
        match self.never {}
    }

    fn truncate(&mut self, _len: usize) {
        match self.never {}
    }
}
