//! The parser behind four functions that JavaScript can call. The module has its memory from the start and no allocator.
//!
//! ```text
//! start()               begins a response
//! chunk(), chunk_len()  where to write what arrives, and how much fits at a time
//! take(length)          reads as many bytes from there; false: the response cannot be read any further
//! finish()              what the end of the response means: the place of the outcome in `OUTCOMES` of `page.js`
//! ```
//!
//! Each event calls `on_event(kind, address, length)`, a function that the page provides. The bytes are only there during
//! the call. The kind is the place of the event in `KINDS` of `page.js`.
#![no_std]

use core::cell::{Cell, UnsafeCell};

use llm_response::{Event, Options, Outcome, Parser, SliceBuffer};

/// How much `take` reads at most. Longer chunks come in pieces.
const CHUNK: usize = 16 * 1024;
/// For what the end of a chunk splits, hence also the longest event or body.
const MEMORY: usize = 256 * 1024;

/// A module has one thread. (Built for several threads it would not compile: the types are not `Sync`.)
struct OneThread<T>(T);

#[cfg(not(target_feature = "atomics"))]
// SAFETY: nothing is shared where there is one thread.
unsafe impl<T> Sync for OneThread<T> {}

static CHUNK_BYTES: OneThread<UnsafeCell<[u8; CHUNK]>> = OneThread(UnsafeCell::new([0; CHUNK]));
static MEMORY_BYTES: OneThread<UnsafeCell<[u8; MEMORY]>> = OneThread(UnsafeCell::new([0; MEMORY]));
/// Taken out while it is at work: `on_event` cannot reach it.
static PARSER: OneThread<Cell<Option<Parser<SliceBuffer<'static>>>>> = OneThread(Cell::new(None));
/// Whether the parser exists, be it here or at work.
static IS_MADE: OneThread<Cell<bool>> = OneThread(Cell::new(false));

mod page {
    #[link(wasm_import_module = "page")]
    unsafe extern "C" {
        pub(super) safe fn on_event(kind: u32, address: *const u8, length: usize);
    }
}

#[unsafe(no_mangle)]
extern "C" fn start() {
    let parser = match PARSER.0.take() {
        Some(mut parser) => {
            parser.reset();
            parser
        }
        None if IS_MADE.0.replace(true) => return,
        // SAFETY: this comes once, so that nothing else has the memory.
        None => Parser::in_memory(unsafe { &mut *MEMORY_BYTES.0.get() }, Options::new()),
    };
    PARSER.0.set(Some(parser));
}

#[unsafe(no_mangle)]
extern "C" fn chunk() -> *mut u8 {
    CHUNK_BYTES.0.get().cast()
}

#[unsafe(no_mangle)]
extern "C" fn chunk_len() -> usize {
    CHUNK
}

#[unsafe(no_mangle)]
extern "C" fn take(length: usize) -> bool {
    // SAFETY: the page writes before it calls, and not while `take` is at work.
    let bytes: &[u8; CHUNK] = unsafe { &*CHUNK_BYTES.0.get() };
    let (Some(chunk), Some(mut parser)) = (bytes.get(..length), PARSER.0.take()) else {
        return false;
    };
    let taken = parser.push(chunk, on_event);
    PARSER.0.set(Some(parser));
    // The error's text would bring the formatting of numbers along.
    taken.is_ok()
}

/// Instead of an outcome.
const FAILED: u32 = 6;

#[unsafe(no_mangle)]
extern "C" fn finish() -> u32 {
    let Some(mut parser) = PARSER.0.take() else {
        return FAILED;
    };
    let outcome = match parser.finish() {
        Ok(finish) => {
            if let Some(event) = finish.event {
                on_event(event);
            }
            number(finish.outcome)
        }
        Err(_) => FAILED,
    };
    PARSER.0.set(Some(parser));
    outcome
}

fn on_event(event: Event<'_>) {
    let (kind, bytes) = match event {
        Event::KeepAlive(_) => (0, &b""[..]),
        Event::Data(data) if data.is_error() => (2, data.as_bytes()),
        Event::Body(body) if body.is_error() => (2, body.as_bytes()),
        Event::Data(data) => (1, data.as_bytes()),
        Event::Body(body) => (1, body.as_bytes()),
        Event::Done => (3, &b""[..]),
        Event::Unknown(line) => (4, line),
        // Versions to come may have more kinds.
        _ => return,
    };
    page::on_event(kind, bytes.as_ptr(), bytes.len());
}

fn number(outcome: Outcome) -> u32 {
    match outcome {
        Outcome::Complete => 0,
        Outcome::Empty => 1,
        Outcome::KeepAliveOnly => 2,
        Outcome::Unfinished => 3,
        Outcome::Truncated => 4,
        _ => 5,
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
