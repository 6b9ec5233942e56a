//! Where bytes are kept that a chunk's end splits, and what goes back when.

mod buffer;
#[cfg(feature = "alloc")]
mod heap_buffer;
mod log;
#[cfg(not(feature = "alloc"))]
mod no_heap;

pub use buffer::{Buffer, SliceBuffer};
#[cfg(feature = "alloc")]
pub use heap_buffer::HeapBuffer;
pub(crate) use log::{Gathered, KEPT, Store};
#[cfg(not(feature = "alloc"))]
pub use no_heap::HeapBuffer;
