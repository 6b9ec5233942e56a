//! All public types may be sent, shared, moved and shown, so that none of them stands in the way of a task or a log.

use std::fmt::Debug;

fn is_plain<T: Send + Sync + Unpin + Debug>() {}

#[test]
fn core_types_are_plain() {
    use llm_response::*;
    is_plain::<(Parser, Parser<SliceBuffer<'_>>, HeapBuffer, SliceBuffer<'_>)>();
    is_plain::<(Options, Format, Dialect, Error, ErrorKind)>();
    is_plain::<(Event<'_>, KeepAlive<'_>, Data<'_>, Body<'_>)>();
    is_plain::<(Finish<'_>, Outcome, Phase)>();
    is_plain::<(Watchdog, Timer, Expired)>();
}

#[cfg(feature = "std")]
#[test]
fn reader_types_are_plain() {
    is_plain::<(llm_response::EventReader<std::io::Empty>, llm_response::ReadError)>();
}

#[cfg(feature = "bytes")]
#[test]
fn owned_types_are_plain() {
    use llm_response::*;
    is_plain::<(OwnedEvent, OwnedKeepAlive, OwnedData, OwnedBody, OwnedFinish)>();
}

#[cfg(feature = "futures")]
#[test]
fn stream_types_are_plain() {
    use llm_response::*;
    is_plain::<(EventStream<()>, EventStream<(), SliceBuffer<'_>>, StreamError)>();
    is_plain::<Bufs<()>>();
}

#[cfg(feature = "serde")]
#[test]
fn typed_answers_are_plain() {
    use llm_response::chat::*;
    is_plain::<(Chunk<'_>, Completion<'_>, Accumulator, AnswerTooLong, Usage)>();
    is_plain::<(ApiError<'_>, DecodeError<'_>, Conclusion<'_>)>();
    is_plain::<(AnthropicEvent<'_>, OllamaLine<'_>, ResponsesEvent<'_>)>();
}
