//! Events that are larger than the limit, skipped (`Oversize::Skip`): literal traces, and an oracle of its own.
//!
//! The oracle knows how a response was made, block by block. It gives a parser without limit what is to be left of each
//! block, and puts a `Skipped` where a block did not fit.

use llm_response::{Buffer, Dialect, Error, Event, Format, Options, Outcome, Oversize, Parser, Phase};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::common::trace::{Split, State};

/// The trace: each event and the state after it, and then what the end gives.
fn trace<'c, B: Buffer>(mut parser: Parser<B>, chunks: impl IntoIterator<Item = &'c [u8]>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut next = |parser: &mut Parser<B>, chunk: &mut &'c [u8]| -> Result<bool, Error> {
        let Some(event) = parser.next_event(chunk)?.map(|event| format!("{event:?}")) else {
            return Ok(false);
        };
        lines.push(format!("{} {:?}", shorter(&event), State::of(parser)));
        Ok(true)
    };
    for mut chunk in chunks {
        loop {
            match next(&mut parser, &mut chunk) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    lines.push(format!("{error:?} {:?}", State::of(&parser)));
                    return lines;
                }
            }
        }
        assert!(chunk.is_empty());
    }
    let end = match parser.finish() {
        Ok(finish) => {
            let event = finish.event.map(|event| shorter(&format!("{event:?}")) + ", ");
            let rest = match finish.rest {
                b"" => String::new(),
                rest => format!(", rest \"{}\"", rest.escape_ascii()),
            };
            format!("Finish({}{:?}{rest})", event.unwrap_or_default(), finish.outcome)
        }
        Err(error) => format!("{error:?}"),
    };
    lines.push(format!("{end} {:?}", State::of(&parser)));
    lines
}

/// `Skipped(7)` and `Skipped(comment 7)`.
fn shorter(event: &str) -> String {
    match event.strip_prefix("Skipped { len: ") {
        Some(rest) => {
            let (len, kind) = rest.split_once(", kind: ").expect("a kind");
            let kind = if kind == "Comment }" { "comment " } else { "" };
            format!("Skipped({kind}{len})")
        }
        None => event.to_owned(),
    }
}

#[derive(Clone, Copy, Debug)]
enum Storage {
    /// So many bytes, and no other limit.
    Slice(usize),
    /// This limit, and a slice that is larger; on the heap too, where there is one.
    MaxLen(usize),
}

/// The trace, which is the same for all these ways of splitting.
#[track_caller]
fn trace_of<'c>(
    bytes: &'c [u8],
    options: Options,
    storage: Storage,
    splits: impl Iterator<Item = Split<'c>>,
) -> Vec<String> {
    let options = options.oversize(Oversize::Skip);
    let mut expected: Option<Vec<String>> = None;
    for split in splits {
        let chunks = || split.chunks.iter().copied();
        let mut traces = Vec::new();
        match storage {
            Storage::Slice(size) => traces.push(trace(Parser::in_memory(&mut vec![0xAA; size], options), chunks())),
            Storage::MaxLen(limit) => {
                let options = options.max_len(limit);
                let memory = &mut vec![0xAA; limit + bytes.len() + 16];
                traces.push(trace(Parser::in_memory(memory, options), chunks()));
                #[cfg(feature = "alloc")]
                traces.push(trace(Parser::with_options(options), chunks()));
            }
        }
        for given in traces {
            let expected = expected.get_or_insert_with(|| given.clone());
            assert_eq!(
                *expected,
                given,
                "\"{}\" by {storage:?} {}",
                bytes.escape_ascii(),
                split.name
            );
        }
    }
    expected.expect("a way of splitting")
}

#[track_caller]
fn gives(bytes: &[u8], options: Options, limit: usize, expected: &[&str]) {
    for storage in [Storage::MaxLen(limit), Storage::Slice(limit)] {
        gives_in(storage, bytes, options, expected);
    }
}

#[track_caller]
fn gives_in(storage: Storage, bytes: &[u8], options: Options, expected: &[&str]) {
    let given = trace_of(bytes, options, storage, Split::all(bytes));
    if given != expected {
        panic!(
            "\"{}\" by {storage:?} gives\n{}",
            bytes.escape_ascii(),
            given.join("\n")
        );
    }
}

const LLM: Options = Options::new();
const STREAM: Options = Options::new().format(Format::EventStream);

#[test]
fn a_block_is_passed_over_to_its_blank_line() {
    gives(
        b"data: 1\n\ndata: too long\r\ndata: a\r\n\r\ndata: 2\n\ndata: [DONE]\n\n",
        LLM,
        13,
        &[
            r#"Data { event: "", id: "", data: "1" } @9 Receiving line event"#,
            "Skipped(23) @35 Receiving",
            r#"Data { event: "", id: "", data: "2" } @45 Receiving line event"#,
            "Done @59 Complete line event",
            "Finish(Complete) @59 Complete line event",
        ],
    );
}

#[test]
fn a_response_that_has_ended_stays_complete() {
    gives(
        b"data: [DONE]\n\ndata: 1234567890",
        LLM,
        13,
        &["Done @14 Complete line event", "Finish(Complete) @30 Complete"],
    );
}

#[test]
fn an_lf_after_cr_lf_is_a_blank_line() {
    gives(
        b"data: too long\r\n\ndata: 1\n\n",
        LLM,
        13,
        &[
            "Skipped(15) @17 Receiving line event",
            r#"Data { event: "", id: "", data: "1" } @26 Receiving line event"#,
            "Finish(Truncated) @26 Receiving line event",
        ],
    );
}

#[test]
fn what_fits_to_the_byte_is_given() {
    // The line and its end are counted, the blank line is free.
    gives(
        b"data: 1\n\n",
        LLM,
        8,
        &[
            r#"Data { event: "", id: "", data: "1" } @9 Receiving line event"#,
            "Finish(Unfinished) @9 Receiving line event",
        ],
    );
    // The end of the line is the byte too many.
    gives(
        b"data: 1\n\n",
        LLM,
        7,
        &[
            "Skipped(8) @9 Receiving line event",
            "Finish(Truncated) @9 Receiving line event",
        ],
    );
    gives(
        b"data: 1\n\n",
        LLM,
        0,
        &[
            "Skipped(8) @9 Receiving line event",
            "Finish(Truncated) @9 Receiving line event",
        ],
    );
}

#[test]
fn line_ends_count_once() {
    for (line_end, end) in [("\n", " line event"), ("\r", "")] {
        let response = format!("data: a{line_end}data: b{line_end}{line_end}");
        let expected = [
            format!("Skipped(16) @17 Receiving{end}"),
            format!("Finish(Truncated) @17 Receiving{end}"),
        ];
        gives(response.as_bytes(), LLM, 10, &[&expected[0], &expected[1]]);
    }
    gives(
        b"data: a\r\ndata: b\r\n\r\n: c\n\n",
        LLM,
        10,
        &[
            "Skipped(16) @19 Receiving",
            r#"KeepAlive(Comment("c")) @24 Receiving alive 1 line event"#,
            "Finish(Truncated) @25 Receiving alive 1 line event",
        ],
    );
}

#[test]
fn a_comment_is_a_keep_alive_however_long() {
    gives(
        b": a long comment\n\n: b\n",
        LLM,
        8,
        &[
            "Skipped(comment 16) @17 Waiting alive 1 line event",
            r#"KeepAlive(Comment("b")) @22 Waiting alive 2 line event"#,
            "Finish(KeepAliveOnly) @22 Waiting alive 2 line event",
        ],
    );
    // It leaves the block as it was.
    gives(
        b"data: 1\n: a comment\ndata: 2\n\n",
        LLM,
        16,
        &[
            "Skipped(comment 11) @20 Waiting alive 1 line",
            r#"Data { event: "", id: "", data: "1\n2" } @29 Receiving alive 1 line event"#,
            "Finish(Unfinished) @29 Receiving alive 1 line event",
        ],
    );
    // The end of the input ends it, as it ends any comment.
    gives(
        b": a long comment",
        LLM,
        8,
        &["Finish(Skipped(comment 16), KeepAliveOnly) @16 Waiting alive 1"],
    );
    gives(
        b"data: {}\n: a long comment",
        LLM,
        9,
        &[r#"Finish(Data { event: "", id: "", data: "{}" }, Unfinished) @25 Receiving"#],
    );
    gives(
        b": a long comment",
        Options::event_source(),
        8,
        &["Finish(Empty) @16 Waiting"],
    );
}

#[test]
fn comments_within_a_block_that_is_passed_over_are_given() {
    gives(
        b"data: 12345678\n: a\ndata: 2\n: comment\r\n: and a long one\n\n",
        LLM,
        9,
        &[
            r#"KeepAlive(Comment("a")) @19 Waiting alive 1 line"#,
            r#"KeepAlive(Comment("comment")) @37 Waiting alive 2"#,
            "Skipped(comment 16) @55 Waiting alive 3 line",
            "Skipped(23) @56 Receiving alive 3 line event",
            "Finish(Truncated) @56 Receiving alive 3 line event",
        ],
    );
    // The end of the input ends them too.
    gives(
        b"data: 12345678\n: a",
        LLM,
        9,
        &[r#"Finish(KeepAlive(Comment("a")), Truncated) @18 Waiting alive 1"#],
    );
    gives(
        b"data: 12345678\n: a long comment",
        LLM,
        9,
        &["Finish(Skipped(comment 16), Truncated) @31 Waiting alive 1"],
    );
}

#[test]
fn fields_before_the_limit_count() {
    // `retry` at once, `id` with the blank line.
    gives_in(
        Storage::MaxLen(20),
        b"retry: 5\nid: 7\ndata: too long\n\ndata: 1\n\n",
        LLM,
        &[
            r#"Skipped(30) @31 Receiving id "7" retry 5 line event"#,
            r#"Data { event: "", id: "7", data: "1" } @40 Receiving id "7" retry 5 line event"#,
            r#"Finish(Truncated) @40 Receiving id "7" retry 5 line event"#,
        ],
    );
    // A shorter one, and an empty one.
    gives_in(
        Storage::MaxLen(20),
        b"id: 12345\n\nid: 7\ndata: longer than that\n\nid\ndata: longer than that\n\n",
        LLM,
        &[
            r#"Skipped(29) @41 Receiving id "7" line event"#,
            "Skipped(26) @68 Receiving line event",
            "Finish(Truncated) @68 Receiving line event",
        ],
    );
    // In a slice, the id lowers the limit of what follows: 5 bytes are left of 6.
    gives_in(
        Storage::Slice(6),
        b"id: 7\ndata: 1\n\ndata:\n\ndata:\n\n: 123\n: 1234\n",
        LLM,
        &[
            r#"Skipped(14) @15 Receiving id "7" line event"#,
            r#"Skipped(6) @22 Receiving id "7" line event"#,
            r#"Skipped(6) @29 Receiving id "7" line event"#,
            r#"KeepAlive(Comment("123")) @35 Receiving alive 1 id "7" line event"#,
            r#"Skipped(comment 6) @42 Receiving alive 2 id "7" line event"#,
            r#"Finish(Truncated) @42 Receiving alive 2 id "7" line event"#,
        ],
    );
}

#[test]
fn fields_behind_the_limit_do_not_count() {
    // A client that resumes behind 6 is sent the event once more, and skips none.
    for lines in [
        &b"data: too long\nid: 7\n"[..],
        b"id: 7\ndata: too long\nid: 8\n",
        b"id: 7\ndata: too long\nid\n",
        b"data: 1\nid: 1234567\n",
        b"id: 7\nid: 12345678\n",
    ] {
        let response = [b"id: 6\n\n", lines, b"\n"].concat();
        let given = trace_of(&response, LLM, Storage::MaxLen(14), Split::all(&response));
        assert!(given[0].starts_with("Skipped("), "{given:?}");
        assert!(given[0].contains(r#"id "6""#), "{given:?}");
    }
    // A line that is nearly such a field changes nothing.
    for line in ["ad: 8", "dd: 8", "xd", "i: 8", "id8", "data", "retr", "re: 8"] {
        let response = format!("id: 7\ndata: too long\n{line}\n\n");
        let given = trace_of(
            response.as_bytes(),
            LLM,
            Storage::MaxLen(14),
            Split::all(response.as_bytes()),
        );
        assert!(given[0].contains(r#"id "7""#), "{given:?}");
    }
    // The limit may fall within its name.
    for line in ["re: 8", "ad: 8", "xd: 8"] {
        let response = format!("id: 7\n{line}\n\n");
        let given = trace_of(
            response.as_bytes(),
            LLM,
            Storage::MaxLen(8),
            Split::all(response.as_bytes()),
        );
        assert!(
            given.iter().any(|line| line.contains(r#"Receiving id "7""#)),
            "{given:?}"
        );
    }
    // Wherever in a second id or name the limit falls, the first counts no more.
    for limit in 6..12 {
        let response = b"id: 6\n\nid: 7\nid: 8\n\ndata:\n\n";
        let given = trace_of(response, LLM, Storage::MaxLen(limit), Split::all(response));
        assert!(
            given[0].starts_with(r#"Skipped(12) @20 Receiving id "6""#),
            "{limit} {given:?}"
        );
        assert!(
            given[1].contains(r#"event: "", id: "6", data: """#),
            "{limit} {given:?}"
        );
    }
    for limit in 12..21 {
        let response = b"event: done\nevent: x\ndata: 1\n\n";
        let given = trace_of(response, LLM, Storage::MaxLen(limit), Split::all(response));
        assert_eq!(given.len(), 2, "{limit} {given:?}");
    }
    gives(
        b"data: too long\nretry: 5\nidx: 8\n\n",
        LLM,
        10,
        &[
            "Skipped(31) @32 Receiving line event",
            "Finish(Truncated) @32 Receiving line event",
        ],
    );
}

#[test]
fn the_id_of_a_block_without_its_end_does_not_count() {
    gives(b"id: 7\ndata: 1234567890", LLM, 12, &["Finish(Truncated) @22 Waiting"]);
}

#[test]
fn an_id_stays_whole_beside_comments() {
    // The id that is kept leaves so much less for a comment.
    gives_in(
        Storage::Slice(14),
        b"id: 1234567\ndata: 2\n: 12345\n: 123456\n\n",
        LLM,
        &[
            r#"KeepAlive(Comment("12345")) @28 Waiting alive 1 line"#,
            "Skipped(comment 8) @37 Waiting alive 2 line",
            r#"Skipped(20) @38 Receiving alive 2 id "1234567" line event"#,
            r#"Finish(Truncated) @38 Receiving alive 2 id "1234567" line event"#,
        ],
    );
}

#[test]
fn a_terminal_name_before_the_limit_is_the_end() {
    for block in [
        &b"event: message_stop\ndata: {\"a\":\"1234567890\"}\n"[..],
        b"data: {\"type\":\"message_stop\",\"a\":\"1234567890\"}\n",
        b"data: {\ndata: \"type\":\"message_stop\",\"a\":\"1234567890\"}\n",
    ] {
        let len = block.len();
        let end = len + 1;
        let expected = [
            format!("Skipped({len}) @{end} Receiving line event"),
            format!("Done @{end} Complete line event"),
            format!("Finish(Complete) @{end} Complete line event"),
        ];
        gives(
            &[block, b"\n"].concat(),
            LLM,
            42,
            &expected.each_ref().map(String::as_str),
        );
    }
    // Nothing is known of the name: an `event` line comes later than the limit was hit, or is what hits it.
    for block in [
        &b"data: {\"type\":\"message_stop\",\"a\":\"1234567890\"}\nevent: x\n"[..],
        b"data: {\"type\":\"message_stop\",\"a\":\"1234567890\"}\nevent\n",
        b"data: {\"type\":\"message_stop\"}\nevent: 12345678\n",
        b"event: message_stop\nevent: 12345678901234567890\n",
        b"event: message_stop\nerror: 12345678901234567890\n",
        b"data: {\"type\":\"message_stopped_by_somebody\"}\n",
    ] {
        let response = [block, b"\n"].concat();
        let given = trace_of(&response, LLM, Storage::MaxLen(38), Split::all(&response));
        assert_eq!(given.len(), 2, "{given:?}");
        assert!(given[1].starts_with("Finish(Truncated)"), "{given:?}");
    }
    // What only begins so is another line.
    gives(
        b"event: end\ndata: 12345678\nevents: 1\nev\n\n",
        LLM,
        20,
        &[
            "Skipped(39) @40 Receiving line event",
            "Done @40 Complete line event",
            "Finish(Complete) @40 Complete line event",
        ],
    );
    // By the standard no name ends a stream.
    gives(
        b"event: end\ndata: 12345678\n\n",
        Options::event_source(),
        20,
        &[
            "Skipped(26) @27 Receiving line event",
            "Finish(Truncated) @27 Receiving line event",
        ],
    );
    // The block has no end yet.
    gives(
        b"event: end\ndata: 12345678\n",
        LLM,
        20,
        &["Finish(Truncated) @26 Waiting line"],
    );
}

#[test]
fn text_is_passed_over_as_text() {
    // The page is no stream, and no output.
    gives(
        b"<html>\n<p>The server is busy\n</p>\n",
        LLM,
        20,
        &[
            r#"Unknown("<html>") @7 Waiting line"#,
            "Finish(Unrecognized) @34 Waiting line",
        ],
    );
    gives(
        b"<html>\n<p>The server is busy\n</p>\n\n{}\n",
        LLM,
        20,
        &[
            r#"Unknown("<html>") @7 Waiting line"#,
            "Skipped(34) @35 Waiting line event",
            r#"Unknown("{}") @38 Waiting line"#,
            "Finish(Unrecognized) @38 Waiting line",
        ],
    );
    // After output, or with a field before it, it may be anything.
    gives(
        b"data: 1\n\n<p>The server is busy\n",
        LLM,
        10,
        &[
            r#"Data { event: "", id: "", data: "1" } @9 Receiving line event"#,
            "Finish(Truncated) @31 Receiving line",
        ],
    );
    gives(
        b"data\n<p>The server is busy\n\n",
        LLM,
        10,
        &[
            "Skipped(27) @28 Receiving line event",
            "Finish(Truncated) @28 Receiving line event",
        ],
    );
    gives(
        b"<p>The server is busy\n",
        Options::event_source(),
        10,
        &["Finish(Truncated) @22 Waiting line"],
    );
}

#[test]
fn a_body_is_passed_over_to_its_bracket() {
    for options in [LLM, LLM.format(Format::Json), LLM.dialect(Dialect::EventSource)] {
        gives(
            br#" {"a":["]}",1]}"#,
            options,
            9,
            &["Skipped(14) @15 Receiving", "Finish(Truncated) @15 Receiving"],
        );
        gives(br#"{"a":["]}",1]"#, options, 9, &["Finish(Truncated) @13 Receiving"]);
    }
    gives(br#"{"a""#, LLM, 0, &["Finish(Truncated) @4 Receiving"]);
    // A scalar ends before white space, or with the input.
    let json = LLM.format(Format::Json);
    gives(
        b"1234567 ",
        json,
        3,
        &["Skipped(7) @7 Receiving", "Finish(Truncated) @8 Receiving"],
    );
    gives(b"1234567", json, 3, &["Finish(Skipped(7), Truncated) @7 Receiving"]);
    gives(b"1234567", json, 0, &["Finish(Skipped(7), Truncated) @7 Receiving"]);
    // What follows it follows as ever.
    gives(
        b"[12345]{}\ndata: 2\n\n",
        LLM,
        6,
        &[
            "Skipped(7) @7 Receiving",
            r#"Body("{}") @9 Receiving"#,
            "Skipped(8) @19 Receiving line event",
            "Finish(Truncated) @19 Receiving line event",
        ],
    );
    gives(
        b"[12345] 1",
        json,
        6,
        &[
            "Skipped(7) @7 Receiving",
            "Error { kind: TrailingBytes { byte: 49 }, offset: 8 } @8 Receiving",
        ],
    );
    // A whole one before it does not make it complete.
    gives(
        b"{}\n{\"a\":\"1234567",
        LLM,
        6,
        &[r#"Body("{}") @2 Complete"#, "Finish(Truncated) @16 Complete"],
    );
    // In a stream.
    gives(
        b": a\n{\"error\":\"busy\"}\n\n: b\n",
        LLM,
        6,
        &[
            r#"KeepAlive(Comment("a")) @4 Waiting alive 1 line event"#,
            "Skipped(16) @20 Receiving alive 1",
            r#"KeepAlive(Comment("b")) @26 Receiving alive 2 line event"#,
            "Finish(Truncated) @26 Receiving alive 2 line event",
        ],
    );
    gives(
        b"data: [DONE]\n\n{\"a\":\"123456789012\"",
        LLM,
        13,
        &["Done @14 Complete line event", "Finish(Complete) @33 Complete"],
    );
}

#[test]
fn a_value_is_passed_over() {
    let options = LLM.format(Format::JsonStream);
    gives(
        b"{}\n{\"a\":1}\n[1234567]12 123456\n1",
        options,
        5,
        &[
            r#"Data { event: "", id: "", data: "{}" } @2 Receiving"#,
            "Skipped(7) @10 Receiving",
            "Skipped(9) @20 Receiving",
            r#"Data { event: "", id: "", data: "12" } @22 Receiving"#,
            "Skipped(6) @29 Receiving",
            r#"Finish(Data { event: "", id: "", data: "1" }, Truncated) @31 Receiving"#,
        ],
    );
    gives(
        b"[1234567,12,{\"done\":true,\"a\":1}]",
        options,
        5,
        &[
            "Skipped(7) @8 Receiving",
            r#"Data { event: "", id: "", data: "12" } @11 Receiving"#,
            "Skipped(19) @31 Receiving",
            "Done @32 Complete",
            "Finish(Complete) @32 Complete",
        ],
    );
    gives(b"[1234567", options, 5, &["Finish(Truncated) @8 Receiving"]);
    gives(b"1234567", options, 5, &["Finish(Skipped(7), Truncated) @7 Receiving"]);
    gives(
        b"[1,[2,3]]",
        options,
        0,
        &[
            "Skipped(1) @2 Receiving",
            "Skipped(5) @8 Receiving",
            "Done @9 Complete",
            "Finish(Complete) @9 Complete",
        ],
    );
}

#[test]
fn a_value_that_is_the_last_one() {
    let options = LLM.format(Format::JsonStream);
    let value = br#"{"done":true,"context":[1,2,3]}"#;
    for limit in 0..value.len() {
        let expected = if limit < r#"{"done":true,"#.len() {
            vec!["Skipped(31) @31 Receiving", "Finish(Truncated) @31 Receiving"]
        } else {
            vec![
                "Skipped(31) @31 Receiving",
                "Done @31 Complete",
                "Finish(Complete) @31 Complete",
            ]
        };
        gives(value, options, limit, &expected);
    }
    for value in [
        r#"{"done":trueish,"context":[1,2,3]}"#,
        r#"{"a":{"done":true,"context":[1,2,3]}}"#,
        r#"{"done":false,"context":[1,2,3]}"#,
    ] {
        for limit in 0..value.len() {
            let given = trace_of(
                value.as_bytes(),
                options,
                Storage::Slice(limit),
                Split::all(value.as_bytes()),
            );
            assert_eq!(given.len(), 2, "{limit} {given:?}");
        }
    }
}

/// R17: a member `done` is an end mark in a value of a stream of its own, in dialect `Llm`.
#[test]
fn a_member_done_that_is_no_end_mark() {
    let json = br#"{"done":true,"context":[1,2,3]}"#;
    let standard = Options::event_source().format(Format::JsonStream);
    for options in [LLM, LLM.format(Format::Json), standard] {
        for limit in 0..json.len() {
            gives(
                json,
                options,
                limit,
                &["Skipped(31) @31 Receiving", "Finish(Truncated) @31 Receiving"],
            );
        }
    }
    // The array goes on, and its bracket is the end.
    gives(
        br#"[{"done":true,"a":[1,2,3]},1]"#,
        LLM.format(Format::JsonStream),
        20,
        &[
            "Skipped(25) @26 Receiving",
            r#"Data { event: "", id: "", data: "1" } @28 Receiving"#,
            "Done @29 Complete",
            "Finish(Complete) @29 Complete",
        ],
    );
}

#[test]
fn an_end_mark_alone_makes_it_complete() {
    let body = &b"{\"error\":1}"[..];
    let skipped = &b"data: too long\n\n"[..];
    let data = &b"data: 1\n\n"[..];
    let done = &b"data: [DONE]\n\n"[..];
    let no_mark = LLM.end_mark(false);
    let standard = Options::event_source();
    for (parts, options, outcome) in [
        (&[data, skipped][..], LLM, Outcome::Truncated),
        (&[data, skipped, data], LLM, Outcome::Truncated),
        (&[skipped, b": a\n"], LLM, Outcome::Truncated),
        (&[data, skipped, data], no_mark, Outcome::Truncated),
        (&[data, skipped, data], standard, Outcome::Truncated),
        (&[data, skipped, data], standard.lenient_end(true), Outcome::Truncated),
        (&[skipped, body], LLM, Outcome::Truncated),
        (&[body, skipped], LLM, Outcome::Truncated),
        (&[skipped, b"text\n"], LLM, Outcome::Truncated),
        (&[data, b"a long text\nand more\n\n"], standard, Outcome::Truncated),
        (&[body, b"\na long text\nand more\n\n"], LLM, Outcome::Unrecognized),
        (&[data, skipped, done], LLM, Outcome::Complete),
        (&[done, skipped], LLM, Outcome::Complete),
        (&[skipped, b"[DONE]"], LLM, Outcome::Complete),
        (&[skipped, b"data: [DONE]"], LLM, Outcome::Complete),
        // A comment is no output.
        (&[data, b": a long comment\n", data], no_mark, Outcome::Complete),
        (&[data, b": a long comment\n", data], standard, Outcome::Complete),
        (&[b": a long comment\n"], LLM, Outcome::KeepAliveOnly),
    ] {
        let response = parts.concat();
        let given = trace_of(&response, options, Storage::Slice(13), Split::all(&response));
        let last = given.last().expect("an end");
        assert!(
            last.contains(&format!("{outcome:?}) @")),
            "\"{}\" {given:?}",
            response.escape_ascii()
        );
        assert!(given.iter().any(|line| line.contains("Skipped(")), "{given:?}");
    }
}

#[test]
fn a_broken_byte_order_mark_is_passed_over() {
    for (response, limit, expected) in [
        (
            &b"\xEFx\n\n"[..],
            0,
            &[
                "Skipped(3) @4 Receiving line event",
                "Finish(Truncated) @4 Receiving line event",
            ][..],
        ),
        (
            b"\xEF\xBBx\n\n",
            1,
            &[
                "Skipped(4) @5 Waiting line event",
                "Finish(Unrecognized) @5 Waiting line event",
            ],
        ),
        (b"\xEF\xBB", 0, &["Finish(Truncated) @2 Waiting"]),
        (b"\xEF\xBB", 1, &["Finish(Unrecognized) @2 Waiting"]),
        (
            b"\xEF\xBB\xBF: a\n",
            0,
            &[
                "Skipped(comment 3) @7 Waiting alive 1 line event",
                "Finish(KeepAliveOnly) @7 Waiting alive 1 line event",
            ],
        ),
    ] {
        gives(response, LLM, limit, expected);
        gives(response, STREAM, limit, expected);
    }
}

#[test]
fn a_limit_that_fails_is_the_default() {
    assert_eq!(Options::new().get_oversize(), Oversize::Fail);
    assert_eq!(Options::event_source().get_oversize(), Oversize::Fail);
    assert_eq!(Options::new().oversize(Oversize::Skip).get_oversize(), Oversize::Skip);
    let mut memory = [0; 10];
    let mut parser = Parser::in_memory(&mut memory, Options::new());
    let error = parser.push(b"data: too long", |event| panic!("{event:?}")).unwrap_err();
    assert_eq!(error.offset(), 10);
}

#[test]
fn next_output_passes_over_comments_alone() {
    let mut memory = [0; 10];
    let mut parser = Parser::in_memory(&mut memory, LLM.oversize(Oversize::Skip));
    let mut chunk = &b": a long comment\ndata: too long\n\n"[..];
    let Some(Event::Skipped(skipped)) = parser.next_output(&mut chunk).expect("no error") else {
        panic!("no `Skipped`")
    };
    assert_eq!((skipped.len(), skipped.is_keep_alive()), (15, false));
    assert_eq!((parser.keep_alives(), parser.phase()), (1, Phase::Receiving));
}

// ---- Any response, against the oracle -----------------------------------------------------------------------------

/// What the oracle gives: the events, and what is known after the end.
#[derive(Debug, PartialEq, Eq)]
struct Account {
    events: Vec<String>,
    outcome: Outcome,
    phase: Phase,
    keep_alives: u64,
    id: Vec<u8>,
    retry: Option<u64>,
}

/// A parser without limit, and what it has given.
struct Unlimited<'m> {
    parser: Parser<llm_response::SliceBuffer<'m>>,
    events: Vec<String>,
}

impl Unlimited<'_> {
    fn read(&mut self, line: &str) {
        let events = &mut self.events;
        let read = self.parser.push(format!("{line}\n").as_bytes(), |event| {
            events.push(shorter(&format!("{event:?}")))
        });
        read.expect("no limit");
    }

    /// A comment, which is given if it fits.
    fn comment(&mut self, line: &str, room: usize) {
        if line.len() <= room {
            return self.read(line);
        }
        self.read(":");
        self.events.pop();
        self.events.push(format!("Skipped(comment {})", line.len()));
    }
}

fn has_name(line: &str, name: &str) -> bool {
    line.split(':').next() == Some(name)
}

fn value(line: &str) -> &str {
    let value = line.split_once(':').map_or("", |(_, value)| value);
    value.strip_prefix(' ').unwrap_or(value)
}

/// The name of a field, once enough has come to know where its value begins.
fn decided<'n>(beginning: &str, names: &[&'n str]) -> Option<&'n str> {
    let is_decided =
        |name: &&&str| beginning.len() > name.len() + 1 && has_name(beginning, name) && beginning.contains(':');
    names.iter().find(is_decided).copied()
}

/// Each block is its lines, without the blank one.
fn oracle(blocks: &[Vec<&str>], storage: Storage, dialect: Dialect) -> Account {
    let mut memory = [0; 4096];
    let options = STREAM.dialect(dialect);
    let mut unlimited = Unlimited {
        parser: Parser::in_memory(&mut memory, options),
        events: Vec::new(),
    };
    let is_llm = dialect == Dialect::Llm;
    let names = if is_llm {
        &["data", "event", "id", "retry", "error"][..]
    } else {
        &["data", "event", "id", "retry"]
    };
    let is_comment = |line: &str| line.starts_with(':');
    let is_field = |line: &str| names.iter().any(|name| has_name(line, name));
    let is_data = |line: &str| has_name(line, "data") || is_llm && has_name(line, "error");
    let (mut skipped_output, mut skipped_text) = (false, false);

    for lines in blocks {
        let limit = match storage {
            Storage::MaxLen(limit) => limit,
            Storage::Slice(size) => size - unlimited.parser.last_event_id().len(),
        };
        let mut counted = 0;
        let before = |line: &&str| {
            let fits = is_comment(line) || counted + line.len() < limit;
            counted += if is_comment(line) || !fits { 0 } else { line.len() + 1 };
            fits
        };
        let fitting = lines.iter().copied().take_while(before).count();
        let (fit, behind) = lines.split_at(fitting);
        let mut counted = 0;

        let Some(first) = behind.first() else {
            for line in fit {
                if is_comment(line) {
                    unlimited.comment(line, limit - counted);
                } else {
                    counted += line.len() + 1;
                    unlimited.read(line);
                }
            }
            unlimited.read("");
            continue;
        };

        let mut id = None;
        for line in fit {
            if is_comment(line) {
                unlimited.comment(line, limit - counted);
                continue;
            }
            counted += line.len() + 1;
            if !is_field(line) || has_name(line, "retry") {
                unlimited.read(line);
            }
            if has_name(line, "id") {
                id = Some(value(line));
            }
        }
        for line in behind {
            if is_comment(line) {
                unlimited.comment(line, limit - id.map_or(0, str::len));
            } else if has_name(line, "id") {
                id = None;
            }
        }

        let beginning = &first[..limit - counted];
        let field = decided(beginning, names);
        let mut data: Vec<_> = fit
            .iter()
            .filter(|line| is_data(line))
            .map(|line| value(line))
            .collect();
        if matches!(field, Some("data" | "error")) {
            data.push(value(beginning));
        }
        let data = data.join("\n");
        let event = fit
            .iter()
            .rfind(|line| has_name(line, "event"))
            .map_or("", |line| value(line));
        let name = llm_response::Data::new(event.as_bytes(), b"", data.as_bytes()).name();
        let is_error = is_llm && (fit.iter().any(|line| has_name(line, "error")) || field == Some("error"));
        let is_last = is_llm
            && !is_error
            && matches!(name, b"message_stop" | b"end" | b"response.completed")
            && !behind.iter().any(|line| has_name(line, "event"));
        let may_be_name = names.iter().any(|name| format!("{name}:").starts_with(beginning));
        let is_text = !fit.iter().any(|line| is_field(line)) && field.is_none() && !may_be_name;

        // What stays is a block that gives nothing.
        unlimited.read("retry: none");
        if let Some(id) = id {
            unlimited.read(&format!("id: {id}"));
        }
        unlimited.read("");
        let len: usize = lines
            .iter()
            .filter(|line| !is_comment(line))
            .map(|line| line.len() + 1)
            .sum();
        unlimited.events.push(format!("Skipped({len})"));
        skipped_text |= is_text;
        skipped_output |= !is_text;
        if is_last {
            unlimited.read("data: [DONE]");
            unlimited.read("");
        }
    }

    let Unlimited { mut parser, events } = unlimited;
    let outcome = parser.finish().expect("no limit").outcome;
    let outcome = match outcome {
        outcome if parser.phase() == Phase::Complete => outcome,
        _ if skipped_output => Outcome::Truncated,
        Outcome::Empty | Outcome::KeepAliveOnly if skipped_text => Outcome::Unrecognized,
        Outcome::Unfinished | Outcome::Complete if skipped_text => Outcome::Truncated,
        outcome => outcome,
    };
    Account {
        events,
        outcome,
        phase: match parser.phase() {
            Phase::Waiting if skipped_output => Phase::Receiving,
            phase => phase,
        },
        keep_alives: parser.keep_alives(),
        id: parser.last_event_id().to_vec(),
        retry: parser.retry(),
    }
}

fn account<'c, B: Buffer>(mut parser: Parser<B>, chunks: impl IntoIterator<Item = &'c [u8]>) -> Account {
    let mut events = Vec::new();
    for chunk in chunks {
        let read = parser.push(chunk, |event| events.push(shorter(&format!("{event:?}"))));
        read.expect("what is too long is skipped");
    }
    let finish = parser.finish().expect("what is too long is skipped");
    assert_eq!((finish.event, finish.rest), (None, &b""[..]));
    let outcome = finish.outcome;
    Account {
        events,
        outcome,
        phase: parser.phase(),
        keep_alives: parser.keep_alives(),
        id: parser.last_event_id().to_vec(),
        retry: parser.retry(),
    }
}

fn line() -> impl Strategy<Value = &'static str> {
    const LINES: [&str; 32] = [
        "data: {\"a\":1}",
        "data: {}",
        "data:",
        "data",
        "data: 12345678901234567890",
        "data: 1",
        "data: [DONE]",
        "data: {\"type\":\"message_stop\",\"a\":\"123456789\"}",
        "data: {\"type\":\"end\"}",
        "error: {}",
        "error",
        "event: message_stop",
        "event: end",
        "event:response.completed",
        "event: x",
        "event",
        "event:",
        "events: 1",
        "id: 7",
        "id: 123456789",
        "id",
        "id:",
        "idx",
        "retry: 5",
        "retry: 123456789",
        "<p>",
        "<p>The server is busy</p>",
        "dat",
        "[DONE]",
        ": a",
        ": a comment that is long",
        ":",
    ];
    select(&LINES[..])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, max_global_rejects: 1 << 16, ..ProptestConfig::default() })]

    /// Events that fit are given as by a parser without limit, and each one that does not is a `Skipped` with its length.
    #[test]
    fn as_by_a_parser_without_limit(
        blocks in vec(vec(line(), 0..7), 0..6),
        limit in 0..60usize,
        is_slice: bool,
        is_llm: bool,
        line_end in select(&["\n", "\r\n", "\r"][..]),
        positions in vec(0..400usize, 0..8),
    ) {
        let dialect = if is_llm { Dialect::Llm } else { Dialect::EventSource };
        // In a slice, an id that was adopted leaves less.
        let storage = if is_slice { Storage::Slice(limit.max(9)) } else { Storage::MaxLen(limit) };
        let expected = oracle(&blocks, storage, dialect);
        let response: String = blocks.iter().flat_map(|lines| lines.iter().chain([&""])).flat_map(|line| [*line, line_end]).collect();
        let response = response.as_bytes();
        let options = STREAM.dialect(dialect).oversize(Oversize::Skip);
        for split in [Split::whole(response), Split::byte_by_byte(response), Split::at(response, &positions)] {
            let (options, size) = match storage {
                Storage::Slice(size) => (options, size),
                Storage::MaxLen(limit) => (options.max_len(limit), limit + 64),
            };
            let memory = &mut vec![0xAA; size];
            let chunks = split.chunks.iter().copied();
            prop_assert_eq!(&account(Parser::in_memory(memory, options), chunks), &expected, "{}", split.name);
        }
        // Every state in between, and every single split.
        trace_of(response, STREAM.dialect(dialect), storage, Split::all(response));
    }

    /// The same for values.
    #[test]
    fn values_as_by_a_parser_without_limit(
        values in vec(select(&["1", "12345678", "{}", "{\"a\":[1,2]}", "\"text, \\\" and more\"", "[]", "true", "{\"a\":\"]}\"}"][..]), 1..8),
        limit in 0..16usize,
        is_array: bool,
        positions in vec(0..100usize, 0..8),
    ) {
        let response = match values.join(if is_array { " ,\n" } else { "\n" }) {
            values if is_array => format!("[{values}]"),
            values if values.starts_with('[') => return Err(TestCaseError::reject(values)), // an array is another thing
            values => values + "\n",
        };
        let mut expected: Vec<_> = values.iter().map(|value| match value.len() {
            len if len > limit => format!("Skipped({len})"),
            _ => format!("Data {{ event: \"\", id: \"\", data: \"{}\" }}", value.as_bytes().escape_ascii()),
        }).collect();
        let is_whole = values.iter().all(|value| value.len() <= limit);
        if is_array {
            expected.push("Done".to_owned());
        }
        let outcome = match is_whole {
            _ if is_array => Outcome::Complete,
            true => Outcome::Unfinished,
            false => Outcome::Truncated,
        };
        let response = response.as_bytes();
        let options = LLM.format(Format::JsonStream).oversize(Oversize::Skip);
        for split in [Split::whole(response), Split::byte_by_byte(response), Split::at(response, &positions)] {
            let given = account(Parser::in_memory(&mut vec![0xAA; limit], options), split.chunks.iter().copied());
            prop_assert_eq!(&given.events, &expected, "{}", split.name);
            prop_assert_eq!(given.outcome, outcome);
        }
        trace_of(response, options, Storage::MaxLen(limit), Split::all(response));
    }

    /// Whatever the bytes are, the trace does not depend on how they are split, and no response fails for its length.
    #[test]
    fn every_split_gives_the_same_trace(
        tokens in vec(select(&[
            "data:", "data: ", "event: ", "id: 1", "id", "retry: 9", "error:", "a", "[DONE]", "end", ":", " ", "\n", "\n", "\n\n", "\r", "\r\n",
            "{", "}", "[", "]", "\"", "\\", ",", "{\"type\":\"end\"}", "{\"done\":true}", "12", "\u{feff}", "<p>",
        ][..]), 0..24),
        limit in 0..24usize,
        is_slice: bool,
        format in select(&[Format::Auto, Format::EventStream, Format::Json, Format::JsonStream][..]),
        is_llm: bool,
        positions in vec(0..100usize, 0..6),
    ) {
        let response = tokens.concat();
        let response = response.as_bytes();
        let storage = if is_slice { Storage::Slice(limit) } else { Storage::MaxLen(limit) };
        let dialect = if is_llm { Dialect::Llm } else { Dialect::EventSource };
        let options = LLM.format(format).dialect(dialect);
        let splits = Split::all(response).chain([Split::at(response, &positions)]);
        let given = trace_of(response, options, storage, splits);
        prop_assert!(!given.iter().any(|line| line.contains("TooLong")), "{:?}", given);
        let has_skipped_output = given.iter().any(|line| line.starts_with("Skipped(") && !line.starts_with("Skipped(comment"));
        if has_skipped_output && !given.iter().any(|line| line.contains("Done")) {
            let end = given.last().expect("an end");
            prop_assert!(!["Complete)", "Empty)", "KeepAliveOnly)"].iter().any(|it| end.contains(it)), "{}", end);
        }
    }
}
