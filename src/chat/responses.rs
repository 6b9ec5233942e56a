//! The events of OpenAI's Responses API.

use alloc::{borrow::Cow, string::String, vec};

use super::{
    answer::{Chunk, ChunkChoice},
    choices::Choices,
    decode::{DecodeError, decode},
    json::{Json, NotJson},
    message::Delta,
    object::{self, Object, count, index},
    parts::{Details, FinishReason, Function, ToolCall, Usage},
    text::{Text, word},
};
use crate::Data;

/// An event of OpenAI's Responses API.
///
/// [`chunk`](Self::chunk) converts it for an [`Accumulator`](super::Accumulator). An event that reports a failure is an error:
/// [`DecodeError::Api`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponsesEvent<'a> {
    /// `response.created` or `response.in_progress`.
    Started(ResponseInfo<'a>),
    /// `response.output_text.delta`.
    Text(Text<'a>),
    /// `response.reasoning_text.delta` or `response.reasoning_summary_text.delta`.
    Reasoning(Text<'a>),
    /// `response.refusal.delta`.
    Refusal(Text<'a>),
    /// `response.output_item.added` for a function call, which begins here.
    FunctionCall {
        /// The index of the item in the output.
        index: Option<u32>,
        /// The call's id.
        id: Option<Cow<'a, str>>,
        /// The function's name.
        name: Text<'a>,
    },
    /// `response.function_call_arguments.delta`.
    Arguments {
        /// The index of its item in the output.
        index: Option<u32>,
        /// A piece of the arguments.
        piece: Text<'a>,
    },
    /// `response.completed`.
    Completed(ResponseInfo<'a>),
    /// `response.incomplete`: the answer ended early.
    Incomplete(ResponseInfo<'a>),
    /// An unknown event, or one that adds nothing to an answer.
    Other(Cow<'a, str>),
}

/// The properties of a response, from its first and its last event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseInfo<'a> {
    /// The answer's id.
    pub id: Option<Cow<'a, str>>,
    /// The name of the model.
    pub model: Option<Cow<'a, str>>,
    /// When the answer was created, in seconds since 1970.
    pub created_at: Option<u64>,
    /// Why the answer is incomplete: `incomplete_details.reason`.
    pub incomplete_reason: Option<Cow<'a, str>>,
    /// The tokens.
    pub usage: Option<Usage>,
    /// Whether the output contains a function call.
    pub has_function_call: bool,
}

impl<'a> ResponsesEvent<'a> {
    /// What this event adds to an answer; an empty chunk if it adds nothing.
    pub fn chunk(self) -> Chunk<'a> {
        let some = |text: Text<'a>| (!text.is_empty()).then_some(text);
        let call = |index, id, function| {
            let tool_calls = vec![ToolCall {
                index,
                id,
                function,
                ..ToolCall::default()
            }];
            Delta {
                tool_calls,
                ..Delta::default()
            }
        };
        let delta = match self {
            Self::Text(text) => Delta {
                content: some(text),
                ..Delta::default()
            },
            Self::Reasoning(text) => Delta {
                reasoning: some(text),
                ..Delta::default()
            },
            Self::Refusal(text) => Delta {
                refusal: some(text),
                ..Delta::default()
            },
            Self::FunctionCall { index, id, name } => call(
                index,
                id,
                Function {
                    name,
                    arguments: Text::default(),
                },
            ),
            Self::Arguments { index, piece } => call(
                index,
                None,
                Function {
                    name: Text::default(),
                    arguments: piece,
                },
            ),
            Self::Started(info) => return info.chunk(None),
            Self::Completed(info) => {
                let reason = if info.has_function_call {
                    FinishReason::ToolCalls
                } else {
                    FinishReason::Stop
                };
                return info.chunk(Some(reason));
            }
            Self::Incomplete(mut info) => {
                let reason = info.incomplete_reason.take().unwrap_or(Cow::Borrowed("incomplete"));
                return info.chunk(Some(match &*reason {
                    "max_output_tokens" => FinishReason::Length,
                    "content_filter" => FinishReason::ContentFilter,
                    _ => FinishReason::Other(reason),
                }));
            }
            Self::Other(_) => return Chunk::default(),
        };
        let choice = ChunkChoice {
            index: Some(0),
            delta,
            ..ChunkChoice::default()
        };
        Chunk {
            choices: Choices::from([choice]),
            ..Chunk::default()
        }
    }
}

impl<'a> ResponseInfo<'a> {
    fn chunk(self, finish_reason: Option<FinishReason<'a>>) -> Chunk<'a> {
        let choice = ChunkChoice {
            index: Some(0),
            finish_reason,
            ..ChunkChoice::default()
        };
        Chunk {
            id: self.id,
            created: self.created_at,
            model: self.model,
            choices: Choices::from([choice]),
            usage: self.usage,
            ..Chunk::default()
        }
    }
}

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
        let wire: Wire<'a> = decode(self)?;
        let kind = wire.kind.unwrap_or_else(|| String::from_utf8_lossy(self.name()));
        let index = wire.output_index;
        let info = wire.response.unwrap_or_default();
        Ok(match &*kind {
            "response.created" | "response.in_progress" => ResponsesEvent::Started(info),
            "response.output_text.delta" => ResponsesEvent::Text(wire.delta),
            "response.reasoning_text.delta" | "response.reasoning_summary_text.delta" => {
                ResponsesEvent::Reasoning(wire.delta)
            }
            "response.refusal.delta" => ResponsesEvent::Refusal(wire.delta),
            "response.function_call_arguments.delta" => ResponsesEvent::Arguments {
                index,
                piece: wire.delta,
            },
            "response.output_item.added" => match wire.item {
                Some(item) if item.is_call => ResponsesEvent::FunctionCall {
                    index,
                    id: item.call_id,
                    name: item.name,
                },
                _ => ResponsesEvent::Other(kind),
            },
            "response.completed" => ResponsesEvent::Completed(info),
            "response.incomplete" => ResponsesEvent::Incomplete(info),
            _ => ResponsesEvent::Other(kind),
        })
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
    is_call: bool,
    call_id: Option<Cow<'a, str>>,
    name: Text<'a>,
}

impl<'a> Object<'a> for Item<'a> {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        match name {
            b"type" => self.is_call = word(json)?.as_deref() == Some("function_call"),
            b"call_id" => self.call_id = word(json)?,
            b"name" => self.name = Text::leaf(json)?.unwrap_or_default(),
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
                object::list(json, |item: Item<'a>| self.has_function_call |= item.is_call)?;
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
