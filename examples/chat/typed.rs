//! What an event or a body adds to an answer, in whichever of four dialects it is: chat completions, Responses,
//! Anthropic's messages, Ollama's lines.

use llm_response::chat::{AnthropicEvent, Chunk, DecodeError, FinishReason, ResponsesEvent};
use llm_response::{Body, Data};

/// A chunk without choices and usage adds nothing: it is an event of little interest, or of a dialect unknown here.
pub(crate) fn chunk<'a>(data: &Data<'a>) -> Result<Chunk<'a>, DecodeError<'a>> {
    // This is all that a client of one API needs. What the API reports as an error is an error here as well.
    let chunk = data.chunk()?;
    if !chunk.choices.is_empty() {
        return Ok(chunk);
    }
    match data.responses()? {
        ResponsesEvent::Other(_) => {}
        event => return Ok(event.chunk()),
    }
    match data.anthropic()? {
        AnthropicEvent::Other(_) => {}
        event => return Ok(event.chunk()),
    }
    let line = data.ollama()?.chunk();
    let has_ended = line.choices.iter().any(|choice| choice.finish_reason.is_some());
    Ok(if line.is_output() || has_ended { line } else { chunk })
}

/// Reads a body as one chunk that holds the whole answer. A body of an unknown API gives an empty chunk.
pub(crate) fn body<'a>(body: &Body<'a>) -> Result<Chunk<'a>, DecodeError<'a>> {
    let completion = body.completion()?;
    if !completion.choices.is_empty() {
        return Ok(completion.into_chunk());
    }
    for answer in [body.anthropic()?, body.responses()?, body.ollama()?] {
        // Any JSON object may be an answer that says nothing, unless it says why it does not.
        let mut reasons = answer.choices.iter().filter_map(|choice| choice.finish_reason.as_ref());
        let is_cut_off = reasons.any(|reason| matches!(reason, FinishReason::Length | FinishReason::ContentFilter));
        if !answer.is_empty() || is_cut_off {
            return Ok(answer.into_chunk());
        }
    }
    Ok(completion.into_chunk())
}

#[cfg(test)]
mod tests {
    use llm_response::chat::Accumulator;

    use super::*;

    #[test]
    fn four_dialects_are_read() {
        for (event, json) in [
            ("", r#"{"choices":[{"index":0,"delta":{"content":"Hi"}}]}"#),
            (
                "content_block_delta",
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#,
            ),
            ("", r#"{"type":"response.output_text.delta","delta":"Hi"}"#),
            // The type need not come first.
            (
                "",
                r#"{"sequence_number":4,"delta":"Hi","type":"response.output_text.delta"}"#,
            ),
            (
                "",
                r#"{"delta":{"text":"Hi","type":"text_delta"},"index":0,"type":"content_block_delta"}"#,
            ),
            ("", r#"{"message":{"role":"assistant","content":"Hi"},"done":false}"#),
        ] {
            let mut answer = Accumulator::new();
            let data = Data::new(event.as_bytes(), b"", json.as_bytes());
            answer.push(&chunk(&data).unwrap()).unwrap();
            assert_eq!(answer.content(), "Hi", "{json}");
        }
        let error = Data::new(b"", b"", br#"{"error":{"message":"Overloaded"}}"#);
        assert!(matches!(chunk(&error), Err(DecodeError::Api(_))));
    }

    #[test]
    fn the_usage_of_each_dialect_is_read() {
        for json in [
            r#"{"choices":[],"usage":{"completion_tokens":7}}"#,
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7}}"#,
            r#"{"type":"response.completed","response":{"usage":{"output_tokens":7}}}"#,
            r#"{"message":{"content":""},"done":true,"done_reason":"stop","eval_count":7}"#,
        ] {
            let usage = chunk(&Data::new(b"", b"", json.as_bytes())).unwrap().usage;
            assert_eq!(usage.unwrap().completion_tokens, Some(7), "{json}");
        }
    }

    #[test]
    fn what_adds_nothing_is_an_empty_chunk() {
        for json in [
            "null",
            "{}",
            r#"{"type":"response.output_item.done","item":{"type":"message"}}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}]}"#,
        ] {
            let chunk = chunk(&Data::new(b"", b"", json.as_bytes())).unwrap();
            assert_eq!(chunk, Chunk::default(), "{json}");
        }
    }

    #[test]
    fn bodies_are_read() {
        for json in [
            r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"}}]}"#,
            r#"{"type":"message","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn"}"#,
            r#"{"object":"response","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]}]}"#,
            r#"{"message":{"role":"assistant","content":"Hi"},"done":true}"#,
            r#"{"response":"Hi","done":true}"#,
        ] {
            let mut answer = Accumulator::new();
            answer.push(&body(&Body::new(json.as_bytes())).unwrap()).unwrap();
            assert_eq!(answer.content(), "Hi", "{json}");
        }
        let error = Body::new(br#"[{"error":{"code":400,"message":"no"}}]"#);
        assert!(matches!(body(&error), Err(DecodeError::Api(_))));
    }

    #[test]
    fn a_body_may_say_why_it_says_nothing() {
        for (json, reason) in [
            (
                r#"{"type":"message","content":[],"stop_reason":"refusal"}"#,
                "content_filter",
            ),
            (
                r#"{"object":"response","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]}"#,
                "length",
            ),
            (
                r#"{"message":{"role":"assistant","content":""},"done":true,"done_reason":"length"}"#,
                "length",
            ),
        ] {
            let mut answer = Accumulator::new();
            answer.push(&body(&Body::new(json.as_bytes())).unwrap()).unwrap();
            assert_eq!(answer.finish_reason().unwrap().as_str(), reason, "{json}");
        }
        for json in [
            "{}",
            r#"{"status":"ok"}"#,
            r#"{"message":"no such route"}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}]}"#,
        ] {
            assert_eq!(body(&Body::new(json.as_bytes())).unwrap(), Chunk::default(), "{json}");
        }
    }
}
