//! Answers that are made up, the body that an API gives for them, and the chunks of their stream.

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) content: String,
    pub(crate) reasoning: String,
    pub(crate) refusal: String,
    /// Id, name and arguments.
    pub(crate) calls: Vec<(String, String, Value)>,
    /// In the form that has no id, and only one call.
    pub(crate) function_call: Option<(String, Value)>,
    pub(crate) finish_reason: &'static str,
    pub(crate) usage: u64,
}

pub(crate) fn answers() -> impl Strategy<Value = Vec<Answer>> {
    vec(answer(), 1..4)
}

pub(crate) fn answer() -> impl Strategy<Value = Answer> {
    let text = || prop_oneof![Just(String::new()), "[a-z🐋ä\"\\\\\n]{0,30}", any::<String>()];
    let arguments = move || {
        vec(("[a-z]{1,5}", text()), 0..3).prop_map(|members| {
            let members = members.into_iter().map(|(name, text)| (name, json!({ "x": text })));
            Value::Object(members.collect())
        })
    };
    let reasons = select(
        &[
            "stop",
            "length",
            "content_filter",
            "tool_calls",
            "insufficient_system_resource",
            "function_call",
            "eos",
        ][..],
    );
    let calls = vec(("[a-z]{1,8}", "[a-z_]{1,20}", arguments()), 0..4);
    let function_call = proptest::option::weighted(0.2, ("[a-z_]{1,20}", arguments()));
    let parts = (text(), text(), text(), calls, function_call, reasons, any::<u32>());
    parts.prop_map(
        |(content, reasoning, refusal, mut calls, function_call, finish_reason, usage)| {
            for (place, (id, ..)) in calls.iter_mut().enumerate() {
                *id = format!("{id}{place}");
            }
            Answer {
                content,
                reasoning,
                refusal,
                calls,
                function_call,
                finish_reason,
                usage: usage.into(),
            }
        },
    )
}

/// The body that an API gives for `answers`.
pub(crate) fn body(answers: &[Answer]) -> Value {
    let choice = |(index, answer): (usize, &Answer)| json!({ "index": index, "message": message(answer), "logprobs": null, "finish_reason": answer.finish_reason });
    json!({
        "id": "a1", "object": "chat.completion", "created": 1_700_000_000, "model": "m", "system_fingerprint": "f",
        "choices": answers.iter().enumerate().map(choice).collect::<Vec<_>>(),
        "usage": {
            "prompt_tokens": 3, "completion_tokens": answers[0].usage, "total_tokens": answers[0].usage + 3,
            "prompt_cache_hit_tokens": 1, "prompt_cache_miss_tokens": 2,
            "completion_tokens_details": { "reasoning_tokens": 5 },
        },
    })
}

fn message(answer: &Answer) -> Value {
    let mut message = json!({ "role": "assistant", "content": answer.content });
    if !answer.reasoning.is_empty() {
        message["reasoning_content"] = json!(answer.reasoning);
    }
    if !answer.refusal.is_empty() {
        message["refusal"] = json!(answer.refusal);
    }
    let call = |(id, name, arguments): &(String, String, Value)| {
        let function = json!({ "name": name, "arguments": arguments.to_string() });
        json!({ "id": id, "type": "function", "function": function })
    };
    if !answer.calls.is_empty() {
        message["tool_calls"] = answer.calls.iter().map(call).collect();
    }
    if let Some((name, arguments)) = &answer.function_call {
        message["function_call"] = json!({ "name": name, "arguments": arguments.to_string() });
    }
    let is_elsewhere = !answer.calls.is_empty() || answer.function_call.is_some() || !answer.refusal.is_empty();
    if answer.content.is_empty() && is_elsewhere {
        message["content"] = Value::Null;
    }
    message
}

/// How a server sends tool calls.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Habit {
    Usual,
    RepeatsIdAndName,
    NoIndex,
    IndexIsAlwaysZero,
    /// All calls begin first, then each gets a piece in turn.
    Parallel,
    NameInPieces,
}

pub(crate) fn habits() -> impl Strategy<Value = Habit> {
    select(
        &[
            Habit::Usual,
            Habit::RepeatsIdAndName,
            Habit::NoIndex,
            Habit::IndexIsAlwaysZero,
            Habit::Parallel,
            Habit::NameInPieces,
        ][..],
    )
}

/// How an answer is split: the lengths of pieces in UTF-16 units, and whose turn it is, over and over.
#[derive(Clone, Debug)]
pub(crate) struct Splits {
    lens: Vec<usize>,
    turns: Vec<usize>,
}

pub(crate) fn splits() -> impl Strategy<Value = Splits> {
    (vec(1..8usize, 1..10), vec(0..6usize, 1..10)).prop_map(|(lens, turns)| Splits { lens, turns })
}

/// `text` in pieces of UTF-16 units, as JSON strings. A piece that has half a character is escaped, and some others are.
pub(crate) fn pieces(text: &str, splits: &Splits) -> Vec<String> {
    let mut units: &[u16] = &text.encode_utf16().collect::<Vec<_>>();
    let mut lens = splits.lens.iter().cycle();
    let mut pieces = Vec::new();
    while !units.is_empty() {
        let len = lens.next().map_or(1, |&len| len.clamp(1, units.len()));
        let (piece, rest) = units.split_at(len);
        pieces.push(match String::from_utf16(piece) {
            Ok(text) if len % 2 == 0 => json!(text).to_string(),
            _ => escaped(piece),
        });
        units = rest;
    }
    pieces
}

/// A string as JSON, every UTF-16 unit escaped.
fn escaped(units: &[u16]) -> String {
    let units: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
    format!("\"{units}\"")
}

/// The chunks of `answers`, as a server of this `habit` sends them. Choices take turns, and share chunks.
pub(crate) fn stream(answers: &[Answer], habit: Habit, splits: &Splits) -> Vec<String> {
    let mut deltas: Vec<_> = answers
        .iter()
        .map(|answer| deltas(answer, habit, splits).into_iter())
        .collect();
    let mut turns = splits.turns.iter().copied().cycle();
    let mut chunks = Vec::new();
    let mut choices: Vec<(usize, String)> = Vec::new();
    while deltas.iter().any(|deltas| deltas.len() > 0) {
        let turn = turns.next().unwrap_or(0);
        let index = turn % answers.len();
        let all = (index..answers.len()).chain(0..index);
        for index in all {
            let Some((delta, reason)) = deltas[index].next() else {
                continue;
            };
            if choices.iter().any(|&(other, _)| other == index) || turn < 3 {
                chunks.extend(chunk(&mut choices));
            }
            let choice = format!(r#"{{"index":{index},"delta":{delta},"logprobs":null,"finish_reason":{reason}}}"#);
            choices.push((index, choice));
            break;
        }
    }
    chunks.extend(chunk(&mut choices));
    let usage = body(answers)["usage"].to_string();
    chunks.push(format!(r#"{{"choices":[],"usage":{usage}}}"#));
    chunks
}

fn chunk(choices: &mut Vec<(usize, String)>) -> Option<String> {
    if choices.is_empty() {
        return None;
    }
    let choices: Vec<_> = choices.drain(..).map(|(_, choice)| choice).collect();
    Some(format!(
        r#"{{"id":"a1","object":"chat.completion.chunk","created":1700000000,"model":"m","system_fingerprint":"f","choices":[{}],"usage":null}}"#,
        choices.join(",")
    ))
}

/// The deltas of one answer, each with its finish reason.
fn deltas(answer: &Answer, habit: Habit, splits: &Splits) -> Vec<(String, String)> {
    let mut deltas = vec![(r#"{"role":"assistant","content":""}"#.to_owned(), "null".to_owned())];
    let mut push = |delta: String| deltas.push((delta, "null".to_owned()));
    for piece in pieces(&answer.reasoning, splits) {
        push(format!(r#"{{"content":null,"reasoning_content":{piece}}}"#));
    }
    for piece in pieces(&answer.content, splits) {
        push(format!(r#"{{"role":null,"content":{piece}}}"#));
    }
    for piece in pieces(&answer.refusal, splits) {
        push(format!(r#"{{"refusal":{piece}}}"#));
    }
    for call in tool_calls(answer, habit, splits) {
        push(format!(r#"{{"tool_calls":[{{{call}}}]}}"#));
    }
    if let Some((name, arguments)) = &answer.function_call {
        push(format!(r#"{{"function_call":{{"name":"{name}","arguments":""}}}}"#));
        for piece in pieces(&arguments.to_string(), splits) {
            push(format!(r#"{{"function_call":{{"arguments":{piece}}}}}"#));
        }
    }
    deltas.push((r#"{"content":""}"#.to_owned(), format!("\"{}\"", answer.finish_reason)));
    deltas
}

/// The pieces of the tool calls, without their brackets.
fn tool_calls(answer: &Answer, habit: Habit, splits: &Splits) -> Vec<String> {
    let mut calls: Vec<Vec<String>> = Vec::new();
    for (place, (id, name, arguments)) in answer.calls.iter().enumerate() {
        let place = match habit {
            Habit::NoIndex => String::new(),
            Habit::IndexIsAlwaysZero => r#""index":0,"#.into(),
            _ => format!(r#""index":{place},"#),
        };
        let head = format!(r#"{place}"id":"{id}","type":"function","#);
        let mut call = Vec::new();
        let (first, last) = name.split_at(name.len() / 2);
        // Two halves that are the same cannot be told from a repetition.
        if matches!(habit, Habit::NameInPieces) && first != last {
            call.push(format!(r#"{head}"function":{{"name":"{first}"}}"#));
            call.push(format!(r#"{place}"function":{{"name":"{last}","arguments":null}}"#));
        } else {
            call.push(format!(r#"{head}"function":{{"name":"{name}","arguments":""}}"#));
        }
        for piece in pieces(&arguments.to_string(), splits) {
            call.push(match habit {
                Habit::RepeatsIdAndName => format!(r#"{head}"function":{{"name":"{name}","arguments":{piece}}}"#),
                _ => format!(r#"{place}"function":{{"arguments":{piece}}}"#),
            });
        }
        calls.push(call);
    }
    if let Habit::Parallel = habit {
        let most = calls.iter().map(Vec::len).max().unwrap_or(0);
        return (0..most)
            .flat_map(|at| calls.iter().filter_map(move |call| call.get(at).cloned()))
            .collect();
    }
    calls.concat()
}
