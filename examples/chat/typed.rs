//! What an event adds to an answer, in whichever of the four dialects it is.

use llm_response::chat::{Chunk, DecodeError};
use llm_response::{Body, Data};

/// The name tells the dialects with named events; lines of Ollama have neither a name nor choices.
pub(crate) fn chunk<'a>(data: &Data<'a>) -> Result<Chunk<'a>, DecodeError<'a>> {
    match data.name() {
        name if name.starts_with(b"response.") => Ok(data.responses()?.chunk()),
        name if name.starts_with(b"message_") || name.starts_with(b"content_block_") => Ok(data.anthropic()?.chunk()),
        _ => match data.chunk()? {
            chunk if chunk.choices.is_empty() && chunk.usage.is_none() => Ok(data.ollama()?.chunk()),
            chunk => Ok(chunk),
        },
    }
}

/// The text of the first answer in a body: a completion, or Ollama's answer without a stream.
pub(crate) fn body_text(body: &Body<'_>) -> Result<String, String> {
    let completion = body.completion().map_err(|error| error.to_string())?;
    let text = completion
        .choices
        .into_iter()
        .next()
        .and_then(|choice| choice.message.content);
    if let Some(text) = text {
        return Ok(text.as_str().to_owned());
    }
    let data = Data::new(b"", b"", body.as_bytes());
    let chunk = data.ollama().map_err(|error| error.to_string())?.chunk();
    let text = chunk.choices.into_iter().next().and_then(|choice| choice.delta.content);
    Ok(text.map(|text| text.as_str().to_owned()).unwrap_or_default())
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
    fn bodies_are_read() {
        for json in [
            r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"}}]}"#,
            r#"{"message":{"role":"assistant","content":"Hi"},"done":true}"#,
        ] {
            assert_eq!(body_text(&Body::new(json.as_bytes())).as_deref(), Ok("Hi"), "{json}");
        }
        assert!(body_text(&Body::new(br#"{"error":"no"}"#)).is_err());
    }
}
