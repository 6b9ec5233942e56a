//! Reads the JSON of Anthropic's events.

use alloc::{borrow::Cow, string::String};

use super::{
    anthropic::{AnthropicEvent, BlockPiece},
    decode::{DecodeError, decode},
    json::{Json, NotJson, Value},
    object::{self, Object, count, index},
    parts::{FinishReason, Usage},
    text::{Text, word},
};
use crate::Data;

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
        let read = |json| Ok(object::whole::<Wire<'_>>(json)?.event(self.name()));
        let read_lossy = |json: &str| Ok(object::whole::<Wire<'_>>(json)?.event(self.name()).into_owned());
        decode(self, read, read_lossy)
    }
}

fn word_of(name: &[u8]) -> Option<Cow<'_, str>> {
    (!name.is_empty()).then(|| String::from_utf8_lossy(name))
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

impl<'a> Wire<'a> {
    fn event(self, name: &'a [u8]) -> AnthropicEvent<'a> {
        let kind = self.kind.or_else(|| word_of(name));
        match kind.as_deref().unwrap_or_default() {
            "message_start" => {
                let message = self.message.unwrap_or_default();
                AnthropicEvent::MessageStart {
                    id: message.id,
                    model: message.model,
                    usage: message.usage,
                }
            }
            "content_block_start" | "content_block_delta" => AnthropicEvent::Block {
                index: self.index,
                piece: self.block.unwrap_or_default().piece(),
            },
            "content_block_stop" => AnthropicEvent::BlockStop,
            "message_delta" => AnthropicEvent::MessageDelta {
                stop_reason: self.block.and_then(|delta| delta.stop_reason).map(finish_reason),
                usage: self.usage,
            },
            "message_stop" => AnthropicEvent::MessageStop,
            "ping" => AnthropicEvent::Ping,
            _ => AnthropicEvent::Other(kind.unwrap_or_default()),
        }
    }
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
    input: Option<Text<'a>>,
    stop_reason: Option<Cow<'a, str>>,
}

impl<'a> Block<'a> {
    pub(super) fn piece(self) -> BlockPiece<'a> {
        match self.kind.as_deref().unwrap_or_default() {
            "text" | "text_delta" => BlockPiece::Text(self.text),
            "thinking" | "thinking_delta" => BlockPiece::Thinking(self.text),
            "signature_delta" => BlockPiece::Signature(self.signature),
            "tool_use" => match self.input {
                None => BlockPiece::ToolUse {
                    id: self.id,
                    name: self.text,
                },
                Some(input) => BlockPiece::WholeToolUse {
                    id: self.id,
                    name: self.text,
                    input,
                },
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
                // Some servers give a string that contains it.
                let input = match json.value()? {
                    Value::Nested(json) => Some(Text::from(json)),
                    leaf => Text::from_leaf(leaf),
                };
                self.input = input.filter(|input| !input.is_empty() && !is_empty_object(input));
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
