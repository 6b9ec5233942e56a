//! The lines of Ollama's own API: `/api/chat` and `/api/generate`.

use alloc::{borrow::Cow, vec::Vec};

use super::{
    answer::{Chunk, ChunkChoice},
    choices::Choices,
    decode::{DecodeError, decode},
    json::{Json, NotJson},
    message::{Delta, Message},
    object::{self, Object, count},
    parts::{FinishReason, ToolCall, Usage},
    text::{Text, owned, word},
};
use crate::Data;

/// A line of Ollama's own API.
///
/// [`chunk`](Self::chunk) converts it for an [`Accumulator`](super::Accumulator).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OllamaLine<'a> {
    /// The name of the model.
    pub model: Option<Cow<'a, str>>,
    /// The text of `message`, or `response`.
    pub content: Option<Text<'a>>,
    /// The reasoning.
    pub thinking: Option<Text<'a>>,
    /// Complete calls of tools. They have no index, and usually no id.
    pub tool_calls: Vec<ToolCall<'a>>,
    /// Why the answer ended: `done_reason`.
    pub done_reason: Option<FinishReason<'a>>,
    /// The tokens of the request: `prompt_eval_count`.
    pub prompt_eval_count: Option<u64>,
    /// The tokens of the answer: `eval_count`.
    pub eval_count: Option<u64>,
}

impl<'a> OllamaLine<'a> {
    /// What this line adds to an answer.
    pub fn chunk(self) -> Chunk<'a> {
        let has_usage = self.prompt_eval_count.is_some() || self.eval_count.is_some();
        let usage = has_usage.then(|| Usage {
            prompt_tokens: self.prompt_eval_count,
            completion_tokens: self.eval_count,
            ..Usage::default()
        });
        let some = |text: &Text<'_>| !text.is_empty();
        let delta = Delta {
            content: self.content.filter(some),
            reasoning: self.thinking.filter(some),
            tool_calls: self.tool_calls,
            ..Delta::default()
        };
        let choice = ChunkChoice {
            index: Some(0),
            delta,
            finish_reason: self.done_reason,
            ..ChunkChoice::default()
        };
        Chunk {
            model: self.model,
            choices: Choices::from([choice]),
            usage,
            ..Chunk::default()
        }
    }

    /// Converts the line into one that owns its text.
    pub fn into_owned(self) -> OllamaLine<'static> {
        OllamaLine {
            model: owned(self.model),
            content: self.content.map(Text::into_owned),
            thinking: self.thinking.map(Text::into_owned),
            tool_calls: self.tool_calls.into_iter().map(ToolCall::into_owned).collect(),
            done_reason: self.done_reason.map(FinishReason::into_owned),
            prompt_eval_count: self.prompt_eval_count,
            eval_count: self.eval_count,
        }
    }
}

impl<'a> Data<'a> {
    /// Reads this as a line of Ollama's own API.
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
    ///     r#"{"model":"m","message":{"role":"assistant","content":"hi"},"done":false}"#,
    ///     r#"{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","eval_count":2}"#,
    /// ] {
    ///     answer.push(&Data::new(b"", b"", json.as_bytes()).ollama().unwrap().chunk()).unwrap();
    /// }
    /// assert_eq!(answer.content(), "hi");
    /// assert_eq!(answer.usage().unwrap().completion_tokens, Some(2));
    /// ```
    pub fn ollama(&self) -> Result<OllamaLine<'a>, DecodeError<'a>> {
        let lossy = |json: &str| object::whole(json).map(OllamaLine::into_owned);
        decode(self, object::whole, lossy)
    }
}

impl<'a> Object<'a> for OllamaLine<'a> {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        match name {
            b"model" => self.model = word(json)?,
            b"message" => {
                if let Some(message) = object::object::<Message<'a>>(json)? {
                    self.content = message.content;
                    self.thinking = message.reasoning;
                    self.tool_calls = message.tool_calls;
                }
            }
            // `/api/generate` has no message.
            b"response" => self.content = Text::leaf(json)?,
            b"thinking" => self.thinking = Text::leaf(json)?,
            b"done_reason" => self.done_reason = FinishReason::read(json)?,
            b"prompt_eval_count" => self.prompt_eval_count = count(json)?,
            b"eval_count" => self.eval_count = count(json)?,
            _ => return json.skip(),
        }
        Ok(())
    }
}
