//! Of any bytes, each line an event and all of them a body, every dialect gives an answer or an error, and an answer survives
//! being written and read.

use llm_response::{
    Body, Data, Outcome,
    chat::{Accumulator, Chunk, DecodeError},
};
use serde::de::IgnoredAny;

/// Takes any bytes; panics where the property does not hold.
pub fn run(bytes: &[u8]) {
    let mut answers = [const { None::<Accumulator> }; 4];
    for line in bytes.split(|&byte| byte == b'\n') {
        let data = Data::new(b"", b"", line);
        let chunks = [
            data.chunk(),
            data.anthropic().map(|event| event.chunk()),
            data.ollama().map(|line| line.chunk()),
            data.responses().map(|event| event.chunk()),
        ];
        for (answer, chunk) in answers.iter_mut().zip(chunks) {
            push(answer.get_or_insert_default(), &data, chunk);
        }
    }
    for answer in answers.iter().flatten() {
        check_written(answer);
    }
    let body = Body::new(bytes);
    for completion in [body.completion(), body.anthropic(), body.ollama(), body.responses()] {
        match completion {
            Ok(completion) => assert_eq!(completion.clone().into_owned(), completion),
            Err(error) => assert_eq!(matches!(error, DecodeError::Api(_)), body.is_error()),
        }
    }
    check_syntax(&body);
}

/// What is JSON, `serde_json` decides alike, but for values that are nested very deep; of it, an answer is an object or
/// `null`.
fn check_syntax(body: &Body<'_>) {
    let Ok(json) = body.to_str() else { return };
    let is_json = serde_json::from_str::<IgnoredAny>(json).is_ok();
    match body.completion() {
        Ok(_) => assert!(is_json),
        Err(DecodeError::Json { error, .. }) if is_json => {
            let may_be = json.trim_ascii().starts_with('{') || json.trim_ascii() == "null";
            assert_eq!(error.to_string() == "it is nested too deep", may_be, "{json}");
        }
        Err(_) => {}
    }
}

fn push(answer: &mut Accumulator, data: &Data<'_>, chunk: Result<Chunk<'_>, DecodeError<'_>>) {
    match chunk {
        Ok(chunk) => {
            assert!(!data.is_error());
            assert_eq!(chunk.clone().into_owned(), chunk);
            let was_empty = answer.is_empty();
            answer.push(&chunk).expect("an input is shorter than the limit");
            assert_eq!(answer.is_empty(), was_empty && !chunk.is_output());
        }
        Err(DecodeError::Api(_)) => assert!(data.is_error()),
        Err(DecodeError::Json { bytes, .. }) => {
            assert!(!data.is_error());
            assert_eq!(bytes, data.as_bytes());
        }
    }
}

fn check_written(answer: &Accumulator) {
    let completion = answer.completion();
    assert_eq!(completion.is_empty(), answer.is_empty());
    assert_eq!(
        completion.conclusion(Outcome::Complete, None),
        answer.conclusion(Outcome::Complete, None)
    );
    let json = serde_json::to_string(&completion).expect("an answer as JSON");
    let again = Body::new(json.as_bytes())
        .completion()
        .expect("an answer from its own JSON");
    assert_eq!(serde_json::to_string(&again).expect("an answer as JSON"), json);
}
