//! Where the bytes of split events are kept, and when their memory is freed.

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
