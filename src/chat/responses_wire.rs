//! Reads the JSON of the events of OpenAI's Responses API.

use alloc::{borrow::Cow, boxed::Box, string::String, vec::Vec};

use super::{
    decode::{DecodeError, decode},
    json::{Json, NotJson},
    message::Message,
    object::{self, Object, count, index},
    parts::{Details, Function, ToolCall, Usage},
    responses::{ResponseInfo, ResponsesEvent},
    text::{Text, word},
};
use crate::Data;

impl<'a> Data<'a> {
    /// Reads this as an event of OpenAI's Responses API.
    ///
    /// # Errors
    ///
    /// Those of [`chunk`](Self::chunk).
    ///
    /// ```
    /// use llm_response::{Data, chat::Accumulator};
    ///
    /// let mut answer = Accumulator::new();
    /// for json in [
    ///     r#"{"type":"response.created","response":{"id":"r1","model":"m"}}"#,
    ///     r#"{"type":"response.output_text.delta","output_index":0,"delta":"hi"}"#,
    ///     r#"{"type":"response.completed","response":{"id":"r1","usage":{"input_tokens":3,"output_tokens":2}}}"#,
    /// ] {
    ///     answer.push(&Data::new(b"", b"", json.as_bytes()).responses().unwrap().chunk()).unwrap();
    /// }
    /// assert_eq!(answer.content(), "hi");
    /// assert_eq!(answer.finish_reason().unwrap().as_str(), "stop");
    /// ```
    pub fn responses(&self) -> Result<ResponsesEvent<'a>, DecodeError<'a>> {
        let read = |json| Ok(object::whole::<Wire<'_>>(json)?.event(self.name()));
        let read_lossy = |json: &str| Ok(object::whole::<Wire<'_>>(json)?.event(self.name()).into_owned());
        decode(self, read, read_lossy)
    }
}

/// The members of an event.
#[derive(Default)]
struct Wire<'a> {
    kind: Option<Cow<'a, str>>,
    output_index: Option<u32>,
    delta: Text<'a>,
    item: Option<Item<'a>>,
    response: Option<ResponseInfo<'a>>,
}

impl<'a> Wire<'a> {
    fn event(self, name: &'a [u8]) -> ResponsesEvent<'a> {
        let kind = self.kind.unwrap_or_else(|| String::from_utf8_lossy(name));
        let index = self.output_index;
        let info = self.response.unwrap_or_default();
        match &*kind {
            "response.created" | "response.in_progress" => ResponsesEvent::Started(info),
            "response.output_text.delta" => ResponsesEvent::Text(self.delta),
            "response.reasoning_text.delta" | "response.reasoning_summary_text.delta" => {
                ResponsesEvent::Reasoning(self.delta)
            }
            "response.refusal.delta" => ResponsesEvent::Refusal(self.delta),
            "response.function_call_arguments.delta" => ResponsesEvent::Arguments {
                index,
                piece: self.delta,
            },
            "response.output_item.added" => match self.item {
                Some(item) if item.is_call() => ResponsesEvent::FunctionCall {
                    index,
                    id: item.call_id,
                    name: item.name,
                },
                _ => ResponsesEvent::Other(kind),
            },
            "response.completed" => ResponsesEvent::Completed(info),
            "response.incomplete" => ResponsesEvent::Incomplete(info),
            _ => ResponsesEvent::Other(kind),
        }
    }
}

impl<'a> Object<'a> for Wire<'a> {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        match name {
            b"type" => self.kind = word(json)?,
            b"output_index" => self.output_index = index(json)?,
            b"delta" => self.delta = Text::leaf(json)?.unwrap_or_default(),
            b"item" => self.item = object::object(json)?,
            b"response" => self.response = object::object(json)?,
            _ => return json.skip(),
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

    /// Adds the contents of this item, which has this `index`.
    fn add_to(self, message: &mut Message<'a>, index: u32) {
        if self.is_call() {
            message.tool_calls.push(ToolCall {
                index: Some(index),
                id: self.call_id,
                function: Function {
                    name: self.name,
                    arguments: self.arguments,
                },
                ..ToolCall::default()
            });
            return;
        }
        for Part { kind, text } in self.parts {
            let place = match kind.as_deref().unwrap_or_default() {
                "output_text" => &mut message.content,
                "refusal" => &mut message.refusal,
                "reasoning_text" | "summary_text" => &mut message.reasoning,
                _ => continue,
            };
            match place {
                _ if text.is_empty() => {}
                Some(before) => before.push(&text),
                None => *place = Some(text),
            }
        }
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

impl<'a> Object<'a> for ResponseInfo<'a> {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        match name {
            b"id" => self.id = word(json)?,
            b"model" => self.model = word(json)?,
            b"created_at" => self.created_at = count(json)?,
            b"incomplete_details" => {
                self.incomplete_reason = object::object::<Reason<'a>>(json)?.and_then(|reason| reason.0);
            }
            b"output" => {
                let mut message = Message::default();
                let mut indices = 0..;
                object::list(json, |item: Item<'a>| {
                    self.has_function_call |= item.is_call();
                    item.add_to(&mut message, indices.next().unwrap_or_default());
                })?;
                self.message = message.is_output().then(|| Box::new(message));
            }
            b"usage" => self.usage = object::object::<Tokens>(json)?.map(|tokens| tokens.0),
            _ => return json.skip(),
        }
        Ok(())
    }
}

/// Why a response is incomplete.
#[derive(Default)]
struct Reason<'a>(Option<Cow<'a, str>>);

impl<'a> Object<'a> for Reason<'a> {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        if name != b"reason" {
            return json.skip();
        }
        self.0 = word(json)?;
        Ok(())
    }
}

/// The names of the counts.
#[derive(Default)]
struct Tokens(Usage);

impl<'a> Object<'a> for Tokens {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        let usage = &mut self.0;
        let place = match name {
            b"input_tokens" => &mut usage.prompt_tokens,
            b"output_tokens" => &mut usage.completion_tokens,
            b"total_tokens" => &mut usage.total_tokens,
            b"input_tokens_details" | b"output_tokens_details" => {
                if let Some(details) = object::object::<Details>(json)? {
                    usage.cached_tokens = details.cached_tokens.or(usage.cached_tokens);
                    usage.reasoning_tokens = details.reasoning_tokens.or(usage.reasoning_tokens);
                }
                return Ok(());
            }
            _ => return json.skip(),
        };
        *place = count(json)?;
        Ok(())
    }
}
