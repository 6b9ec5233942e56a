//! The text of an answer, in the words of one API.

use llm_response::Data;
use llm_response::chat::{Accumulator, AnthropicEvent, Chunk, OllamaLine, ResponsesEvent};
use serde::Deserialize;
use serde_json::Value;

/// Whose events and bodies they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Wording {
    OpenAi,
    Responses,
    Anthropic,
    Ollama,
    /// One that the module `chat` does not read: there is no text.
    Other,
}

impl Wording {
    /// Where requests of this kind go.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Anthropic => "/v1/messages",
            _ => "/chat/completions",
        }
    }

    /// Adds what an event brings. One that reports an error brings nothing.
    pub(crate) fn push(self, answer: &mut Accumulator, data: &Data<'_>) -> Result<(), String> {
        if data.is_error() {
            return Ok(());
        }
        let chunk = match self {
            Self::OpenAi => data.chunk(),
            Self::Responses => data.responses().map(ResponsesEvent::chunk),
            Self::Anthropic => data.anthropic().map(AnthropicEvent::chunk),
            Self::Ollama => data.ollama().map(OllamaLine::chunk),
            Self::Other => Ok(Chunk::default()),
        };
        let chunk = chunk.map_err(|error| error.to_string())?;
        answer.push(&chunk).map_err(|error| error.to_string())
    }

    /// Text and reasoning of a body; nothing, if it is an error.
    pub(crate) fn body(self, body: &[u8]) -> serde_json::Result<(String, String)> {
        let body: Value = serde_json::from_slice(body)?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(match self {
            Self::Anthropic => {
                let blocks = body["content"].as_array().map_or(&[][..], Vec::as_slice);
                let all = |member| blocks.iter().map(|block| text(&block[member])).collect();
                (all("text"), all("thinking"))
            }
            _ => {
                let message = &body["choices"][0]["message"];
                (text(&message["content"]), text(&message["reasoning_content"]))
            }
        })
    }
}
