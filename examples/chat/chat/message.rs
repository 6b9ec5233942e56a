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
    /// Said in place of an answer.
    #[serde(borrow)]
    refusal: Option<Text<'a>>,
    #[serde(borrow)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
}

/// In a stream the first one has the name, and each has a piece of the arguments.
#[derive(Debug, Deserialize)]
struct ToolCall<'a> {
    #[serde(borrow)]
    function: Option<Function<'a>>,
}

#[derive(Debug, Deserialize)]
struct Function<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    arguments: Option<Text<'a>>,
}

/// An event of Anthropic's API or of OpenAI's Responses, which have no choices.
#[derive(Debug, Deserialize)]
pub(crate) struct TypedEvent {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    delta: Value,
    #[serde(default)]
    content_block: Value,
    #[serde(default)]
    item: Value,
    #[serde(default)]
    response: Value,
}

impl TypedEvent {
    pub(crate) fn reasoning(&self) -> &str {
        match self.kind.as_str() {
            "content_block_delta" => self.delta["thinking"].as_str(),
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => self.delta.as_str(),
            _ => None,
        }
        .unwrap_or_default()
    }

    /// Text, a refusal, and calls of tools.
    pub(crate) fn content(&self) -> String {
        let text = match self.kind.as_str() {
            "content_block_start" if self.content_block["type"] == "tool_use" => {
                return called(self.content_block["name"].as_str().unwrap_or_default());
            }
            "response.output_item.added" if self.item["type"] == "function_call" => {
                return called(self.item["name"].as_str().unwrap_or_default());
            }
            "content_block_delta" => self.delta["text"].as_str().or(self.delta["partial_json"].as_str()),
            "response.output_text.delta" | "response.refusal.delta" | "response.function_call_arguments.delta" => {
                self.delta.as_str()
            }
            _ => None,
        };
        text.unwrap_or_default().to_owned()
    }

    pub(crate) fn finish_reason(&self) -> Option<&str> {
        match self.kind.as_str() {
            "message_delta" => self.delta["stop_reason"].as_str(),
            "response.completed" | "response.incomplete" => self.response["status"].as_str(),
            _ => None,
        }
    }
}

fn called(name: &str) -> String {
    format!("\n[calls {name}] ")
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

    /// What the model answers or refuses; empty where it says none.
    pub(crate) fn content(&self) -> &str {
        let said = text(&self.content.as_ref());
        if said.is_empty() {
            text(&self.refusal.as_ref())
        } else {
            said
        }
    }

    /// The tools that it calls, with the arguments as they come.
    pub(crate) fn tool_calls(&self) -> String {
        let functions = self
            .tool_calls
            .iter()
            .flatten()
            .filter_map(|call| call.function.as_ref());
        functions
            .map(|function| {
                let name = text(&function.name.as_ref());
                let name = if name.is_empty() { String::new() } else { called(name) };
                name + text(&function.arguments.as_ref())
            })
            .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tool_calls_and_refusals_are_read() {
        let said = |json: &str| {
            let message: Message<'_> = serde_json::from_str(json).unwrap();
            let said = message.choices[0].said().unwrap();
            said.content().to_owned() + &said.tool_calls()
        };
        let first = r#"{"choices":[{"delta":{"content":null,"tool_calls":[{"index":0,"id":"1","type":"function","function":{"name":"weather","arguments":""}}]}}]}"#;
        assert_eq!(said(first), "\n[calls weather] ");
        let more = r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\""}}]}}]}"#;
        assert_eq!(said(more), "{\"city\"");
        assert_eq!(
            said(r#"{"choices":[{"delta":{"content":null,"refusal":"No."}}]}"#),
            "No."
        );
    }

    #[test]
    fn events_of_other_apis_are_read() {
        for (json, reasoning, content, reason) in [
            (
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#,
                "",
                "Hi",
                None,
            ),
            (
                r#"{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"Hm"}}"#,
                "Hm",
                "",
                None,
            ),
            (
                r#"{"type":"content_block_start","content_block":{"type":"tool_use","name":"f"}}"#,
                "",
                "\n[calls f] ",
                None,
            ),
            (
                r#"{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":"{"}}"#,
                "",
                "{",
                None,
            ),
            (
                r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#,
                "",
                "",
                Some("end_turn"),
            ),
            (r#"{"type":"response.output_text.delta","delta":"Hi"}"#, "", "Hi", None),
            (r#"{"type":"response.refusal.delta","delta":"No"}"#, "", "No", None),
            (
                r#"{"type":"response.output_item.added","item":{"type":"function_call","name":"f"}}"#,
                "",
                "\n[calls f] ",
                None,
            ),
            (
                r#"{"type":"response.completed","response":{"status":"completed"}}"#,
                "",
                "",
                Some("completed"),
            ),
        ] {
            let event: TypedEvent = serde_json::from_str(json).unwrap();
            let read = (event.reasoning(), event.content(), event.finish_reason());
            assert_eq!(read, (reasoning, content.to_owned(), reason), "{json}");
        }
    }
}
