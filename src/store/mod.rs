//! Where the bytes of split events are kept, and when their memory is freed.

mod buffer;
#[cfg(feature = "alloc")]
mod heap_buffer;
mod last_id;
mod log;
mod marks;
#[cfg(not(feature = "alloc"))]
mod no_heap;

pub use buffer::{Buffer, SliceBuffer};
#[cfg(feature = "alloc")]
pub use heap_buffer::HeapBuffer;
pub(crate) use log::{KEPT, Store};
pub(crate) use marks::Gathered;
#[cfg(not(feature = "alloc"))]
pub use no_heap::HeapBuffer;
