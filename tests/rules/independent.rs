//! Other people's parsers: on random valid streams and bodies all agree, and where one does not, the standard is quoted.
//!
//! The parser and the reference decoder were written by the same hands from the same page. `sse-core`, `sse-parse` and
//! `serde_json` were not. The standard is section 9.2.6 of the HTML standard, "Interpreting an event stream".

use crate::cases;
use crate::common;

use bytes::Bytes;
use cases::cases;
use common::trace::{Seen, Setup, trace_of};
use llm_response::{Buffer, Dialect, Event, Format, Options, Parser};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{StreamDeserializer, Value, de::SliceRead};

/// What all three say of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Message {
    event: String,
    id: String,
    data: String,
}

impl Message {
    fn new(event: &str, id: &str, data: &str) -> Self {
        let event = event.to_owned();
        Self {
            // "Otherwise [the event type buffer is the empty string], initialize event's type attribute to `message`."
            event: if event.is_empty() { "message".into() } else { event },
            id: id.into(),
            data: data.into(),
        }
    }
}

/// The events, and the reconnection time at the end.
type Told = (Vec<Message>, Option<u64>);

const STANDARD: Options = Options::new().format(Format::EventStream).dialect(Dialect::EventSource);

fn by_us(chunks: &[&[u8]]) -> Told {
    let memory = &mut vec![0; 2 * chunks.concat().len() + 64];
    let mut parser = Parser::in_memory(memory, STANDARD);
    let mut messages = Vec::new();
    for chunk in chunks {
        parser.push(chunk, |event| messages.extend(message(event))).unwrap();
    }
    let retry = parser.retry();
    assert!(parser.finish().unwrap().event.is_none());
    (messages, retry)
}

fn message(event: Event<'_>) -> Option<Message> {
    let text = |bytes| String::from_utf8_lossy(bytes);
    match event {
        Event::Data(data) => Some(Message::new(
            &text(data.event()),
            &text(data.id()),
            &text(data.as_bytes()),
        )),
        _ => None,
    }
}

fn by_sse_parse(chunks: &[&[u8]]) -> Told {
    let mut parser = sse_parse::SseParser::new();
    for chunk in chunks {
        parser.feed(chunk);
    }
    let retry = parser.retry().map(|time| u64::try_from(time.as_millis()).unwrap());
    parser.finish();
    let events = std::iter::from_fn(|| parser.next_event());
    let messages = events
        .map(|event| Message::new(&event.event, &event.id, &event.data))
        .collect();
    (messages, retry)
}

fn by_sse_core(chunks: &[&[u8]]) -> Told {
    let mut decoder = sse_core::SseDecoder::new();
    let (mut messages, mut retry) = (Vec::new(), None);
    for chunk in chunks {
        let mut chunk = Bytes::copy_from_slice(chunk);
        while let Some(event) = decoder.next(&mut chunk) {
            match event.unwrap() {
                sse_core::SseEvent::Message(event) => {
                    let id = event.last_event_id.as_deref().unwrap_or_default();
                    messages.push(Message::new(&event.event, id, &event.data));
                }
                sse_core::SseEvent::Retry(milliseconds) => retry = Some(u64::from(milliseconds)),
            }
        }
    }
    (messages, retry)
}

// ---- Streams ------------------------------------------------------------------------------------------------------

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z{}:\" ]{1,12}",
        1 => "[ \t:]{1,3}",
        1 => select(&["[DONE]", "思考", "😀", "\u{feff}", "\u{2028}", "a\u{b}b", "{\"a\":\"\\n\"}"][..]).prop_map(String::from),
    ]
}

/// Lines that all three read as the standard has it.
fn line() -> impl Strategy<Value = String> {
    let space = select(&["", " "][..]);
    prop_oneof![
        6 => (space.clone(), value()).prop_map(|(space, value)| format!("data:{space}{value}")),
        2 => (space.clone(), value()).prop_map(|(space, value)| format!("event:{space}{value}")),
        2 => (space.clone(), "[0-9a-f]{1,8}").prop_map(|(space, value)| format!("id:{space}{value}")),
        1 => (space, 0..100_000_u32).prop_map(|(space, value)| format!("retry:{space}{value}")),
        2 => value().prop_map(|value| format!(":{value}")),
        1 => value().prop_map(|value| format!("Data: {value}")),
        1 => Just("data:".into()),
        1 => Just("retry: 1s".into()),
    ]
}

fn stream(line: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let line_end = select(&["\n", "\r\n", "\r"][..]);
    let block = (vec(line, 0..6), line_end);
    let blocks = vec(block, 0..8).prop_map(|blocks| {
        let blocks = blocks.iter().map(|(lines, line_end)| {
            let lines = lines.iter().map(|line| format!("{line}{line_end}"));
            lines.chain([(*line_end).to_owned()]).collect::<String>()
        });
        blocks.collect::<String>()
    });
    // Sometimes a byte order mark, and sometimes the end is missing.
    let mark = select(&["", "", "\u{feff}"][..]);
    let missing = prop_oneof![3 => Just(0), 1 => 0..20_usize];
    (mark, blocks, missing).prop_map(|(mark, blocks, missing)| {
        let stream = mark.to_owned() + &blocks;
        let len = stream.chars().count().saturating_sub(missing);
        stream.chars().take(len).collect()
    })
}

fn chunks<'c>(bytes: &'c [u8], splits: &[usize]) -> Vec<&'c [u8]> {
    let mut splits: Vec<_> = splits.iter().map(|split| split % (bytes.len() + 1)).collect();
    splits.extend([0, bytes.len()]);
    splits.sort_unstable();
    splits.windows(2).map(|split| &bytes[split[0]..split[1]]).collect()
}

proptest! {
    #![proptest_config(cases(1_000, 20_000))]

    #[test]
    fn all_three_agree_on_what_servers_send(stream in stream(line()), splits in vec(0..10_000_usize, 0..8)) {
        let chunks = chunks(stream.as_bytes(), &splits);
        let ours = by_us(&chunks);
        prop_assert_eq!(&by_sse_parse(&chunks), &ours, "sse-parse");
        prop_assert_eq!(&by_sse_core(&chunks), &ours, "sse-core");
    }

    /// With lines that are harder to read, and with bytes that are no text.
    #[test]
    fn all_three_agree_on_any_stream(
        stream in stream(prop_oneof![3 => line(), 1 => select(&[
            "data", "event", "id", "retry", "id:", "event:", "id: a\0b", "retry: 99999999", "data\u{feff}", " data: a", "x", "\0",
        ][..]).prop_map(String::from)]),
        noise in vec((0..10_000_usize, any::<u8>()), 0..4),
        splits in vec(0..10_000_usize, 0..8),
    ) {
        let mut bytes = stream.into_bytes();
        for (at, byte) in noise {
            if let Some(place) = at.checked_rem(bytes.len()) {
                bytes[place] = byte;
            }
        }
        let chunks = chunks(&bytes, &splits);
        let ours = by_us(&chunks);
        prop_assert_eq!(&by_sse_parse(&chunks), &ours, "sse-parse");
        prop_assert_eq!(&by_sse_core(&chunks), &ours, "sse-core");
    }
}

// ---- Where they differ, and who is right --------------------------------------------------------------------------

/// "If the field value consists of only ASCII digits, then interpret the field value as an integer in base ten, and set the
/// event stream's reconnection time to that integer." There is no upper bound; an integer that a machine cannot hold is
/// none to ignore. We saturate at 2^64 - 1, `sse-parse` ignores what is above, `sse-core` has 2^32 - 1.
#[test]
fn a_long_reconnection_time_is_one_too() {
    let retry = |value: &str| {
        let stream = format!("retry: {value}\n\n");
        let chunks = [stream.as_bytes()];
        (by_sse_core(&chunks).1, by_sse_parse(&chunks).1, by_us(&chunks).1)
    };
    assert_eq!(
        retry("4294967295"),
        (Some(4_294_967_295), Some(4_294_967_295), Some(4_294_967_295))
    );
    let (core, parse, ours) = retry("4294967296");
    assert_eq!((parse, ours), (Some(4_294_967_296), Some(4_294_967_296)));
    assert_ne!(core, ours);
    let (_, parse, ours) = retry("18446744073709551616");
    assert_eq!((parse, ours), (None, Some(u64::MAX)));
}

/// The standard's own examples, and what they are said there to do.
#[test]
fn all_three_agree_on_the_examples_of_the_standard() {
    for (stream, expected) in [
        // "event data: YHOO\n+2\n10"
        (
            &b"data: YHOO\ndata: +2\ndata: 10\n\n"[..],
            &[("", "", "YHOO\n+2\n10")][..],
        ),
        // "The following stream contains four blocks [...]"
        (
            b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
            &[("", "1", "first event"), ("", "", "second event")],
        ),
        // "The following stream fires two events"
        (b"data\n\ndata\ndata\n\ndata:", &[("", "", ""), ("", "", "\n")]),
        // "The following stream fires two identical events"
        (b"data:test\n\ndata: test\n\n", &[("", "", "test"), ("", "", "test")]),
    ] {
        let expected: Vec<_> = expected
            .iter()
            .map(|(event, id, data)| Message::new(event, id, data))
            .collect();
        for told in [by_us, by_sse_parse, by_sse_core] {
            assert_eq!(told(&[stream]), (expected.clone(), None));
        }
    }
}

// ---- Bodies -------------------------------------------------------------------------------------------------------

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        (-1e9..1e9_f64).prop_map(|number| format!("{number:e}")),
        any::<String>().prop_map(|text| Value::from(text).to_string()),
        "\"([{}\\[\\]:, ]|\\\\\\\\|\\\\\"|\\\\u00e9){0,12}\"",
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        let space = "[ \n\t\r]{0,2}";
        prop_oneof![
            (vec(inner.clone(), 0..5), space).prop_map(|(items, space)| {
                let comma = format!("{space},{space}");
                format!("[{space}{}{space}]", items.join(&comma))
            }),
            (vec((any::<String>(), inner), 0..5), space).prop_map(|(members, space)| {
                let members: Vec<_> = members
                    .iter()
                    .map(|(key, value)| format!("{}{space}:{space}{value}", Value::from(key.as_str())))
                    .collect();
                format!("{{{space}{}{space}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(cases(1_000, 20_000))]

    /// The body is what serde_json reads as the first value, to the byte, whatever comes before and after.
    #[test]
    fn serde_json_agrees_on_where_a_body_ends(
        before in "[ \t\r\n]{0,6}",
        json in json(),
        after in select(&["", " ", "\n", "\r\n\t"][..]),
        splits in vec(0..10_000_usize, 0..8),
    ) {
        let response = format!("{before}{json}{after}");
        let mut values: StreamDeserializer<'_, SliceRead<'_>, Value> =
            serde_json::Deserializer::from_slice(response.as_bytes()).into_iter();
        let value = values.next().unwrap().unwrap();
        let expected = &response[..values.byte_offset()].trim_start();
        prop_assert!(values.next().is_none());

        let memory = &mut vec![0; response.len()];
        let options = Setup::new().format(Format::Json).options();
        let body = body(&mut Parser::in_memory(memory, options), &chunks(response.as_bytes(), &splits));
        prop_assert_eq!(std::str::from_utf8(&body).unwrap(), *expected);
        prop_assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), value);
    }
}

/// The only body of a response.
fn body<B: Buffer>(parser: &mut Parser<B>, chunks: &[&[u8]]) -> Vec<u8> {
    let heard = trace_of(parser, chunks.iter().copied()).heard().merged();
    let mut bodies = heard.events.into_iter().filter_map(|event| match event {
        Seen::Body(body) => Some(body.0),
        _ => None,
    });
    let body = bodies.next().expect("no body");
    assert!(bodies.next().is_none());
    body
}
