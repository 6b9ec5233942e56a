//! A message of the model, or a piece of one.

use alloc::{borrow::Cow, vec::Vec};

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{
    json::{Json, NotJson},
    object::{self, Object},
    parts::{Function, ToolCall},
    text::{Text, owned, word},
};

/// A piece of a message.
pub type Delta<'a> = Message<'a>;

/// A message of the model. Empty strings are `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message<'a> {
    /// Who wrote it: `assistant`.
    pub role: Option<Cow<'a, str>>,
    /// The text. If the content is a list of parts, the text of all parts.
    pub content: Option<Text<'a>>,
    /// The reasoning: `reasoning_content`, `reasoning` or `thinking`.
    pub reasoning: Option<Text<'a>>,
    /// Why the model declines to answer.
    pub refusal: Option<Text<'a>>,
    /// The calls of tools.
    pub tool_calls: Vec<ToolCall<'a>>,
    /// A call of a function, in the older form that `tool_calls` has replaced.
    pub function_call: Option<Function<'a>>,
}

impl Message<'_> {
    /// Whether this holds output of the model. A role or an empty text is no output.
    pub fn is_output(&self) -> bool {
        let texts = [&self.content, &self.reasoning, &self.refusal];
        let is_text = texts.into_iter().flatten().any(|text| !text.is_empty());
        is_text || !self.tool_calls.is_empty() || self.function_call.is_some()
    }

    /// Whether the content of a body is `null`.
    fn calls_or_declines(&self) -> bool {
        !self.tool_calls.is_empty() || self.function_call.is_some() || self.refusal.is_some()
    }

    /// Converts the message into one that owns its text.
    pub fn into_owned(self) -> Message<'static> {
        Message {
            role: owned(self.role),
            content: self.content.map(Text::into_owned),
            reasoning: self.reasoning.map(Text::into_owned),
            refusal: self.refusal.map(Text::into_owned),
            tool_calls: self.tool_calls.into_iter().map(ToolCall::into_owned).collect(),
            function_call: self.function_call.map(Function::into_owned),
        }
    }
}

fn text<'a>(json: &mut Json<'a>) -> Result<Option<Text<'a>>, NotJson> {
    Ok(Text::content(json)?.filter(|text| !text.is_empty()))
}

impl<'a> Object<'a> for Message<'a> {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        match name {
            b"role" => self.role = word(json)?,
            b"content" => self.content = text(json)?,
            // Some servers send both, with the same text.
            b"reasoning_content" | b"reasoning" | b"thinking" => {
                let text = text(json)?;
                self.reasoning = text.or(self.reasoning.take());
            }
            b"refusal" => self.refusal = text(json)?,
            b"tool_calls" => object::list(json, |call| self.tool_calls.push(call))?,
            b"function_call" => self.function_call = object::object(json)?,
            _ => return json.skip(),
        }
        Ok(())
    }
}

impl Serialize for Message<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut message = serializer.serialize_map(None)?;
        message.serialize_entry("role", self.role.as_deref().unwrap_or("assistant"))?;
        // `null` means that the answer is elsewhere.
        match &self.content {
            None if self.calls_or_declines() => message.serialize_entry("content", &())?,
            content => message.serialize_entry("content", content.as_deref().unwrap_or_default())?,
        }
        if let Some(reasoning) = &self.reasoning {
            message.serialize_entry("reasoning_content", reasoning)?;
        }
        if let Some(refusal) = &self.refusal {
            message.serialize_entry("refusal", refusal)?;
        }
        if !self.tool_calls.is_empty() {
            message.serialize_entry("tool_calls", &self.tool_calls)?;
        }
        if let Some(call) = &self.function_call {
            message.serialize_entry("function_call", call)?;
        }
        message.end()
    }
}
