//! Bodies of the other APIs. Each is read as if it were the events of a stream, so that both give the same answer.

use alloc::{borrow::Cow, vec::Vec};

use super::{
    accumulator::Accumulator,
    answer::{Chunk, Completion},
    anthropic::{self, AnthropicEvent, Block, BlockPiece, Tokens},
    decode::{DecodeError, decode_body},
    json::{Json, NotJson},
    object::{self, Object},
    ollama::OllamaLine,
    parts::Usage,
    responses::{ResponseInfo, ResponsesEvent},
    text::{Text, word},
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
        let message: AnthropicMessage<'a> = decode_body(self)?;
        Ok(put_together(message.events().into_iter().map(AnthropicEvent::chunk)))
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
        let response: Response<'a> = decode_body(self)?;
        Ok(put_together(response.events().into_iter().map(ResponsesEvent::chunk)))
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
        let line: OllamaLine<'a> = decode_body(self)?;
        Ok(put_together([line.chunk()]))
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
    fn events(self) -> Vec<AnthropicEvent<'a>> {
        let mut events = Vec::new();
        events.push(AnthropicEvent::MessageStart {
            id: self.id,
            model: self.model,
            usage: self.usage,
        });
        for (index, mut block) in (0..).zip(self.content) {
            let index = Some(index);
            let input = block.input.take().map(BlockPiece::InputJson);
            let piece = block.piece();
            let input = input.filter(|_| matches!(piece, BlockPiece::ToolUse { .. }));
            let pieces = [Some(piece), input].into_iter().flatten();
            events.extend(pieces.map(|piece| AnthropicEvent::Block { index, piece }));
        }
        events.push(AnthropicEvent::MessageDelta {
            stop_reason: self.stop_reason.map(anthropic::finish_reason),
            usage: None,
        });
        events
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
    output: Vec<Item<'a>>,
}

impl<'a> Response<'a> {
    fn events(self) -> Vec<ResponsesEvent<'a>> {
        let Self {
            mut info,
            status,
            output,
        } = self;
        let mut events = Vec::new();
        for (index, item) in (0..).zip(output) {
            info.has_function_call |= item.is_call();
            item.events(index, &mut events);
        }
        events.push(match status.as_deref() {
            None | Some("completed") => ResponsesEvent::Completed(info),
            Some("queued" | "in_progress") => ResponsesEvent::Started(info),
            Some(_) => {
                info.incomplete_reason = info.incomplete_reason.or(status);
                ResponsesEvent::Incomplete(info)
            }
        });
        events
    }
}

impl<'a> Object<'a> for Response<'a> {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        match name {
            b"status" => self.status = word(json)?,
            b"output" => object::list(json, |item| self.output.push(item))?,
            _ => return self.info.member(name, json),
        }
        Ok(())
    }
}

/// An item of the output.
#[derive(Default)]
struct Item<'a> {
    kind: Option<Cow<'a, str>>,
    call_id: Option<Cow<'a, str>>,
    name: Text<'a>,
    arguments: Text<'a>,
    /// The parts of a message or of the reasoning.
    parts: Vec<Part<'a>>,
}

impl<'a> Item<'a> {
    fn is_call(&self) -> bool {
        self.kind.as_deref() == Some("function_call")
    }

    fn events(self, index: u32, events: &mut Vec<ResponsesEvent<'a>>) {
        let index = Some(index);
        if self.is_call() {
            events.push(ResponsesEvent::FunctionCall {
                index,
                id: self.call_id,
                name: self.name,
            });
            events.push(ResponsesEvent::Arguments {
                index,
                piece: self.arguments,
            });
            return;
        }
        events.extend(self.parts.into_iter().filter_map(|part| match part.kind.as_deref()? {
            "output_text" => Some(ResponsesEvent::Text(part.text)),
            "refusal" => Some(ResponsesEvent::Refusal(part.text)),
            "reasoning_text" | "summary_text" => Some(ResponsesEvent::Reasoning(part.text)),
            _ => None,
        }));
    }
}

impl<'a> Object<'a> for Item<'a> {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        match name {
            b"type" => self.kind = word(json)?,
            b"call_id" => self.call_id = word(json)?,
            b"name" => self.name = Text::leaf(json)?.unwrap_or_default(),
            b"arguments" => self.arguments = Text::leaf(json)?.unwrap_or_default(),
            b"content" | b"summary" => object::list(json, |part| self.parts.push(part))?,
            _ => return json.skip(),
        }
        Ok(())
    }
}

/// A part of an item.
#[derive(Default)]
struct Part<'a> {
    kind: Option<Cow<'a, str>>,
    /// The text, or why the model declines.
    text: Text<'a>,
}

impl<'a> Object<'a> for Part<'a> {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        match name {
            b"type" => self.kind = word(json)?,
            b"text" | b"refusal" => self.text = Text::leaf(json)?.unwrap_or_default(),
            _ => return json.skip(),
        }
        Ok(())
    }
}
