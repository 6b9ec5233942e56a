//! Held memory is never above the limit, the last event id and a constant: measured by an allocator, and by a buffer.
//!
//! It holds as well where an event that is too large is skipped, and then no response fails for its length.
//!
//! So that few bytes make long lines, a byte of 0xF0 and above stands for many of the byte before it.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use llm_response::{Buffer, ErrorKind, HeapBuffer, Options, Oversize, Parser};

use crate::input::Input;

/// Beside the limit and the last event id.
const CONSTANT: usize = 4096;

/// Takes any bytes; panics where the property does not hold.
pub fn run(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let max_len = usize::from(input.limit) * 64;
    let options = input.setup.options().max_len(max_len);
    let response = expanded(input.response);
    for oversize in [Oversize::Fail, Oversize::Skip] {
        check(options.oversize(oversize), input.chunks(&response));
    }
}

fn check(options: Options, chunks: Vec<&[u8]>) {
    let max_len = options.get_max_len();
    let mut parser = Parser::with_buffer(Measured(HeapBuffer::new()), options);
    let mut held = 0;
    for mut chunk in chunks {
        loop {
            let before = HELD.get();
            let result = parser.next_event(&mut chunk).map(|event| event.is_some());
            held += HELD.get() - before;
            let id_len = parser.last_event_id().len();
            let bound = max_len + id_len + CONSTANT;
            assert!(held <= bound as isize, "{held} bytes are held, more than {bound}");
            match result {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let is_too_long = matches!(error.kind(), ErrorKind::TooLong { .. });
                    assert!(!is_too_long || options.get_oversize() == Oversize::Fail, "{error}");
                    assert!(held as usize <= 2 * id_len, "{held} bytes are held after an error");
                    return;
                }
            }
        }
    }
    let _ = parser.finish();
}

/// At most 64 KiB, several times what the largest limit lets through.
fn expanded(bytes: &[u8]) -> Vec<u8> {
    let mut expanded = Vec::new();
    for &byte in bytes {
        let last = expanded.last().copied();
        match (byte, last) {
            (0xF0.., Some(last)) => expanded.resize(expanded.len() + (1 << (byte & 0x0F).min(14)), last),
            _ => expanded.push(byte),
        }
        if expanded.len() > 64 * 1024 {
            break;
        }
    }
    expanded
}

/// Looks at each append whether the parser keeps to the limit that it tells.
#[derive(Debug)]
struct Measured(HeapBuffer);

impl Buffer for Measured {
    fn max_capacity(&self) -> usize {
        self.0.max_capacity()
    }
    fn as_slice(&self) -> &[u8] {
        self.0.as_slice()
    }
    fn as_mut_slice(&mut self) -> &mut [u8] {
        self.0.as_mut_slice()
    }
    fn append(&mut self, bytes: &[u8], limit: usize) {
        self.0.append(bytes, limit);
        assert!(self.0.as_slice().len() <= limit, "more than {limit} bytes are stored");
    }
    fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }
    fn shrink_to(&mut self, capacity: usize) {
        self.0.shrink_to(capacity);
    }
}

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call is passed on as it came to the allocator of the system; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.set(HELD.get() + layout.size() as isize);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        HELD.set(HELD.get() - layout.size() as isize);
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(memory, layout) }
    }
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        HELD.set(HELD.get() + size as isize - layout.size() as isize);
        // SAFETY: as promised by the caller.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;
