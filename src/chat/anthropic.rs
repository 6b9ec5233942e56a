//! Anthropic's events. DeepSeek's `/anthropic` endpoint sends them too.

use alloc::{borrow::Cow, vec};

use super::{
    answer::{Chunk, ChunkChoice},
    message::Delta,
    parts::{FinishReason, Function, ToolCall, Usage},
    text::{Text, owned},
};

/// An event of Anthropic's messages API.
///
/// [`chunk`](Self::chunk) converts it for an [`Accumulator`](super::Accumulator). Parts that have no place in an answer, such as
/// the signature of the reasoning, are only here:
///
/// ```
/// use llm_response::{Data, chat::{AnthropicEvent, BlockPiece}};
///
/// let json = br#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB"}}"#;
/// match Data::new(b"", b"", json).anthropic()? {
///     AnthropicEvent::Block { piece: BlockPiece::Signature(signature), .. } => assert_eq!(signature, "EqQB"),
///     event => panic!("{event:?}"),
/// }
/// # Ok::<(), llm_response::chat::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnthropicEvent<'a> {
    /// `message_start`: the answer's id and model, and the tokens of the request.
    MessageStart {
        /// The answer's id.
        id: Option<Cow<'a, str>>,
        /// The name of the model.
        model: Option<Cow<'a, str>>,
        /// The tokens of the request.
        usage: Option<Usage>,
    },
    /// `content_block_start` or `content_block_delta`.
    Block {
        /// The index of the block in the message.
        index: Option<u32>,
        /// The content.
        piece: BlockPiece<'a>,
    },
    /// `content_block_stop`.
    BlockStop,
    /// `message_delta`: why the answer ends, and its tokens.
    MessageDelta {
        /// Why the answer ends.
        stop_reason: Option<FinishReason<'a>>,
        /// The tokens of the answer.
        usage: Option<Usage>,
    },
    /// `message_stop`.
    MessageStop,
    /// `ping`.
    Ping,
    /// An unknown event.
    Other(Cow<'a, str>),
}

/// A piece of a content block.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlockPiece<'a> {
    /// `text` or `text_delta`.
    Text(Text<'a>),
    /// `thinking` or `thinking_delta`.
    Thinking(Text<'a>),
    /// `signature_delta`: the signature of the thinking. Send it back unchanged.
    Signature(Text<'a>),
    /// `tool_use`: a call of a tool begins.
    ToolUse {
        /// The call's id.
        id: Option<Cow<'a, str>>,
        /// The tool's name.
        name: Text<'a>,
    },
    /// `tool_use` with arguments, as in a body. They count only if no pieces of arguments follow, because those repeat them.
    WholeToolUse {
        /// The call's id.
        id: Option<Cow<'a, str>>,
        /// The tool's name.
        name: Text<'a>,
        /// The arguments, as JSON.
        input: Text<'a>,
    },
    /// `input_json_delta`: a piece of the arguments.
    InputJson(Text<'a>),
    /// An unknown piece.
    Other,
}

impl<'a> AnthropicEvent<'a> {
    /// What this event adds to an answer; an empty chunk if it adds nothing.
    pub fn chunk(self) -> Chunk<'a> {
        let mut chunk = Chunk::default();
        let mut choice = ChunkChoice {
            index: Some(0),
            ..ChunkChoice::default()
        };
        match self {
            Self::MessageStart { id, model, usage } => {
                chunk.id = id;
                chunk.model = model;
                chunk.usage = usage;
                choice.delta.role = Some(Cow::Borrowed("assistant"));
            }
            Self::Block { index, piece } => choice.delta = piece.delta(index),
            Self::MessageDelta { stop_reason, usage } => {
                chunk.usage = usage;
                choice.finish_reason = stop_reason;
            }
            Self::BlockStop | Self::MessageStop | Self::Ping | Self::Other(_) => return chunk,
        }
        chunk.choices.push(choice);
        chunk
    }

    /// Converts the event into one that owns its text.
    pub fn into_owned(self) -> AnthropicEvent<'static> {
        match self {
            Self::MessageStart { id, model, usage } => AnthropicEvent::MessageStart {
                id: owned(id),
                model: owned(model),
                usage,
            },
            Self::Block { index, piece } => AnthropicEvent::Block {
                index,
                piece: piece.into_owned(),
            },
            Self::BlockStop => AnthropicEvent::BlockStop,
            Self::MessageDelta { stop_reason, usage } => AnthropicEvent::MessageDelta {
                stop_reason: stop_reason.map(FinishReason::into_owned),
                usage,
            },
            Self::MessageStop => AnthropicEvent::MessageStop,
            Self::Ping => AnthropicEvent::Ping,
            Self::Other(kind) => AnthropicEvent::Other(Cow::Owned(kind.into_owned())),
        }
    }
}

impl<'a> BlockPiece<'a> {
    fn delta(self, index: Option<u32>) -> Delta<'a> {
        let call = |id, name, arguments, begins| {
            let call = ToolCall {
                index,
                id,
                function: Function { name, arguments },
                begins,
                ..ToolCall::default()
            };
            Delta {
                tool_calls: vec![call],
                ..Delta::default()
            }
        };
        let some = |text: Text<'a>| (!text.is_empty()).then_some(text);
        match self {
            Self::Text(text) => Delta {
                content: some(text),
                ..Delta::default()
            },
            Self::Thinking(text) => Delta {
                reasoning: some(text),
                ..Delta::default()
            },
            Self::ToolUse { id, name } => call(id, name, Text::default(), true),
            Self::WholeToolUse { id, name, input } => call(id, name, input, true),
            Self::InputJson(piece) => call(None, Text::default(), piece, false),
            Self::Signature(_) | Self::Other => Delta::default(),
        }
    }

    /// Converts the piece into one that owns its text.
    pub fn into_owned(self) -> BlockPiece<'static> {
        match self {
            Self::Text(text) => BlockPiece::Text(text.into_owned()),
            Self::Thinking(text) => BlockPiece::Thinking(text.into_owned()),
            Self::Signature(signature) => BlockPiece::Signature(signature.into_owned()),
            Self::ToolUse { id, name } => BlockPiece::ToolUse {
                id: owned(id),
                name: name.into_owned(),
            },
            Self::WholeToolUse { id, name, input } => BlockPiece::WholeToolUse {
                id: owned(id),
                name: name.into_owned(),
                input: input.into_owned(),
            },
            Self::InputJson(piece) => BlockPiece::InputJson(piece.into_owned()),
            Self::Other => BlockPiece::Other,
        }
    }
}
