//! The blocking reader: the same events as from the parser, whatever the transport does between two bytes.

use crate::common;
use crate::responses;

use std::{
    collections::VecDeque,
    error::Error as _,
    io::{self, ErrorKind, Read},
};

use common::trace::{End, Heard, Seen, Split, State, Step, trace_of};
use llm_response::{Event, EventReader, Format, Options, Outcome, Parser, ReadError};

/// What one call of `read` does.
#[derive(Clone, Copy, Debug)]
enum Turn<'a> {
    Bytes(&'a [u8]),
    Fails(ErrorKind),
}

/// A transport that does what it is told, and then is at its end.
#[derive(Debug)]
struct Script<'a> {
    turns: VecDeque<Turn<'a>>,
    reads: usize,
}

impl<'a> Script<'a> {
    fn new(turns: impl IntoIterator<Item = Turn<'a>>) -> Self {
        // An empty read would be the end.
        let is_bytes_or_error = |turn: &Turn<'_>| !matches!(turn, Turn::Bytes(b""));
        Self {
            turns: turns.into_iter().filter(is_bytes_or_error).collect(),
            reads: 0,
        }
    }

    fn of(split: &Split<'a>) -> Self {
        Self::new(split.chunks.iter().copied().map(Turn::Bytes))
    }
}

impl Read for Script<'_> {
    fn read(&mut self, memory: &mut [u8]) -> io::Result<usize> {
        self.reads += 1;
        match self.turns.front_mut() {
            None => Ok(0),
            Some(Turn::Fails(kind)) => {
                let kind = *kind;
                self.turns.pop_front();
                Err(kind.into())
            }
            Some(Turn::Bytes(bytes)) => {
                let len = bytes.len().min(memory.len());
                memory[..len].copy_from_slice(&bytes[..len]);
                *bytes = &bytes[len..];
                if bytes.is_empty() {
                    self.turns.pop_front();
                }
                Ok(len)
            }
        }
    }
}

/// All that the reader gives, going on after each error of the transport.
fn read_all<R: Read>(reader: &mut EventReader<R>) -> (Vec<Step>, Heard, usize) {
    let mut steps = Vec::new();
    let mut failures = 0;
    let end = loop {
        match reader.next_event() {
            Ok(Some(event)) => {
                let seen = event.into();
                let state = State::of(reader.parser());
                steps.push(Step { seen, state });
            }
            Ok(None) => {
                let outcome = reader.outcome().expect("no outcome at the end");
                break End::Finish(None, outcome, reader.rest().into());
            }
            Err(ReadError::Parse(error)) => {
                assert!(matches!(reader.next_event(), Err(ReadError::Parse(again)) if again == error));
                assert!(matches!(reader.next_output(), Err(ReadError::Parse(again)) if again == error));
                assert!(reader.outcome().is_some_and(|outcome| !outcome.is_safe_to_retry()));
                break error.into();
            }
            Err(_) => failures += 1,
        }
    };
    let heard = Heard {
        events: steps.iter().map(|step| step.seen.clone()).collect(),
        end,
        after: State::of(reader.parser()),
    };
    (steps, heard, failures)
}

#[test]
fn gives_the_trace_of_the_parser_for_every_way_of_reading() {
    for (bytes, setup) in responses::all() {
        let expected = trace_of(&mut Parser::with_options(setup.options()), [bytes]);
        for split in Split::all(bytes) {
            let mut reader = EventReader::with_options(Script::of(&split), setup.options());
            let (mut steps, heard, failures) = read_all(&mut reader);
            let what = format!("\"{}\" in {setup:?}, {}", bytes.escape_ascii(), split.name);
            assert_eq!(heard, expected.heard().merged(), "{what}");
            steps.truncate(expected.steps.len());
            assert_eq!(steps, expected.steps, "{what}");
            assert_eq!(failures, 0);
        }
    }
}

#[test]
fn loses_nothing_to_errors_at_any_position() {
    let kinds = [
        ErrorKind::Interrupted,
        ErrorKind::WouldBlock,
        ErrorKind::TimedOut,
        ErrorKind::ConnectionReset,
    ];
    for (bytes, setup) in responses::all() {
        let expected = trace_of(&mut Parser::with_options(setup.options()), [bytes])
            .heard()
            .merged();
        for kind in kinds {
            for position in 0..=bytes.len() {
                let (before, after) = bytes.split_at(position);
                let script = Script::new([Turn::Bytes(before), Turn::Fails(kind), Turn::Bytes(after)]);
                let mut reader = EventReader::with_options(script, setup.options());
                let (_, heard, failures) = read_all(&mut reader);
                let what = format!("\"{}\" in {setup:?}, {kind} at {position}", bytes.escape_ascii());
                assert_eq!(heard, expected, "{what}");
                if matches!(heard.end, End::Finish(..)) {
                    assert_eq!(failures, usize::from(kind != ErrorKind::Interrupted), "{what}");
                }
            }
        }
    }
}

#[test]
fn next_output_passes_over_keep_alives() {
    for (bytes, setup) in responses::all() {
        let expected = trace_of(&mut Parser::with_options(setup.options()), [bytes])
            .heard()
            .merged();
        for split in Split::all(bytes) {
            let mut reader = EventReader::with_options(Script::of(&split), setup.options());
            let mut events = Vec::new();
            let end = loop {
                match reader.next_output() {
                    Ok(Some(event)) => events.push(Seen::from(event)),
                    Ok(None) => break End::Finish(None, reader.outcome().unwrap(), reader.rest().into()),
                    Err(ReadError::Parse(error)) => break error.into(),
                    Err(error) => panic!("{error}"),
                }
            };
            let mut outputs = expected.clone();
            outputs.events.retain(|seen| !seen.is_keep_alive());
            let after = State::of(reader.parser());
            assert_eq!(
                Heard { events, end, after },
                outputs,
                "\"{}\", {}",
                bytes.escape_ascii(),
                split.name
            );
        }
    }
}

/// Longer than the reader's memory, so that the parser stores it; then short ones, which it does not.
#[test]
fn reads_events_of_any_length() {
    for len in [8191, 8192, 8193, 100_000] {
        let long = "x".repeat(len);
        let bytes = format!("data: {long}\n\nevent: delta\ndata: short\n\n: {long}\n\n{long}\n");
        let expected = trace_of(&mut Parser::new(), [bytes.as_bytes()]).heard().merged();
        for chunk_len in [1000, 8192, usize::MAX] {
            let turns = bytes.as_bytes().chunks(chunk_len).map(Turn::Bytes);
            let (_, heard, _) = read_all(&mut EventReader::new(Script::new(turns)));
            assert!(heard == expected, "{len} bytes in chunks of {chunk_len}");
        }
    }
}

/// Events of one read lie as far apart as they came: each is lent from where it was read to.
#[test]
fn lends_from_its_memory() {
    let mut reader = EventReader::new(&b"data: one\n\nevent: delta\ndata: two\n\n"[..]);
    let mut address = || match reader.next_event() {
        Ok(Some(Event::Data(data))) => data.as_bytes().as_ptr().addr(),
        other => panic!("{other:?}"),
    };
    let first = address();
    assert_eq!(address() - first, 24);
}

#[test]
fn reads_only_when_nothing_is_left() {
    let stop = b"event: message_stop\ndata: {}\n\n";
    let mut reader = EventReader::new(Script::new([Turn::Bytes(stop)]));
    assert!(matches!(reader.next_event(), Ok(Some(Event::Data(_)))));
    assert!(matches!(reader.next_event(), Ok(Some(Event::Done))));
    assert_eq!(reader.get_ref().reads, 1);
    assert!(matches!(reader.next_event(), Ok(None)));
    assert_eq!(reader.get_ref().reads, 2);
    // It does not ask again after the end.
    assert!(matches!(reader.next_event(), Ok(None)));
    assert!(matches!(reader.next_output(), Ok(None)));
    assert_eq!(reader.get_ref().reads, 2);
    assert_eq!(reader.outcome(), Some(Outcome::Complete));
}

#[test]
fn does_not_read_after_a_parse_error() {
    let json = Options::new().format(Format::Json);
    let script = Script::new([Turn::Bytes(b"{} x"), Turn::Bytes(b"data: late\n\n")]);
    let mut reader = EventReader::with_options(script, json);
    assert!(matches!(reader.next_event(), Ok(Some(Event::Body(_)))));
    assert_eq!(reader.outcome(), None);
    for _ in 0..3 {
        let error = reader.next_event().unwrap_err();
        assert!(matches!(error, ReadError::Parse(error) if error.offset() == 3));
        assert_eq!(reader.outcome(), Some(Outcome::Complete));
    }
    assert_eq!(reader.get_ref().reads, 1);
    assert_eq!(reader.close(), Outcome::Complete);
    assert_eq!(reader.next_event().unwrap(), None);
}

/// Whether output had come before what cannot be read.
#[test]
fn after_a_parse_error_the_outcome_is_known() {
    let json = Options::new().format(Format::Json);
    let short = Options::new().max_len(10);
    for (options, bytes, outcome) in [
        (json, &b"\n<html>"[..], Outcome::Unrecognized),
        (short, b"data: 1\n\ndata: 2345678\n\n", Outcome::Truncated),
        (short, b": 1\n\ndata: 2345678\n\n", Outcome::Truncated),
    ] {
        let mut reader = EventReader::with_options(bytes, options);
        assert!(reader.next_event().unwrap().is_some());
        assert!(matches!(reader.next_event(), Err(ReadError::Parse(_))));
        assert_eq!(reader.outcome(), Some(outcome));
        assert_eq!(reader.close(), outcome);
        assert_eq!(reader.rest(), b"");
    }
    // Where the caller never came so far.
    let mut reader = EventReader::with_options(&b"{} x"[..], json);
    assert!(matches!(reader.next_event(), Ok(Some(Event::Body(_)))));
    assert_eq!(reader.close(), Outcome::Complete);
}

#[test]
fn the_outcome_comes_with_the_end() {
    let table: &[(&[u8], Outcome, &[u8])] = &[
        (b"", Outcome::Empty, b""),
        (b"\n\n\n\n", Outcome::KeepAliveOnly, b""),
        (b"data: {}\n\ndata: [DONE]", Outcome::Complete, b""),
        (b"data: {}\n\n", Outcome::Unfinished, b""),
        (b"data: {\"a\":", Outcome::Truncated, b"{\"a\":"),
        (b"{\"a\":", Outcome::Truncated, b"{\"a\":"),
        (b"<html>", Outcome::Unrecognized, b""),
    ];
    for &(bytes, outcome, rest) in table {
        let mut reader = EventReader::new(bytes);
        while reader.next_event().unwrap().is_some() {}
        assert_eq!(reader.outcome(), Some(outcome), "{}", bytes.escape_ascii());
        assert_eq!(reader.rest(), rest);
        assert_eq!(reader.close(), outcome, "`close` changes nothing after the end");
    }
}

/// What a connection that is reset after so many bytes amounts to: safe to retry as long as no output was received.
#[test]
fn close_tells_what_was_received() {
    let keep_alives = b": keep-alive\n\n";
    let bytes = b": keep-alive\n\ndata: {\"a\":1}\n\ndata: [DONE]\n\n";
    for position in 0..=bytes.len() {
        let script = Script::new([Turn::Bytes(&bytes[..position]), Turn::Fails(ErrorKind::ConnectionReset)]);
        let mut reader = EventReader::new(script);
        let error = loop {
            match reader.next_event() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the end before the error"),
                Err(error) => break error,
            }
        };
        assert!(!error.is_timeout());
        assert_eq!(reader.outcome(), None, "it may still go on");
        let outcome = reader.close();
        let done_at = bytes.len() - 2; // the line is there, its end and the blank line are not
        let expected = match position {
            0 => Outcome::Empty,
            _ if position <= keep_alives.len() => Outcome::KeepAliveOnly,
            _ if position >= done_at => Outcome::Complete,
            _ => outcome,
        };
        assert_eq!(outcome, expected, "at {position}");
        assert_eq!(
            outcome.is_safe_to_retry(),
            position <= keep_alives.len(),
            "at {position}"
        );
        assert_eq!(outcome.is_complete(), position >= done_at, "at {position}");
        assert!(matches!(reader.next_event(), Ok(None)));
        assert_eq!(reader.outcome(), Some(outcome));
    }
}

/// What was read counts, also where the caller has not looked at it.
#[test]
fn close_looks_at_all_that_was_read() {
    let mut reader = EventReader::new(&b": keep-alive\n\ndata: {}\n\n"[..]);
    assert!(matches!(reader.next_event(), Ok(Some(Event::KeepAlive(_)))));
    assert_eq!(reader.close(), Outcome::Unfinished);
}

/// And not at what an earlier read has left behind it.
#[test]
fn close_looks_at_nothing_else() {
    let reads: [&[u8]; 2] = [b": a long keep-alive that is overwritten\n\n", b": b\n: c\n"];
    let mut reader = EventReader::new(Script::new(reads.map(Turn::Bytes)));
    for _ in 0..2 {
        assert!(matches!(reader.next_event(), Ok(Some(Event::KeepAlive(_)))));
    }
    assert_eq!(reader.get_ref().reads, 2);
    assert_eq!(reader.close(), Outcome::KeepAliveOnly);
}

#[test]
fn close_takes_an_open_event_for_truncated() {
    for bytes in [
        &b"data: {}"[..],
        b"data: {}\n",
        b"data:",
        b"event: ping\ndata: {}\n",
        b"event: message_stop\ndata: {}",
    ] {
        let script = Script::new([Turn::Bytes(bytes), Turn::Fails(ErrorKind::TimedOut)]);
        let mut reader = EventReader::new(script);
        assert!(reader.next_event().unwrap_err().is_timeout());
        assert_eq!(reader.close(), Outcome::Truncated, "{}", bytes.escape_ascii());
    }
}

#[test]
fn a_transport_that_lies_about_its_length_does_no_harm() {
    #[derive(Debug)]
    struct Liar;
    impl Read for Liar {
        fn read(&mut self, memory: &mut [u8]) -> io::Result<usize> {
            memory.fill(b'\n');
            Ok(memory.len() + 1)
        }
    }
    let mut reader = EventReader::new(Liar);
    for _ in 0..10_000 {
        assert!(matches!(reader.next_event(), Ok(Some(Event::KeepAlive(_)))));
    }
}

#[test]
fn nothing_after_the_end_mark_makes_a_complete_response_a_truncated_one() {
    let mut reader = EventReader::new(&b"data: [DONE]\n\ndata: {}"[..]);
    assert!(matches!(reader.next_event(), Ok(Some(Event::Done))));
    assert_eq!(reader.close(), Outcome::Complete);
}

#[test]
fn it_asks_for_eight_kibibytes_or_what_the_caller_says() {
    struct Asked(Vec<usize>);
    impl Read for Asked {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.push(buffer.len());
            Ok(0)
        }
    }
    let asked = |change: fn(EventReader<Asked>) -> EventReader<Asked>| {
        let mut reader = change(EventReader::new(Asked(Vec::new())));
        assert!(reader.next_event().unwrap().is_none());
        reader.into_inner().0
    };
    assert_eq!(asked(|reader| reader), [8 * 1024]);
    assert_eq!(asked(|reader| reader.with_chunk_len(100)), [100]);
    assert_eq!(asked(|reader| reader.with_chunk_len(0)), [1]);
}

/// Of every kind: the reader lends it after the parser has handed over what it had stored.
#[test]
fn the_last_event_and_the_rest_are_those_of_the_parser() {
    let large = "x".repeat(20_000);
    let json = format!("{{\"a\":\"{large}\"}}");
    let before = "id: 7\ndata: 1\n\n";
    for response in [
        format!("{before}: {large}"),
        format!("{before}event: ping\ndata: {json}"),
        format!("{before}event: delta\ndata: {json}"),
        format!("{before}id: 8\nevent: delta\ndata: {json}\n"),
        format!("{before}event: error\ndata: {json}"),
        format!("{before}error: {json}\n"),
        format!("{before}data: [DONE]"),
        format!("{before}<html>{large}"),
        format!("{before}data: {{\"a\":{large}"),
        format!("{before}data: {{\"a\":{large}\n: {large}"),
        format!("{before}event: delta"),
        format!("\n{{\"a\":\"{large}"),
        before.to_owned(),
        String::new(),
    ] {
        for options in [Options::new(), Options::event_source()] {
            let mut parser = Parser::with_options(options);
            parser.push(response.as_bytes(), |_| {}).unwrap();
            let finish = parser.finish().unwrap();
            let mut reader = EventReader::with_options(response.as_bytes(), options);
            let mut last = None;
            while reader.outcome().is_none() {
                last = reader.next_event().unwrap().map(Seen::from);
            }
            let what = format!("{:.60}… in {options:?}", response.escape_debug());
            assert_eq!(reader.outcome(), Some(finish.outcome), "{what}");
            for _ in 0..2 {
                assert!(reader.rest() == finish.rest, "{what}");
                assert_eq!(last, finish.event.map(Seen::from), "{what}");
                assert_eq!(reader.next_event().unwrap(), None);
            }
            assert_eq!(reader.parser().last_event_id(), parser.last_event_id(), "{what}");
        }
    }
    let mut reader = EventReader::with_options(&b" 12"[..], Options::new().format(Format::Json));
    assert!(matches!(reader.next_event().unwrap(), Some(Event::Body(body)) if body.as_bytes() == b"12"));
}

/// What was never given is asked for again (R11).
#[test]
fn resuming_skips_nothing_that_was_not_given() {
    let bytes = b"retry: 5\nid: 7\ndata: 1\n\nid: 8\nretry: 60\ndata: {\"b\":2}\n\nid: 9\ndata: {}\n";
    for position in 0..=bytes.len() {
        for taken in 0..=3 {
            let script = Script::new([Turn::Bytes(&bytes[..position]), Turn::Fails(ErrorKind::ConnectionReset)]);
            let mut reader = EventReader::new(script);
            let (mut id, mut retry) = (Vec::new(), None);
            for _ in 0..taken {
                match reader.next_event() {
                    Ok(event) => assert!(event.is_some()),
                    Err(_) => break,
                }
                id = reader.parser().last_event_id().to_vec();
                retry = reader.parser().retry();
            }
            let is_parsed = reader.received() == reader.parser().position();
            let _ = reader.close();
            assert_eq!(reader.parser().last_event_id(), id, "at {position}, {taken} taken");
            // A whole line with `retry` takes effect at once (R5), though its event is still to come.
            if !is_parsed {
                assert_eq!(reader.parser().retry(), retry, "at {position}, {taken} taken");
            }
        }
    }
}

#[test]
fn its_parts_go_on_by_hand() {
    let bytes = b"id: 7\ndata: 1\n\ndata: 2\n\n";
    let mut reader = EventReader::new(&bytes[..]);
    assert_eq!(reader.received(), 0);
    assert!(reader.next_event().unwrap().is_some());
    assert_eq!(reader.received(), bytes.len() as u64);
    let (read, mut parser, unread) = reader.into_parts();
    assert_eq!((read, &unread[..]), (&b""[..], &b"data: 2\n\n"[..]));
    let mut left = &unread[..];
    let event = parser.next_event(&mut left).unwrap();
    assert!(matches!(event, Some(Event::Data(data)) if data.as_bytes() == b"2" && data.id() == b"7"));

    // After an error: what cannot be read. After the end: nothing.
    let mut reader = EventReader::with_options(&b"{} HTTP/1.1"[..], Options::new().format(Format::Json));
    while reader.next_event().is_ok() {}
    assert_eq!(reader.into_parts().2, b"HTTP/1.1");
    let mut reader = EventReader::new(&b"data: {"[..]);
    assert!(reader.next_event().unwrap().is_none());
    assert_eq!((reader.rest(), reader.received()), (&b"{"[..], 7));
    assert_eq!(reader.into_parts().2, b"");
}

#[test]
fn a_parser_of_the_callers_is_used() {
    let mut memory = [0; 16];
    let mut parser = Parser::in_memory(&mut memory, Options::new());
    parser.push(b": a\n\ndata: 1", |_| {}).unwrap();
    let mut reader = EventReader::with_parser(&b"2\n\ndata: {"[..], parser);
    assert!(matches!(reader.next_event(), Ok(Some(Event::Data(data))) if data.as_bytes() == b"12"));
    assert!(matches!(reader.next_event(), Ok(None)));
    assert_eq!(reader.rest(), b"{");
    assert_eq!(reader.parser().keep_alives(), 1);
}

#[test]
fn what_is_read_from_can_be_reached() {
    let mut reader = EventReader::new(&b"data: 1\n\n"[..]);
    *reader.get_mut() = b"data: 2\n\n";
    assert_eq!(reader.get_ref(), b"data: 2\n\n");
    let Some(Event::Data(data)) = reader.next_event().unwrap() else {
        panic!("no data");
    };
    assert_eq!(data.as_bytes(), b"2");
}

#[test]
fn errors_name_their_cause_once() {
    let reset = || io::Error::from(ErrorKind::ConnectionReset);
    let error = ReadError::from(reset());
    assert_eq!(
        error.to_string(),
        "reading failed before the response ended: connection reset"
    );
    assert!(error.source().is_none());
    assert_eq!(io::Error::from(error).kind(), ErrorKind::ConnectionReset);
    let error = ReadError::from(io::Error::from(ErrorKind::TimedOut));
    assert_eq!(error.to_string(), "nothing to read yet: timed out");

    let mut reader = EventReader::with_options(&b"<html>"[..], Options::new().format(Format::Json));
    let error = reader.next_event().unwrap_err();
    assert!(!error.is_timeout() && error.source().is_none());
    let ReadError::Parse(cause) = error else {
        panic!("{error}");
    };
    let text = format!("the response cannot be read: {cause}");
    assert_eq!(error.to_string(), text);
    let error = io::Error::from(error);
    assert_eq!((error.kind(), error.to_string()), (ErrorKind::InvalidData, text));

    let watchdog = llm_response::Watchdog::new().start(std::time::Duration::ZERO);
    let error = ReadError::from(watchdog.check(std::time::Duration::ZERO).unwrap_err());
    assert!(!error.is_timeout() && error.source().is_none());
    assert_eq!(error.to_string(), "no output was received within 0ns of the request");
    assert_eq!(io::Error::from(error).kind(), ErrorKind::TimedOut);
}

#[test]
fn auto_traits_are_those_of_the_transport() {
    fn check<T: Send + Sync + Unpin>() {}
    check::<EventReader<std::net::TcpStream>>();
    fn is_error<T: std::error::Error + Send + Sync + 'static>() {}
    is_error::<ReadError>();
}

#[test]
fn debug_does_not_print_the_memory() {
    let mut reader = EventReader::new(&b":a\n:bcd\n"[..]);
    assert!(reader.next_event().unwrap().is_some());
    let text = format!("{reader:?}");
    assert!(text.starts_with("EventReader { parser: Parser {"), "{text}");
    assert!(text.ends_with("chunk_len: 5, outcome: None, .. }"), "{text}");
    assert_eq!(reader.into_inner(), b"");
}
