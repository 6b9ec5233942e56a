//! Bodies of the other APIs. Each is read as if it were the events of a stream, so that both give the same answer.

use alloc::{borrow::Cow, vec::Vec};

use super::{
    accumulator::Accumulator,
    answer::{Chunk, Completion},
    anthropic::AnthropicEvent,
    anthropic_wire::{Block, Tokens, finish_reason},
    decode::{DecodeError, decode_body},
    json::{Json, NotJson},
    object::{self, Object},
    ollama::OllamaLine,
    parts::Usage,
    responses::{ResponseInfo, ResponsesEvent},
    text::word,
};
use crate::Body;

impl<'a> Body<'a> {
    /// Reads this as a body of Anthropic's messages API. The answer is the same as from the [events](crate::Data::anthropic) of a
    /// stream.
    ///
    /// # Errors
    ///
    /// Those of [`completion`](Self::completion).
    ///
    /// ```
    /// use llm_response::Body;
    ///
    /// let body = Body::new(br#"{"type":"message","id":"m1","role":"assistant","content":[{"type":"text","text":"hi"},
    ///     {"type":"tool_use","id":"t1","name":"weather","input":{"city":"Ulm"}}],"stop_reason":"tool_use"}"#);
    /// let answer = body.anthropic()?;
    /// let message = &answer.choices[0].message;
    /// assert_eq!(message.content.as_deref(), Some("hi"));
    /// assert_eq!(message.tool_calls[0].function.arguments, r#"{"city":"Ulm"}"#);
    /// assert_eq!(answer.choices[0].finish_reason.as_ref().unwrap().as_str(), "tool_calls");
    /// # Ok::<(), llm_response::chat::DecodeError>(())
    /// ```
    pub fn anthropic(&self) -> Result<Completion<'a>, DecodeError<'a>> {
        let read = |json: &str| object::whole(json).map(AnthropicMessage::completion);
        decode_body(self, read, read)
    }

    /// Reads this as a body of OpenAI's Responses API. The answer is the same as from the [events](crate::Data::responses) of a
    /// stream.
    ///
    /// # Errors
    ///
    /// Those of [`completion`](Self::completion).
    ///
    /// ```
    /// use llm_response::Body;
    ///
    /// let body = Body::new(br#"{"object":"response","id":"r1","status":"completed","error":null,
    ///     "output":[{"type":"message","content":[{"type":"output_text","text":"hi"}]}]}"#);
    /// let answer = body.responses()?;
    /// assert_eq!(answer.choices[0].message.content.as_deref(), Some("hi"));
    /// # Ok::<(), llm_response::chat::DecodeError>(())
    /// ```
    pub fn responses(&self) -> Result<Completion<'a>, DecodeError<'a>> {
        let read = |json: &str| object::whole(json).map(Response::completion);
        decode_body(self, read, read)
    }

    /// Reads this as a body of Ollama's own API. The answer is the same as from the [lines](crate::Data::ollama) of a stream.
    ///
    /// # Errors
    ///
    /// Those of [`completion`](Self::completion).
    ///
    /// ```
    /// use llm_response::Body;
    ///
    /// let body = Body::new(br#"{"model":"m","message":{"role":"assistant","content":"hi"},"done":true,"done_reason":"stop"}"#);
    /// assert_eq!(body.ollama()?.choices[0].message.content.as_deref(), Some("hi"));
    /// # Ok::<(), llm_response::chat::DecodeError>(())
    /// ```
    pub fn ollama(&self) -> Result<Completion<'a>, DecodeError<'a>> {
        let read = |json: &str| Ok(put_together([object::whole::<OllamaLine<'_>>(json)?.chunk()]));
        decode_body(self, read, read)
    }
}

/// A body is in memory already, so its answer needs no limit.
fn put_together<'a>(chunks: impl IntoIterator<Item = Chunk<'a>>) -> Completion<'static> {
    let mut answer = Accumulator::new();
    chunks.into_iter().for_each(|chunk| answer.add(&chunk));
    answer.completion()
}

/// A message of Anthropic's API.
#[derive(Default)]
struct AnthropicMessage<'a> {
    id: Option<Cow<'a, str>>,
    model: Option<Cow<'a, str>>,
    content: Vec<Block<'a>>,
    stop_reason: Option<Cow<'a, str>>,
    usage: Option<Usage>,
}

impl<'a> AnthropicMessage<'a> {
    fn completion(self) -> Completion<'static> {
        let start = AnthropicEvent::MessageStart {
            id: self.id,
            model: self.model,
            usage: self.usage,
        };
        let blocks = (0..).zip(self.content).map(|(index, block)| AnthropicEvent::Block {
            index: Some(index),
            piece: block.piece(),
        });
        let end = AnthropicEvent::MessageDelta {
            stop_reason: self.stop_reason.map(finish_reason),
            usage: None,
        };
        put_together(
            [start]
                .into_iter()
                .chain(blocks)
                .chain([end])
                .map(AnthropicEvent::chunk),
        )
    }
}

impl<'a> Object<'a> for AnthropicMessage<'a> {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        match name {
            b"id" => self.id = word(json)?,
            b"model" => self.model = word(json)?,
            b"content" => object::list(json, |block| self.content.push(block))?,
            b"stop_reason" => self.stop_reason = word(json)?,
            b"usage" => self.usage = object::object::<Tokens>(json)?.map(Tokens::usage),
            _ => return json.skip(),
        }
        Ok(())
    }
}

/// A response of OpenAI's Responses API.
#[derive(Default)]
struct Response<'a> {
    info: ResponseInfo<'a>,
    status: Option<Cow<'a, str>>,
}

impl Response<'_> {
    fn completion(self) -> Completion<'static> {
        let Self { mut info, status } = self;
        let chunk = match status.as_deref() {
            None | Some("completed") => ResponsesEvent::Completed(info).chunk(),
            // What has come so far.
            Some("queued" | "in_progress") => info.chunk(None),
            Some(_) => {
                info.incomplete_reason = info.incomplete_reason.or(status);
                ResponsesEvent::Incomplete(info).chunk()
            }
        };
        put_together([chunk])
    }
}

impl<'a> Object<'a> for Response<'a> {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        match name {
            b"status" => self.status = word(json)?,
            _ => return self.info.member(name, json),
        }
        Ok(())
    }
}
