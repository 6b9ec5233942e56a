//! The events of OpenAI's Responses API.

use alloc::{borrow::Cow, boxed::Box, vec};

use super::{
    answer::{Chunk, ChunkChoice},
    choices::Choices,
    message::{Delta, Message},
    parts::{FinishReason, Function, ToolCall, Usage},
    text::{Text, owned},
};

/// An event of OpenAI's Responses API.
///
/// [`chunk`](Self::chunk) converts it for an [`Accumulator`](super::Accumulator). An event that reports a failure is an error:
/// [`DecodeError::Api`](super::DecodeError::Api).
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
    /// The contents of the output, if any. The last event repeats the whole answer. An [`Accumulator`](super::Accumulator) takes only
    /// those of its parts (text, reasoning, refusal, calls) that were not received before.
    pub message: Option<Box<Message<'a>>>,
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
            Self::Started(info) => {
                // What it says so far comes in pieces.
                let info = ResponseInfo { message: None, ..info };
                return info.chunk(None);
            }
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

    /// Converts the event into one that owns its text.
    pub fn into_owned(self) -> ResponsesEvent<'static> {
        match self {
            Self::Started(info) => ResponsesEvent::Started(info.into_owned()),
            Self::Text(text) => ResponsesEvent::Text(text.into_owned()),
            Self::Reasoning(text) => ResponsesEvent::Reasoning(text.into_owned()),
            Self::Refusal(text) => ResponsesEvent::Refusal(text.into_owned()),
            Self::FunctionCall { index, id, name } => ResponsesEvent::FunctionCall {
                index,
                id: owned(id),
                name: name.into_owned(),
            },
            Self::Arguments { index, piece } => ResponsesEvent::Arguments {
                index,
                piece: piece.into_owned(),
            },
            Self::Completed(info) => ResponsesEvent::Completed(info.into_owned()),
            Self::Incomplete(info) => ResponsesEvent::Incomplete(info.into_owned()),
            Self::Other(kind) => ResponsesEvent::Other(Cow::Owned(kind.into_owned())),
        }
    }
}

impl<'a> ResponseInfo<'a> {
    /// Converts this into a value that owns its text.
    pub fn into_owned(self) -> ResponseInfo<'static> {
        ResponseInfo {
            id: owned(self.id),
            model: owned(self.model),
            created_at: self.created_at,
            incomplete_reason: owned(self.incomplete_reason),
            usage: self.usage,
            has_function_call: self.has_function_call,
            message: self.message.map(|message| Box::new(message.into_owned())),
        }
    }

    pub(super) fn chunk(self, finish_reason: Option<FinishReason<'a>>) -> Chunk<'a> {
        let choice = ChunkChoice {
            index: Some(0),
            finish_reason,
            whole: self.message,
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
