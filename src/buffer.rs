//! Where the parser stores what a chunk's end cuts: memory that grows, memory that was lent, or a caller's own.

use core::fmt;

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

/// Memory in which a [`Parser`](crate::Parser) stores what a chunk's end cuts.
///
/// [`HeapBuffer`] and [`SliceBuffer`] serve nearly everybody. To bring your own, such as a pool's page, implement these
/// five methods; the parser reads back exactly what it wrote.
///
/// ```
/// use llm_response::{Buffer, Event, Options, Parser};
///
/// /// A page of fixed size inside the parser itself.
/// struct Page {
///     bytes: [u8; 256],
///     len: usize,
/// }
///
/// impl Buffer for Page {
///     fn max_capacity(&self) -> usize {
///         self.bytes.len()
///     }
///     fn as_slice(&self) -> &[u8] {
///         &self.bytes[..self.len]
///     }
///     fn as_mut_slice(&mut self) -> &mut [u8] {
///         &mut self.bytes[..self.len]
///     }
///     fn append(&mut self, bytes: &[u8], _limit: usize) {
///         self.bytes[self.len..][..bytes.len()].copy_from_slice(bytes);
///         self.len += bytes.len();
///     }
///     fn truncate(&mut self, len: usize) {
///         self.len = self.len.min(len);
///     }
/// }
///
/// let mut parser = Parser::with_buffer(Page { bytes: [0; 256], len: 0 }, Options::new());
/// parser.push(b"data: cut he", |_| unreachable!())?;
/// parser.push(b"re\n\n", |event| {
///     let Event::Data(data) = event else { panic!() };
///     assert_eq!(data.as_bytes(), b"cut here");
/// })?;
/// # Ok::<(), llm_response::Error>(())
/// ```
pub trait Buffer {
    /// The most bytes that it can ever hold, which must not change. The parser lowers its limit to this and never appends
    /// past it.
    fn max_capacity(&self) -> usize;

    /// The bytes that are stored.
    fn as_slice(&self) -> &[u8];

    /// The bytes that are stored, to be moved within.
    fn as_mut_slice(&mut self) -> &mut [u8];

    /// Appends `bytes`. The length passes `limit`, in bytes, neither now nor before an `append` that gives another limit:
    /// to reserve more than that is waste.
    fn append(&mut self, bytes: &[u8], limit: usize);

    /// Keeps the first `len` bytes; does nothing where there are fewer.
    fn truncate(&mut self, len: usize);

    /// Gives memory back that is needed neither for the stored bytes nor to hold `capacity` bytes. Does nothing unless
    /// implemented.
    fn shrink_to(&mut self, capacity: usize) {
        let _ = capacity;
    }
}

/// Memory from the heap: none until a cut makes it necessary, and given back afterwards.
///
/// Without feature `alloc` the name exists, so that `Parser` has its default, and nobody can make one.
#[derive(Default)]
#[cfg(feature = "alloc")]
pub struct HeapBuffer {
    bytes: Vec<u8>,
}

#[cfg(feature = "alloc")]
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

#[cfg(feature = "alloc")]
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

#[cfg(feature = "alloc")]
impl fmt::Debug for HeapBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeapBuffer")
            .field("len", &self.bytes.len())
            .field("capacity", &self.bytes.capacity())
            .finish()
    }
}

/// Memory from the heap, which needs feature `alloc`: nobody can make one.
#[derive(Debug)]
#[cfg(not(feature = "alloc"))]
pub struct HeapBuffer {
    never: core::convert::Infallible,
}

#[cfg(not(feature = "alloc"))]
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

/// Memory that a caller lends: it never grows, and its size lowers [`Options::max_len`](crate::Options::max_len).
///
/// ```
/// use llm_response::{Options, Parser};
///
/// let mut memory = [0; 1024];
/// let mut parser = Parser::in_memory(&mut memory, Options::new());
/// # parser.push(b"", |_| {})?;
/// # Ok::<(), llm_response::Error>(())
/// ```
pub struct SliceBuffer<'m> {
    memory: &'m mut [u8],
    len: usize,
}

impl<'m> SliceBuffer<'m> {
    /// An empty buffer in `memory`, whose contents do not matter and are overwritten.
    pub const fn new(memory: &'m mut [u8]) -> Self {
        Self { memory, len: 0 }
    }
}

impl Buffer for SliceBuffer<'_> {
    #[inline]
    fn max_capacity(&self) -> usize {
        self.memory.len()
    }

    #[inline]
    fn as_slice(&self) -> &[u8] {
        &self.memory[..self.len]
    }

    #[inline]
    fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.memory[..self.len]
    }

    #[inline]
    fn append(&mut self, bytes: &[u8], _limit: usize) {
        self.memory[self.len..][..bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    #[inline]
    fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}

impl fmt::Debug for SliceBuffer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SliceBuffer")
            .field("len", &self.len)
            .field("capacity", &self.memory.len())
            .finish()
    }
}
