//! What exists without any feature, and what each feature adds.

use core::str::Utf8Error;

use llm_response::{
    Body, Buffer, Data, Dialect, Error, ErrorKind, Event, Finish, Format, Found, HeapBuffer, KeepAlive, Options,
    Outcome, Parser, Phase, SliceBuffer,
};

/// The parser with any buffer: `'p` is the borrow of the parser, `'c` that of the chunk.
fn parser_of<'p, 'c: 'p, B: Buffer + 'p>() {
    let _: fn(B, Options) -> Parser<B> = Parser::with_buffer;
    let _: fn(&'p mut Parser<B>, &mut &'c [u8]) -> Result<Option<Event<'p>>, Error> = Parser::next_event;
    let _: fn(&'p mut Parser<B>, &mut &'c [u8]) -> Result<Option<Event<'p>>, Error> = Parser::next_output;
    let _: for<'q, 'd, 'x> fn(&'q mut Parser<B>, &'x mut &'d [u8]) -> Result<Option<Found<'d>>, Error> =
        Parser::advance;
    let _: fn(&'p Parser<B>, Found<'c>) -> Event<'p> = Parser::lend;
    let _: fn(&mut Parser<B>, &[u8], fn(Event<'_>)) -> Result<(), Error> = Parser::push;
    let _: for<'q> fn(&'q mut Parser<B>) -> Result<Finish<'q>, Error> = Parser::finish;
    let _: fn(&Parser<B>) -> Phase = Parser::phase;
    let _: fn(&Parser<B>) -> u64 = Parser::position;
    let _: fn(&Parser<B>) -> u64 = Parser::keep_alives;
    let _: for<'q> fn(&'q Parser<B>) -> &'q [u8] = Parser::last_event_id;
    let _: fn(&Parser<B>) -> Option<u64> = Parser::retry;
    let _: fn(&Parser<B>) -> bool = Parser::at_line_boundary;
    let _: fn(&Parser<B>) -> bool = Parser::at_event_boundary;
    let _: fn(&mut Parser<B>) = Parser::reset;
    let _: fn(&mut Parser<B>) = Parser::shrink;
    let _: fn(Parser<B>) -> B = Parser::into_buffer;
}

/// An event borrows from the parser or from the chunk, for the shorter of both; a `Found` from the chunk alone.
#[expect(dead_code, reason = "it compiles: that is the test")]
fn lifetimes<'p, 'c: 'p, B: Buffer>(
    parser: &'p mut Parser<B>,
    chunk: &mut &'c [u8],
) -> Result<Option<Event<'p>>, Error> {
    let found: Option<Found<'c>> = parser.advance(chunk)?;
    let position: u64 = parser.position(); // while the `Found` is held
    let parser: &'p Parser<B> = parser;
    Ok(found
        .filter(|found| !found.is_keep_alive() && position > 0)
        .map(|found| parser.lend(found)))
}

fn in_memory(memory: &mut [u8], options: Options) -> Parser<SliceBuffer<'_>> {
    Parser::in_memory(memory, options)
}

fn slice(memory: &mut [u8]) -> SliceBuffer<'_> {
    SliceBuffer::new(memory)
}

#[test]
fn parser() {
    parser_of::<HeapBuffer>();
    parser_of::<SliceBuffer<'static>>();
    parser_of::<&mut SliceBuffer<'static>>();
    assert_eq!(in_memory(&mut [0; 8], Options::new()).position(), 0);
    assert!(slice(&mut [0; 8]).as_slice().is_empty());
    let is_the_default = |parser: Parser| -> Parser<HeapBuffer> { parser };
    let _ = is_the_default;
}

#[cfg(feature = "alloc")]
#[test]
fn parser_on_the_heap() {
    let _: fn() -> Parser = Parser::new;
    let _: fn(Options) -> Parser = Parser::with_options;
    let _: fn() -> Parser = Default::default;
    let _: fn() -> HeapBuffer = HeapBuffer::new;
    parser_of::<Box<HeapBuffer>>();
    parser_of::<Box<dyn Buffer>>();
}

#[test]
fn options() {
    const OPTIONS: Options = Options::new()
        .format(Format::Auto)
        .dialect(Dialect::Llm)
        .max_len(16 * 1024 * 1024)
        .end_mark(true)
        .lenient_end(false);
    assert_eq!(OPTIONS, Options::new());
    assert_eq!(OPTIONS, Options::default());
    let _: fn(Options, Format) -> Options = Options::format;
    let _: fn(Options, Dialect) -> Options = Options::dialect;
    let _: fn(Options, usize) -> Options = Options::max_len;
    let _: fn(Options, bool) -> Options = Options::end_mark;
    let _: fn(Options, bool) -> Options = Options::lenient_end;
    let _: fn(&Options) -> Format = Options::get_format;
    let _: fn(&Options) -> Dialect = Options::get_dialect;
    let _: fn(&Options) -> usize = Options::get_max_len;
    let _: fn(&Options) -> bool = Options::get_end_mark;
    let _: fn(&Options) -> bool = Options::get_lenient_end;
    let standard = Options::new().format(Format::EventStream).dialect(Dialect::EventSource);
    assert_eq!(Options::event_source(), standard);
    let _ = [Format::Auto, Format::EventStream, Format::Json, Format::JsonStream];
    assert_eq!((Format::default(), Dialect::default()), (Format::Auto, Dialect::Llm));
}

fn data<'a>(event: &'a [u8], id: &'a [u8], data: &'a [u8]) -> Data<'a> {
    Data::new(event, id, data)
}

fn body(bytes: &[u8]) -> Body<'_> {
    Body::new(bytes)
}

#[test]
fn events() {
    let _: fn(&Data<'static>) -> &'static [u8] = Data::event;
    let _: fn(&Data<'static>) -> &'static [u8] = Data::name;
    let _: fn(&Data<'static>) -> &'static [u8] = Data::id;
    let _: fn(&Data<'static>) -> &'static [u8] = Data::as_bytes;
    let _: fn(&Data<'static>) -> Result<&'static str, Utf8Error> = Data::to_str;
    let _: fn(&Data<'static>) -> Result<&'static str, Utf8Error> = Data::event_str;
    let _: fn(&Data<'static>) -> Result<&'static str, Utf8Error> = Data::event_or_message;
    let _: fn(&Data<'static>) -> Result<&'static str, Utf8Error> = Data::id_str;
    let _: fn(&Data<'static>) -> bool = Data::is_error;
    let _: fn(&Body<'static>) -> &'static [u8] = Body::as_bytes;
    let _: fn(&Body<'static>) -> Result<&'static str, Utf8Error> = Body::to_str;
    let _: fn(&Body<'static>) -> bool = Body::is_error;

    let data = data(b"", b"", b"{}");
    // Every variant that there is. A new one is an addition, not a break: the enums are `#[non_exhaustive]`.
    for event in [
        Event::KeepAlive(KeepAlive::Comment(b"")),
        Event::KeepAlive(KeepAlive::BlankLine),
        Event::KeepAlive(KeepAlive::Ping(data)),
        Event::Data(data),
        Event::Done,
        Event::Body(body(b"{}")),
        Event::Unknown(b"<html>"),
    ] {
        let copy = event;
        assert_eq!(copy, event);
    }
    let bytes: &[u8] = data.as_ref();
    assert_eq!(bytes, b"{}");
}

#[cfg(feature = "alloc")]
#[test]
fn text_that_is_not_utf_8() {
    use std::borrow::Cow;

    let _: fn(&Data<'static>) -> Cow<'static, str> = Data::to_str_lossy;
    let _: fn(&Body<'static>) -> Cow<'static, str> = Body::to_str_lossy;
}

#[cfg(feature = "serde")]
#[test]
fn json() {
    let _: fn(&Data<'static>) -> serde_json::Result<&'static str> = Data::deserialize;
    let _: fn(&Body<'static>) -> serde_json::Result<Vec<u8>> = Body::deserialize;
}

#[test]
fn end_and_errors() {
    let _: fn(Outcome) -> bool = Outcome::is_complete;
    let _: fn(Outcome) -> bool = Outcome::is_safe_to_retry;
    let _: fn(&Error) -> ErrorKind = Error::kind;
    let _: fn(&Error) -> u64 = Error::offset;
    let _ = [
        Outcome::Complete,
        Outcome::Empty,
        Outcome::KeepAliveOnly,
        Outcome::Unfinished,
        Outcome::Truncated,
        Outcome::Unrecognized,
    ];
    let _ = [Phase::Waiting, Phase::Receiving, Phase::Complete];
    let _ = [
        ErrorKind::TooLong { limit: 1_usize },
        ErrorKind::NotJson { byte: 0_u8 },
        ErrorKind::NotText { byte: 0_u8 },
        ErrorKind::TrailingBytes { byte: 0_u8 },
    ];
    fn fields(finish: Finish<'_>) -> (Option<Event<'_>>, Outcome, &[u8]) {
        (finish.event, finish.outcome, finish.rest)
    }
    let _: for<'a> fn(Finish<'a>) -> (Option<Event<'a>>, Outcome, &'a [u8]) = fields;
    fn is_error<T: core::error::Error + Copy + Eq + Send + Sync + 'static>() {}
    is_error::<Error>();
    fn is_shown<T: core::fmt::Display + Copy + Eq>() {}
    is_shown::<Outcome>();
}
