//! The same with `sse-core`, for comparison: it needs an allocator, and hides keep-alives, bodies and how a response ended.
#![no_std]
#![no_main]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::fmt::{self, Write};
use core::mem::MaybeUninit;
use core::num::NonZeroUsize;
use core::sync::atomic::{AtomicUsize, Ordering};

// Its critical section, which the allocator asks for.
use cortex_m as _;
use cortex_m_rt::entry;
use embedded_alloc::LlffHeap;
use embedded_io::Read;
use firmware::responses::RESPONSES;
use firmware::uart::{FIFO, SimulatedUart};
use firmware::{answer, board};
use sse_core::{PayloadTooLargeError, SseDecoder, SseEvent};

/// What the heap has to give, in bytes: the fewest steps of 256 with which an event is read that is as long as `chat` can read.
/// `board::note` says how much of it was used.
const HEAP: usize = 1792;

/// An allocator that remembers how much was used at most.
struct Measured {
    heap: LlffHeap,
    peak: AtomicUsize,
}

// SAFETY: `heap` does all of the work.
unsafe impl GlobalAlloc for Measured {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        let pointer = unsafe { self.heap.alloc(layout) };
        // One thread and no interrupts, hence no need for `fetch_max`.
        self.peak.store(
            self.peak.load(Ordering::Relaxed).max(self.heap.used()),
            Ordering::Relaxed,
        );
        pointer
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { self.heap.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Measured = Measured {
    heap: LlffHeap::empty(),
    peak: AtomicUsize::new(0),
};

struct Memory(UnsafeCell<MaybeUninit<[u8; HEAP]>>);

// SAFETY: only `main` takes its address, once.
unsafe impl Sync for Memory {}

static MEMORY: Memory = Memory(UnsafeCell::new(MaybeUninit::uninit()));

#[entry]
fn main() -> ! {
    // SAFETY: nothing else uses `MEMORY`, and this is the only call.
    unsafe { ALLOCATOR.heap.init(MEMORY.0.get().expose_provenance(), HEAP) };
    board::run(|out| {
        for response in RESPONSES {
            writeln!(out, "--- {}", response.name)?;
            let limit = NonZeroUsize::new(response.memory).unwrap_or(NonZeroUsize::MIN);
            print(&mut SimulatedUart::new(response.bytes), limit, out)?;
        }
        board::note("heap", ALLOCATOR.peak.load(Ordering::Relaxed))
    })
}

fn print(port: &mut impl Read, limit: NonZeroUsize, out: &mut impl Write) -> fmt::Result {
    let mut decoder = SseDecoder::with_limit(limit);
    let mut bytes = [0; FIFO];
    let mut done = false;
    while !done {
        let length = match port.read(&mut bytes) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) => return writeln!(out, "\n[the port fails: {error:?}]"),
        };
        let mut chunk = &bytes[..length];
        while let Some(event) = decoder.next(&mut chunk) {
            match event {
                Ok(SseEvent::Message(message)) if message.data == "[DONE]" => done = true,
                Ok(SseEvent::Message(message)) if message.event == "error" => {
                    answer::print_text::<fmt::Error>("\nerror: ", Ok(&message.data), "message", out)?;
                }
                Ok(SseEvent::Message(message)) => {
                    answer::print_text::<fmt::Error>("", Ok(&message.data), "content", out)?;
                }
                Ok(SseEvent::Retry(_)) => {}
                Err(PayloadTooLargeError) => return writeln!(out, "\n[too long]"),
            }
        }
    }
    writeln!(out, "\n[{}]", if done { "done" } else { "no end mark" })
}
