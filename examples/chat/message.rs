//! The JSON of chat completions, as much of it as this client shows.
//!
//! Every member may be missing or `null`, because servers differ. What is not named here is passed over.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

/// How much is shown of an error in an unknown shape, in characters.
const ERROR_LEN: usize = 400;

/// A chunk of a stream, or a whole JSON body: they differ in one name.
#[derive(Debug, Deserialize)]
pub(crate) struct Message<'a> {
    #[serde(borrow, default)]
    pub(crate) choices: Vec<Choice<'a>>,
    pub(crate) usage: Option<Usage>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Choice<'a> {
    /// In a stream.
    #[serde(borrow)]
    delta: Option<Said<'a>>,
    /// In a body.
    #[serde(borrow)]
    message: Option<Said<'a>>,
    /// A string, because servers go on inventing new ones.
    pub(crate) finish_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Said<'a> {
    #[serde(borrow)]
    reasoning_content: Option<Text<'a>>,
    /// What Groq and OpenRouter call `reasoning_content`.
    #[serde(borrow)]
    reasoning: Option<Text<'a>>,
    #[serde(borrow)]
    content: Option<Text<'a>>,
}

/// A string, borrowed from the event unless it has escapes. (serde borrows a `Cow`, but not one in an `Option`.)
#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Usage {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
    prompt_cache_hit_tokens: Option<u64>,
    completion_tokens_details: Option<CompletionDetails>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct CompletionDetails {
    reasoning_tokens: Option<u64>,
}

impl Message<'_> {
    /// Whether a whole body answers. (In a stream, chunks without choices are usual.)
    pub(crate) fn is_answer(&self) -> bool {
        !self.choices.is_empty()
    }
}

impl<'a> Choice<'a> {
    pub(crate) fn said(&self) -> Option<&Said<'a>> {
        self.delta.as_ref().or(self.message.as_ref())
    }
}

impl Said<'_> {
    /// What the model thinks; empty where it says none.
    pub(crate) fn reasoning(&self) -> &str {
        text(&self.reasoning_content.as_ref().or(self.reasoning.as_ref()))
    }

    /// What the model answers; empty where it says none.
    pub(crate) fn content(&self) -> &str {
        text(&self.content.as_ref())
    }
}

fn text<'t>(text: &Option<&'t Text<'_>>) -> &'t str {
    text.map_or("", |text| &text.0)
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tokens in", self.prompt_tokens)?;
        if let Some(hit) = self.prompt_cache_hit_tokens {
            write!(f, " ({hit} from the cache)")?;
        }
        write!(f, ", {} out", self.completion_tokens)?;
        let details = self.completion_tokens_details;
        if let Some(reasoning) = details.and_then(|details| details.reasoning_tokens) {
            write!(f, " ({reasoning} of reasoning)")?;
        }
        Ok(())
    }
}

/// What an error says: `{"error":{"message":…,"code":…}}`, with all that servers leave out or put elsewhere.
pub(crate) fn error_text(json: &[u8]) -> String {
    let object: Value = serde_json::from_slice(json).unwrap_or_default();
    let find = |pointer| object.pointer(pointer).and_then(scalar);
    let message = ["/error/message", "/message", "/error", "/detail"]
        .into_iter()
        .find_map(find);
    let code = ["/error/code", "/error/type"].into_iter().find_map(find);
    match (message, code) {
        (Some(message), Some(code)) => format!("{message} ({code})"),
        (Some(message), None) => message,
        (None, _) => String::from_utf8_lossy(json).chars().take(ERROR_LEN).collect(),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
