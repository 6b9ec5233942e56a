//! What an answer costs, however long it is: counted in allocations and bytes, over growing sizes.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use llm_response::chat::Accumulator;

use super::data;

/// The allocations of `work`, and their bytes.
fn heap(work: impl FnOnce()) -> (usize, usize) {
    let (count, bytes) = ALLOCATED.get();
    work();
    let (new_count, new_bytes) = ALLOCATED.get();
    (new_count - count, new_bytes - bytes)
}

/// What `len` of the same deltas cost beyond the first ten, whose buffers are new.
fn cost(json: &str, len: usize) -> (usize, usize) {
    let mut answer = Accumulator::with_limit(usize::MAX);
    let mut push = |times| (0..times).for_each(|_| answer.push(&data(json).chunk().unwrap()).unwrap());
    push(10);
    heap(|| push(len))
}

/// A buffer that doubles: of `len` bytes of text it asks for three times as many at most, in as many steps as `len` has bits.
#[test]
fn text_is_appended_without_being_copied_again() {
    for json in [
        r#"{"id":"a","choices":[{"index":0,"delta":{"content":"0123456789"}}]}"#,
        r#"{"id":"a","choices":[{"index":0,"delta":{"role":"assistant","reasoning_content":"0123456789"}}]}"#,
        r#"{"choices":[{"index":3,"delta":{"refusal":"0123456789"},"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"index":0,"text":"0123456789"}],"usage":{"prompt_tokens":1}}"#,
        r#"{"choices":[{"index":0,"delta":{"function_call":{"arguments":"0123456789"}}}]}"#,
    ] {
        for len in [100, 1_000, 20_000] {
            let (count, bytes) = cost(json, len);
            let text = 10 * (len + 10);
            assert!(count <= 20, "{json}: {count} allocations for {len} pieces");
            assert!(bytes <= 4 * text, "{json}: {bytes} bytes for {text} of text");
        }
    }
}

/// Pieces of a call allocate the list that they come in, and nothing else.
#[test]
fn arguments_are_appended_without_being_copied_again() {
    let json = r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":7,"id":"a","function":{"name":"f","arguments":"0123456789"}}]}}]}"#;
    let list = heap(|| drop(data(json).chunk().unwrap())).1;
    for len in [100, 1_000, 20_000] {
        let (count, bytes) = cost(json, len);
        assert!(count <= len + 20, "{count} allocations for {len} pieces");
        assert!(
            bytes <= len * list + 4 * 10 * (len + 10),
            "{bytes} bytes for {len} pieces"
        );
    }
}

/// The thousandth call costs what the hundredth does.
#[test]
fn calls_are_found_without_a_search_through_all() {
    let calls = |len: u32, answer: &mut Accumulator| {
        for index in 0..len {
            let json = format!(
                r#"{{"choices":[{{"delta":{{"tool_calls":[{{"index":{index},"id":"call-{index}","function":{{"name":"f","arguments":"{{}}"}}}}]}}}}]}}"#
            );
            answer.push(&data(&json).chunk().unwrap()).unwrap();
        }
    };
    let per_call = |len| {
        let mut answer = Accumulator::with_limit(usize::MAX);
        let (count, bytes) = heap(|| calls(len, &mut answer));
        assert_eq!(answer.completion().choices[0].message.tool_calls.len(), len as usize);
        (count as f64 / f64::from(len), bytes as f64 / f64::from(len))
    };
    let (count, bytes) = per_call(100);
    for len in [1_000, 5_000] {
        let (more, more_bytes) = per_call(len);
        assert!(
            more <= count * 1.1,
            "{more} allocations for each of {len} calls, {count} of 100"
        );
        assert!(
            more_bytes <= bytes * 2.1,
            "{more_bytes} bytes for each of {len} calls, {bytes} of 100"
        );
    }
}

/// Strings are borrowed, and one choice needs no list.
#[test]
fn an_unescaped_delta_allocates_nothing() {
    for (json, expected) in [
        (
            r#"{"id":"a","model":"m","created":1,"choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}],"usage":null}"#,
            0,
        ),
        (
            r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":null,"reasoning_content":"Hm"},"logprobs":{"content":[]},"finish_reason":"eos"}]}"#,
            0,
        ),
        (
            r#"{"choices":[{"text":"fn"}],"usage":{"prompt_tokens":1,"completion_tokens_details":{"reasoning_tokens":1}}}"#,
            0,
        ),
        (
            r#"{"choices":[{"delta":{"function_call":{"name":"f","arguments":"1"}}}]}"#,
            0,
        ),
        (r#"{"choices":[{"delta":{"content":"\n"}}]}"#, 1),
        (
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1"}}]}}]}"#,
            1,
        ),
        (
            r#"{"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]}"#,
            1,
        ),
    ] {
        let (count, _) = heap(|| drop(data(json).chunk().unwrap()));
        assert_eq!(count, expected, "{json}");
    }
}

thread_local! {
    static ALLOCATED: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: `System` does all of it; the counters are numbers that need no memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (count, bytes) = ALLOCATED.get();
        ALLOCATED.set((count + 1, bytes + layout.size()));
        // SAFETY: what the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: what the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }
}
