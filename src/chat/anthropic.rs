//! Anthropic's events. DeepSeek's `/anthropic` endpoint sends them too.

use alloc::{borrow::Cow, vec};

use super::{
    answer::{Chunk, ChunkChoice},
    decode::{DecodeError, decode},
    json::{Json, NotJson},
    message::Delta,
    object::{self, Object, count, index},
    parts::{FinishReason, Function, ToolCall, Usage},
    text::{Text, word},
};
use crate::Data;

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
}

impl<'a> BlockPiece<'a> {
    fn delta(self, index: Option<u32>) -> Delta<'a> {
        let call = |id, function| ToolCall {
            index,
            id,
            function,
            needs_arguments: true,
            ..ToolCall::default()
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
            Self::ToolUse { id, name } => {
                let function = Function {
                    name,
                    arguments: Text::default(),
                };
                Delta {
                    tool_calls: vec![call(id, function)],
                    ..Delta::default()
                }
            }
            Self::InputJson(arguments) => {
                let function = Function {
                    name: Text::default(),
                    arguments,
                };
                Delta {
                    tool_calls: vec![call(None, function)],
                    ..Delta::default()
                }
            }
            Self::Signature(_) | Self::Other => Delta::default(),
        }
    }
}

impl<'a> Data<'a> {
    /// Reads this as an event of Anthropic's messages API.
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
    ///     r#"{"type":"message_start","message":{"id":"m1","role":"assistant","content":[],"usage":{"input_tokens":3}}}"#,
    ///     r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}"#,
    ///     r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}"#,
    /// ] {
    ///     answer.push(&Data::new(b"", b"", json.as_bytes()).anthropic().unwrap().chunk()).unwrap();
    /// }
    /// assert_eq!(answer.content(), "hi");
    /// assert_eq!(answer.finish_reason().unwrap().as_str(), "stop");
    /// assert_eq!(answer.usage().unwrap().prompt_tokens, Some(3));
    /// ```
    pub fn anthropic(&self) -> Result<AnthropicEvent<'a>, DecodeError<'a>> {
        let raw: Wire<'a> = decode(self)?;
        let kind = raw.kind.or_else(|| word_of(self.name()));
        Ok(match kind.as_deref().unwrap_or_default() {
            "message_start" => {
                let message = raw.message.unwrap_or_default();
                AnthropicEvent::MessageStart {
                    id: message.id,
                    model: message.model,
                    usage: message.usage,
                }
            }
            "content_block_start" | "content_block_delta" => AnthropicEvent::Block {
                index: raw.index,
                piece: raw.block.unwrap_or_default().piece(),
            },
            "content_block_stop" => AnthropicEvent::BlockStop,
            "message_delta" => AnthropicEvent::MessageDelta {
                stop_reason: raw.block.and_then(|delta| delta.stop_reason).map(finish_reason),
                usage: raw.usage,
            },
            "message_stop" => AnthropicEvent::MessageStop,
            "ping" => AnthropicEvent::Ping,
            _ => AnthropicEvent::Other(kind.unwrap_or_default()),
        })
    }
}

fn word_of(name: &[u8]) -> Option<Cow<'_, str>> {
    (!name.is_empty()).then(|| alloc::string::String::from_utf8_lossy(name))
}

/// Translates Anthropic's name for a reason into the name of the other APIs.
pub(super) fn finish_reason(reason: Cow<'_, str>) -> FinishReason<'_> {
    match &*reason {
        "end_turn" | "stop_sequence" => FinishReason::Stop,
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "tool_use" => FinishReason::ToolCalls,
        "refusal" => FinishReason::ContentFilter,
        _ => FinishReason::Other(reason),
    }
}

/// The members of an event.
#[derive(Default)]
struct Wire<'a> {
    kind: Option<Cow<'a, str>>,
    index: Option<u32>,
    message: Option<Start<'a>>,
    block: Option<Block<'a>>,
    usage: Option<Usage>,
}

impl<'a> Object<'a> for Wire<'a> {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        match name {
            b"type" => self.kind = word(json)?,
            b"index" => self.index = index(json)?,
            b"message" => self.message = object::object(json)?,
            b"content_block" | b"delta" => self.block = object::object(json)?,
            b"usage" => self.usage = object::object::<Tokens>(json)?.map(Tokens::usage),
            _ => return json.skip(),
        }
        Ok(())
    }
}

/// The message that an answer starts with.
#[derive(Default)]
struct Start<'a> {
    id: Option<Cow<'a, str>>,
    model: Option<Cow<'a, str>>,
    usage: Option<Usage>,
}

impl<'a> Object<'a> for Start<'a> {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        match name {
            b"id" => self.id = word(json)?,
            b"model" => self.model = word(json)?,
            b"usage" => self.usage = object::object::<Tokens>(json)?.map(Tokens::usage),
            _ => return json.skip(),
        }
        Ok(())
    }
}

/// A block, or a delta of one.
#[derive(Default)]
pub(super) struct Block<'a> {
    kind: Option<Cow<'a, str>>,
    id: Option<Cow<'a, str>>,
    /// The name, the text, or the piece of JSON.
    text: Text<'a>,
    signature: Text<'a>,
    /// Complete arguments, as in a body; `None` if they are empty.
    pub(super) input: Option<Text<'a>>,
    stop_reason: Option<Cow<'a, str>>,
}

impl<'a> Block<'a> {
    pub(super) fn piece(self) -> BlockPiece<'a> {
        match self.kind.as_deref().unwrap_or_default() {
            "text" | "text_delta" => BlockPiece::Text(self.text),
            "thinking" | "thinking_delta" => BlockPiece::Thinking(self.text),
            "signature_delta" => BlockPiece::Signature(self.signature),
            "tool_use" => BlockPiece::ToolUse {
                id: self.id,
                name: self.text,
            },
            "input_json_delta" => BlockPiece::InputJson(self.text),
            _ => BlockPiece::Other,
        }
    }
}

impl<'a> Object<'a> for Block<'a> {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        match name {
            b"type" => self.kind = word(json)?,
            b"id" => self.id = word(json)?,
            b"text" | b"thinking" | b"name" | b"partial_json" => self.text = Text::leaf(json)?.unwrap_or_default(),
            b"signature" => self.signature = Text::leaf(json)?.unwrap_or_default(),
            b"input" => {
                self.input = Some(json.raw()?)
                    .filter(|input| !is_empty_object(input))
                    .map(Text::from)
            }
            b"stop_reason" => self.stop_reason = word(json)?,
            _ => return json.skip(),
        }
        Ok(())
    }
}

fn is_empty_object(json: &str) -> bool {
    let inside = json.strip_prefix('{').and_then(|json| json.strip_suffix('}'));
    inside.is_some_and(|inside| inside.trim_ascii().is_empty())
}

/// Anthropic's names for counts.
#[derive(Default)]
pub(super) struct Tokens(Usage);

impl Tokens {
    pub(super) fn usage(self) -> Usage {
        self.0
    }
}

impl<'a> Object<'a> for Tokens {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        let place = match name {
            b"input_tokens" => &mut self.0.prompt_tokens,
            b"output_tokens" => &mut self.0.completion_tokens,
            b"cache_read_input_tokens" => &mut self.0.cached_tokens,
            _ => return json.skip(),
        };
        *place = count(json)?;
        Ok(())
    }
}
