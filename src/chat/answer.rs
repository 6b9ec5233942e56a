//! A chunk of a stream, and a whole answer. Both have the same members, but the choices of a chunk hold pieces.

use alloc::{borrow::Cow, boxed::Box, vec::Vec};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::Error,
    ser::{SerializeMap, SerializeStruct},
};
use serde_json::value::RawValue;

use super::{
    choices::Choices,
    json::{Json, NotJson},
    message::{Delta, Message},
    object::{self, Object, count, index},
    parts::{FinishReason, Usage},
    text::{Raw, Text, owned, word},
};

/// A chunk of an answer, from one event of a stream. Every part of it may be missing.
///
/// [`Data::chunk`](crate::Data::chunk) gives it, and the event types of the other APIs have a method `chunk`. Serialized, it has
/// the form of the API's own chunk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Chunk<'a> {
    /// The answer's id.
    pub id: Option<Cow<'a, str>>,
    /// When the answer was created, in seconds since 1970.
    pub created: Option<u64>,
    /// The name of the model.
    pub model: Option<Cow<'a, str>>,
    /// The configuration of the server.
    pub system_fingerprint: Option<Cow<'a, str>>,
    /// The pieces of the choices.
    pub choices: Choices<ChunkChoice<'a>>,
    /// How many tokens were used so far; most servers report it only in the last chunk.
    pub usage: Option<Usage>,
}

/// A whole answer.
///
/// [`Body::completion`](crate::Body::completion) gives it for a body, and [`Accumulator::completion`](super::Accumulator::completion)
/// for a stream. Serialized, it has the form of the API's own body.
///
/// ```
/// use llm_response::{Body, chat::Completion};
///
/// let json = r#"{"id":"a1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":3}}"#;
/// let completion = Body::new(json.as_bytes()).completion().unwrap();
/// assert_eq!(completion.usage.unwrap().prompt_tokens, Some(3));
///
/// // It can be serialized, for example to store it, and read again.
/// assert_eq!(serde_json::to_string(&completion)?, json);
/// assert_eq!(serde_json::from_str::<Completion>(json)?, completion);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Completion<'a> {
    /// The answer's id.
    pub id: Option<Cow<'a, str>>,
    /// When the answer was created, in seconds since 1970.
    pub created: Option<u64>,
    /// The name of the model.
    pub model: Option<Cow<'a, str>>,
    /// The configuration of the server.
    pub system_fingerprint: Option<Cow<'a, str>>,
    /// The choices, in the order of their indices.
    pub choices: Vec<Choice<'a>>,
    /// How many tokens were used.
    pub usage: Option<Usage>,
}

/// A piece of one of the answers to a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChunkChoice<'a> {
    /// The index of the answer; if the server sent none, its place in the list.
    pub index: Option<u32>,
    /// The piece.
    pub delta: Delta<'a>,
    /// The text, if the API fills in or continues a given text. Such an answer has no message.
    pub text: Option<Text<'a>>,
    /// Why the answer ended.
    pub finish_reason: Option<FinishReason<'a>>,
    /// The log probabilities of the tokens, unchanged.
    pub logprobs: Option<Raw<'a>>,
    /// The whole message, if the last event repeats it. Only those parts count for which no piece was received.
    pub(super) whole: Option<Box<Message<'a>>>,
}

/// One of the answers to a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Choice<'a> {
    /// The index of the answer; if the server sent none, its place in the list.
    pub index: Option<u32>,
    /// The answer.
    pub message: Message<'a>,
    /// The text, if the API fills in or continues a given text. Such an answer has no message.
    pub text: Option<Text<'a>>,
    /// Why the answer ended.
    pub finish_reason: Option<FinishReason<'a>>,
    /// The log probabilities of the tokens, unchanged.
    pub logprobs: Option<Raw<'a>>,
}

impl Chunk<'_> {
    /// Whether this chunk contains output of the model. The first such chunk holds the first token. A chunk that has only a role,
    /// an empty text, a finish reason or the usage contains no output. The last event of OpenAI's Responses API may repeat the whole
    /// answer.
    ///
    /// [`Watchdog::on_token`](crate::Watchdog::on_token) records the time.
    ///
    /// ```
    /// use llm_response::Data;
    ///
    /// let is_output = |json: &'static str| Data::new(b"", b"", json.as_bytes()).chunk().unwrap().is_output();
    /// assert!(!is_output(r#"{"choices":[{"delta":{"role":"assistant","content":""}}]}"#));
    /// assert!(is_output(r#"{"choices":[{"delta":{"reasoning_content":"Hm"}}]}"#));
    /// assert!(!is_output(r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#));
    /// ```
    pub fn is_output(&self) -> bool {
        let is_text = |text: &Text<'_>| !text.is_empty();
        let mut choices = self.choices.iter();
        choices.any(|choice| {
            let whole = choice.whole.as_deref();
            choice.delta.is_output()
                || choice.text.as_ref().is_some_and(is_text)
                || whole.is_some_and(Message::is_output)
        })
    }
}

impl<'a> Completion<'a> {
    /// Converts the answer into one chunk, so that code for the chunks of a stream can also handle a body.
    ///
    /// ```
    /// use llm_response::{Body, Event, chat::{Accumulator, DecodeError}};
    ///
    /// let mut answer = Accumulator::new();
    /// let event = Event::Body(Body::new(br#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}"#));
    /// let chunk = match &event {
    ///     Event::Data(data) => data.chunk()?,
    ///     Event::Body(body) => body.completion()?.into_chunk(),
    ///     _ => Default::default(),
    /// };
    /// answer.push(&chunk).unwrap();
    /// assert_eq!(answer.content(), "hi");
    /// # Ok::<(), DecodeError>(())
    /// ```
    pub fn into_chunk(self) -> Chunk<'a> {
        let choices = self.choices.into_iter().map(|choice| ChunkChoice {
            index: choice.index,
            delta: choice.message,
            text: choice.text,
            finish_reason: choice.finish_reason,
            logprobs: choice.logprobs,
            whole: None,
        });
        Chunk {
            id: self.id,
            created: self.created,
            model: self.model,
            system_fingerprint: self.system_fingerprint,
            choices: choices.collect(),
            usage: self.usage,
        }
    }
}

/// The methods that chunks and completions have in common.
macro_rules! answer {
    ($Answer:ident, $Choice:ident, $message:ident, $chat:literal $(, $whole:ident)?) => {
        impl $Answer<'_> {
            /// Converts this into a value that owns its text.
            pub fn into_owned(self) -> $Answer<'static> {
                $Answer {
                    id: owned(self.id),
                    created: self.created,
                    model: owned(self.model),
                    system_fingerprint: owned(self.system_fingerprint),
                    choices: self.choices.into_iter().map($Choice::into_owned).collect(),
                    usage: self.usage,
                }
            }
        }

        impl $Choice<'_> {
            /// Converts this into a value that owns its text.
            pub fn into_owned(self) -> $Choice<'static> {
                $Choice {
                    index: self.index,
                    $message: self.$message.into_owned(),
                    text: self.text.map(Text::into_owned),
                    finish_reason: self.finish_reason.map(FinishReason::into_owned),
                    logprobs: self.logprobs.map(Raw::into_owned),
                    $($whole: self.$whole.map(|whole| Box::new(whole.into_owned())),)?
                }
            }
        }

        impl<'a> Object<'a> for $Answer<'a> {
            fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
                match name {
                    b"id" => self.id = word(json)?,
                    b"created" => self.created = count(json)?,
                    b"model" => self.model = word(json)?,
                    b"system_fingerprint" => self.system_fingerprint = word(json)?,
                    b"choices" => object::elements(json, |json| {
                        if json.peek() != Some(b'{') {
                            return json.skip();
                        }
                        self.choices.push($Choice::default());
                        match self.choices.last_mut() {
                            Some(choice) => object::object_into(choice, json).map(drop),
                            None => Ok(()),
                        }
                    })?,
                    b"usage" => self.usage = object::object(json)?,
                    _ => return json.skip(),
                }
                Ok(())
            }
        }

        impl<'a> Object<'a> for $Choice<'a> {
            fn member(&mut self, name: &[u8], json: &mut Json<'a>) -> Result<(), NotJson> {
                match name {
                    b"index" => self.index = index(json)?,
                    // Some servers send a message in a stream, others a delta as a whole answer.
                    b"delta" | b"message" => {
                        object::object_into(&mut self.$message, json)?;
                    }
                    b"text" => self.text = Text::content(json)?,
                    b"finish_reason" => self.finish_reason = FinishReason::read(json)?,
                    b"logprobs" => self.logprobs = Raw::read(json)?,
                    _ => return json.skip(),
                }
                Ok(())
            }
        }

        /// Only from JSON text, for example with `serde_json::from_str`.
        impl<'de: 'a, 'a> Deserialize<'de> for $Answer<'a> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let json = <&'de RawValue>::deserialize(deserializer)?;
                object::whole::<$Answer<'de>>(json.get()).map_err(D::Error::custom)
            }
        }

        impl Serialize for $Answer<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let is_text = self.choices.first().is_some_and(|choice| choice.text.is_some());
                let mut answer = serializer.serialize_map(None)?;
                if let Some(id) = &self.id {
                    answer.serialize_entry("id", id)?;
                }
                answer.serialize_entry("object", if is_text { "text_completion" } else { $chat })?;
                if let Some(created) = self.created {
                    answer.serialize_entry("created", &created)?;
                }
                if let Some(model) = &self.model {
                    answer.serialize_entry("model", model)?;
                }
                answer.serialize_entry("choices", &self.choices)?;
                if let Some(usage) = &self.usage {
                    answer.serialize_entry("usage", usage)?;
                }
                if let Some(fingerprint) = &self.system_fingerprint {
                    answer.serialize_entry("system_fingerprint", fingerprint)?;
                }
                answer.end()
            }
        }

        impl Serialize for $Choice<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut choice = serializer.serialize_struct(stringify!($Choice), 4)?;
                choice.serialize_field("index", &self.index.unwrap_or(0))?;
                match &self.text {
                    Some(text) => choice.serialize_field("text", text)?,
                    None => choice.serialize_field(stringify!($message), &self.$message)?,
                }
                choice.serialize_field("logprobs", &self.logprobs)?;
                choice.serialize_field("finish_reason", &self.finish_reason)?;
                choice.end()
            }
        }
    };
}

answer!(Chunk, ChunkChoice, delta, "chat.completion.chunk", whole);
answer!(Completion, Choice, message, "chat.completion");
