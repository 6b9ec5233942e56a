//! Memory for the beginning of an event that is split over chunks: the heap, a slice, or a buffer of the caller's own.

use core::fmt;

/// Memory in which a [`Parser`](crate::Parser) stores the beginning of an event that is split over chunks.
///
/// [`HeapBuffer`](crate::HeapBuffer) and [`SliceBuffer`] are enough for nearly every program. For memory of your own, such as a page
/// of a pool, implement the five methods that have no default. The parser reads back exactly what it wrote.
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
/// parser.push(b"data: split he", |_| unreachable!())?;
/// parser.push(b"re\n\n", |event| {
///     let Event::Data(data) = event else { panic!() };
///     assert_eq!(data.as_bytes(), b"split here");
/// })?;
/// # Ok::<(), llm_response::Error>(())
/// ```
pub trait Buffer {
    /// The number of bytes that it can hold at most. It must not change. The parser lowers its limit to this number and never
    /// appends more.
    fn max_capacity(&self) -> usize;

    /// The stored bytes.
    fn as_slice(&self) -> &[u8];

    /// The stored bytes. The parser moves bytes within them.
    fn as_mut_slice(&mut self) -> &mut [u8];

    /// Appends `bytes`. The length will not exceed `limit` bytes until an `append` with another limit, so there is no need to
    /// reserve more.
    fn append(&mut self, bytes: &[u8], limit: usize);

    /// Keeps the first `len` bytes. Does nothing if there are fewer.
    fn truncate(&mut self, len: usize);

    /// Appends `bytes` if that needs no more memory, and returns whether it did. The default returns `false`, and the parser
    /// then calls [`append`](Buffer::append), which takes a few steps more for a short piece of an event.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// use llm_response::{Buffer, HeapBuffer};
    ///
    /// let mut buffer = HeapBuffer::new();
    /// assert!(!buffer.append_if_fits(b"data")); // it has no memory yet
    /// buffer.append(b"data", 1024);
    /// assert!(buffer.append_if_fits(b": {}"));
    /// assert_eq!(buffer.as_slice(), b"data: {}");
    /// ```
    #[inline]
    fn append_if_fits(&mut self, bytes: &[u8]) -> bool {
        let _ = bytes;
        false
    }

    /// Frees memory that is needed neither for the stored bytes nor to hold `capacity` bytes. The default does nothing.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// use llm_response::{Buffer, HeapBuffer};
    ///
    /// let mut buffer = HeapBuffer::new();
    /// buffer.append(&[0; 5000], 16 * 1024);
    /// buffer.truncate(10);
    /// buffer.shrink_to(512); // of the 5,000 bytes, at most 512 stay
    /// assert_eq!(buffer.as_slice().len(), 10);
    /// ```
    fn shrink_to(&mut self, capacity: usize) {
        let _ = capacity;
    }

    /// Hands over the stored bytes together with their memory, and is empty afterwards. The default gives `None`, for memory
    /// that is not from the heap, or that the buffer keeps.
    ///
    /// ```
    /// use llm_response::{Buffer, HeapBuffer, SliceBuffer};
    ///
    /// let mut buffer = HeapBuffer::new();
    /// buffer.append(b"data", 1024);
    /// assert_eq!(buffer.take().as_deref(), Some(&b"data"[..]));
    /// assert!(buffer.as_slice().is_empty());
    ///
    /// let mut memory = [0; 16];
    /// assert_eq!(SliceBuffer::new(&mut memory).take(), None); // it only borrows its memory
    /// ```
    #[cfg(feature = "alloc")]
    fn take(&mut self) -> Option<alloc::vec::Vec<u8>> {
        None
    }
}

macro_rules! delegate {
    ($($buffer:ty),+) => { $(
        impl<B: Buffer + ?Sized> Buffer for $buffer {
            #[inline]
            fn max_capacity(&self) -> usize {
                (**self).max_capacity()
            }

            #[inline]
            fn as_slice(&self) -> &[u8] {
                (**self).as_slice()
            }

            #[inline]
            fn as_mut_slice(&mut self) -> &mut [u8] {
                (**self).as_mut_slice()
            }

            #[inline]
            fn append(&mut self, bytes: &[u8], limit: usize) {
                (**self).append(bytes, limit);
            }

            #[inline]
            fn truncate(&mut self, len: usize) {
                (**self).truncate(len);
            }

            #[inline]
            fn append_if_fits(&mut self, bytes: &[u8]) -> bool {
                (**self).append_if_fits(bytes)
            }

            #[inline]
            fn shrink_to(&mut self, capacity: usize) {
                (**self).shrink_to(capacity);
            }

            #[cfg(feature = "alloc")]
            fn take(&mut self) -> Option<alloc::vec::Vec<u8>> {
                (**self).take()
            }
        }
    )+ };
}

delegate!(&mut B);
#[cfg(feature = "alloc")]
delegate!(alloc::boxed::Box<B>);

/// A slice of the caller's memory. It never grows, and its size lowers [`Options::max_len`](crate::Options::max_len).
///
/// ```
/// use llm_response::{Options, Parser};
///
/// let mut memory = [0; 16];
/// let mut parser = Parser::in_memory(&mut memory, Options::new()); // or `with_buffer(SliceBuffer::new(&mut memory), …)`
/// parser.push(b"data: short\n\n", |_| {})?;
/// assert!(parser.push(b"data: longer than the memory\n\n", |_| {}).is_err());
/// # Ok::<(), llm_response::Error>(())
/// ```
pub struct SliceBuffer<'m> {
    memory: &'m mut [u8],
    len: usize,
}

impl<'m> SliceBuffer<'m> {
    /// Makes an empty buffer in `memory`. The contents of `memory` are overwritten.
    ///
    /// ```
    /// use llm_response::{Options, Parser, SliceBuffer};
    ///
    /// let mut memory = [0; 256];
    /// let mut parser = Parser::with_buffer(SliceBuffer::new(&mut memory), Options::new());
    /// parser.push(b"data: {}\n\n", |_| {})?;
    /// # Ok::<(), llm_response::Error>(())
    /// ```
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

    #[inline]
    fn append_if_fits(&mut self, bytes: &[u8]) -> bool {
        let place = self
            .memory
            .get_mut(self.len..)
            .and_then(|rest| rest.get_mut(..bytes.len()));
        if let Some(place) = place {
            place.copy_from_slice(bytes);
            self.len += bytes.len();
            return true;
        }
        false
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
