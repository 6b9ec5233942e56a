//! The parts of answers: usage, finish reasons, tool calls.

use alloc::borrow::Cow;

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeStruct},
};

use super::{
    json::{Json, NotJson, Value},
    object::{self, Object, count, index},
    text::{Text, word},
};

/// Why an answer ended.
///
/// Providers have reasons of their own, so reading this never fails: an unknown reason is kept unchanged.
///
/// ```
/// use llm_response::{Body, chat::FinishReason};
///
/// let reason = |json: &'static str| Body::new(json.as_bytes()).completion().unwrap().choices[0].finish_reason.clone();
/// assert_eq!(reason(r#"{"choices":[{"finish_reason":"length"}]}"#), Some(FinishReason::Length));
/// assert_eq!(reason(r#"{"choices":[{"finish_reason":"eos"}]}"#).unwrap().as_str(), "eos");
/// assert_eq!(reason(r#"{"choices":[{"finish_reason":""}]}"#), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FinishReason<'a> {
    /// The model finished, or reached a stop word.
    Stop,
    /// `max_tokens` or the length of the context was reached: the answer is incomplete.
    Length,
    /// A filter removed the rest.
    ContentFilter,
    /// The model waits for the results of its tool calls.
    ToolCalls,
    /// DeepSeek's servers were too busy to continue: the answer is incomplete.
    InsufficientSystemResource,
    /// Any other reason, unchanged.
    Other(Cow<'a, str>),
}

impl<'a> FinishReason<'a> {
    /// The reason as the API writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ContentFilter => "content_filter",
            Self::ToolCalls => "tool_calls",
            Self::InsufficientSystemResource => "insufficient_system_resource",
            Self::Other(reason) => reason,
        }
    }

    /// Converts the reason into one that owns its text.
    pub fn into_owned(self) -> FinishReason<'static> {
        match self {
            Self::Stop => FinishReason::Stop,
            Self::Length => FinishReason::Length,
            Self::ContentFilter => FinishReason::ContentFilter,
            Self::ToolCalls => FinishReason::ToolCalls,
            Self::InsufficientSystemResource => FinishReason::InsufficientSystemResource,
            Self::Other(reason) => FinishReason::Other(Cow::Owned(reason.into_owned())),
        }
    }

    pub(super) fn read(json: &mut Json<'a>) -> Result<Option<Self>, NotJson> {
        Ok(word(json)?.map(|reason| match &*reason {
            "stop" => Self::Stop,
            "length" => Self::Length,
            "content_filter" => Self::ContentFilter,
            "tool_calls" => Self::ToolCalls,
            "insufficient_system_resource" => Self::InsufficientSystemResource,
            _ => Self::Other(reason),
        }))
    }
}

impl Serialize for FinishReason<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// How many tokens a request and its answer have. Numbers may also be floats or strings.
///
/// ```
/// use llm_response::Body;
///
/// let body = Body::new(br#"{"usage":{"prompt_tokens":"9","completion_tokens":12.0,"prompt_cache_hit_tokens":8,
///     "completion_tokens_details":{"reasoning_tokens":4}}}"#);
/// let usage = body.completion().unwrap().usage.unwrap();
/// assert_eq!((usage.prompt_tokens, usage.completion_tokens), (Some(9), Some(12)));
/// assert_eq!((usage.prompt_cache_hit_tokens, usage.reasoning_tokens), (Some(8), Some(4)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Tokens of the request.
    pub prompt_tokens: Option<u64>,
    /// Tokens of the answer, including its reasoning.
    pub completion_tokens: Option<u64>,
    /// Tokens of both.
    pub total_tokens: Option<u64>,
    /// DeepSeek: tokens of the request that were in the cache.
    pub prompt_cache_hit_tokens: Option<u64>,
    /// DeepSeek: tokens of the request that were not in the cache.
    pub prompt_cache_miss_tokens: Option<u64>,
    /// `prompt_tokens_details.cached_tokens`: tokens of the request that were in the cache.
    pub cached_tokens: Option<u64>,
    /// `completion_tokens_details.reasoning_tokens`: tokens of the reasoning.
    pub reasoning_tokens: Option<u64>,
}

impl Usage {
    /// Takes the counts that `later` has, and keeps the others.
    pub(super) fn merge(&mut self, later: &Self) {
        let pairs = [
            (&mut self.prompt_tokens, later.prompt_tokens),
            (&mut self.completion_tokens, later.completion_tokens),
            (&mut self.total_tokens, later.total_tokens),
            (&mut self.prompt_cache_hit_tokens, later.prompt_cache_hit_tokens),
            (&mut self.prompt_cache_miss_tokens, later.prompt_cache_miss_tokens),
            (&mut self.cached_tokens, later.cached_tokens),
            (&mut self.reasoning_tokens, later.reasoning_tokens),
        ];
        for (count, later) in pairs {
            *count = later.or(*count);
        }
    }
}

impl<'a> Object<'a> for Usage {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        let place = match name {
            b"prompt_tokens" => &mut self.prompt_tokens,
            b"completion_tokens" => &mut self.completion_tokens,
            b"total_tokens" => &mut self.total_tokens,
            b"prompt_cache_hit_tokens" => &mut self.prompt_cache_hit_tokens,
            b"prompt_cache_miss_tokens" => &mut self.prompt_cache_miss_tokens,
            b"prompt_tokens_details" | b"completion_tokens_details" => {
                if let Some(details) = object::object::<Details>(json)? {
                    self.cached_tokens = details.cached_tokens.or(self.cached_tokens);
                    self.reasoning_tokens = details.reasoning_tokens.or(self.reasoning_tokens);
                }
                return Ok(());
            }
            _ => return json.skip(),
        };
        *place = count(json)?;
        Ok(())
    }
}

/// The details of a count.
#[derive(Default)]
pub(super) struct Details {
    pub(super) cached_tokens: Option<u64>,
    pub(super) reasoning_tokens: Option<u64>,
}

impl<'a> Object<'a> for Details {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        let place = match name {
            b"cached_tokens" => &mut self.cached_tokens,
            b"reasoning_tokens" => &mut self.reasoning_tokens,
            _ => return json.skip(),
        };
        *place = count(json)?;
        Ok(())
    }
}

impl Serialize for Usage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let counts = [
            ("prompt_tokens", self.prompt_tokens),
            ("completion_tokens", self.completion_tokens),
            ("total_tokens", self.total_tokens),
            ("prompt_cache_hit_tokens", self.prompt_cache_hit_tokens),
            ("prompt_cache_miss_tokens", self.prompt_cache_miss_tokens),
        ];
        let details = [
            ("prompt_tokens_details", "cached_tokens", self.cached_tokens),
            ("completion_tokens_details", "reasoning_tokens", self.reasoning_tokens),
        ];
        let mut map = serializer.serialize_map(None)?;
        for (name, count) in counts {
            if let Some(count) = count {
                map.serialize_entry(name, &count)?;
            }
        }
        for (name, detail, count) in details {
            if let Some(count) = count {
                map.serialize_entry(name, &alloc::collections::BTreeMap::from([(detail, count)]))?;
            }
        }
        map.end()
    }
}

/// A call of a tool, or a piece of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToolCall<'a> {
    /// The index of the call to which a piece belongs. Some servers omit it, or repeat one index for several calls.
    pub index: Option<u32>,
    /// The id of this call, which must be sent back with the result.
    pub id: Option<Cow<'a, str>>,
    /// The kind of tool; `function` if the API does not name it.
    pub kind: Option<Cow<'a, str>>,
    /// The function that is called.
    pub function: Function<'a>,
    /// A call in Anthropic's API begins here. Its arguments count if no pieces of arguments follow. Without either, they are `{}`.
    pub(super) begins: bool,
}

/// The function of a tool call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Function<'a> {
    /// Its name, or a piece of it.
    pub name: Text<'a>,
    /// Its arguments as JSON, or a piece of them.
    pub arguments: Text<'a>,
}

impl ToolCall<'_> {
    /// Converts the call into one that owns its text.
    pub fn into_owned(self) -> ToolCall<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        ToolCall {
            index: self.index,
            id: self.id.map(owned),
            kind: self.kind.map(owned),
            function: self.function.into_owned(),
            begins: self.begins,
        }
    }
}

impl Function<'_> {
    /// How many bytes its text has.
    pub(super) fn len(&self) -> usize {
        self.name.len() + self.arguments.len()
    }

    /// Converts the function into one that owns its text.
    pub fn into_owned(self) -> Function<'static> {
        Function {
            name: self.name.into_owned(),
            arguments: self.arguments.into_owned(),
        }
    }
}

impl Function<'static> {
    /// Adds a piece. After the first piece of the arguments, the name is complete, and a further name is a repetition.
    pub(super) fn push(&mut self, piece: &Function<'_>) {
        if self.arguments.is_empty() && piece.name != self.name {
            self.name.push(&piece.name);
        }
        self.arguments.push(&piece.arguments);
    }
}

impl<'a> Object<'a> for ToolCall<'a> {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        match name {
            b"index" => self.index = index(json)?,
            b"id" => self.id = word(json)?,
            b"type" => self.kind = word(json)?,
            b"function" => self.function = object::object(json)?.unwrap_or_default(),
            _ => return json.skip(),
        }
        Ok(())
    }
}

impl<'a> Object<'a> for Function<'a> {
    fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
        match name {
            b"name" => self.name = Text::leaf(json)?.unwrap_or_default(),
            b"arguments" => {
                // Some servers give the arguments as an object, others as a string that contains it.
                self.arguments = match json.value()? {
                    Value::Nested(json) => Text::from(json),
                    leaf => Text::from_leaf(leaf).unwrap_or_default(),
                };
            }
            _ => return json.skip(),
        }
        Ok(())
    }
}

/// Serializes it as in a body, without an index.
impl Serialize for ToolCall<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut call = serializer.serialize_struct("ToolCall", 3)?;
        call.serialize_field("id", self.id.as_deref().unwrap_or_default())?;
        call.serialize_field("type", self.kind.as_deref().unwrap_or("function"))?;
        call.serialize_field("function", &self.function)?;
        call.end()
    }
}

impl Serialize for Function<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut function = serializer.serialize_struct("Function", 2)?;
        function.serialize_field("name", &self.name)?;
        function.serialize_field("arguments", &self.arguments)?;
        function.end()
    }
}
