//! Joins the chunks of a stream into a whole answer.

use alloc::{borrow::Cow, collections::BTreeMap};
use core::fmt;

use super::{
    answer::{Choice, Chunk, ChunkChoice, Completion},
    logprobs::LogProbs,
    message::{Delta, Message},
    parts::{FinishReason, Function, Usage},
    text::{Text, len_to_set, set},
    tool_calls::ToolCalls,
};

/// Joins the chunks of a stream into one answer.
///
/// The result equals the [`Completion`] that a body with the same answer gives. You can read the part that was received so far
/// at any time. Every byte is copied once, so the cost is linear.
///
/// ```
/// use llm_response::{Data, chat::Accumulator};
///
/// let mut answer = Accumulator::new();
/// for json in [
///     r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#,
///     // A character that the server split in two.
///     r#"{"choices":[{"index":0,"delta":{"content":"hi \ud83d"}}]}"#,
///     r#"{"choices":[{"index":0,"delta":{"content":"\udc0b"},"finish_reason":"stop"}]}"#,
/// ] {
///     answer.push(&Data::new(b"", b"", json.as_bytes()).chunk().unwrap()).unwrap();
/// }
/// assert_eq!(answer.content(), "hi 🐋");
/// assert_eq!(serde_json::to_value(answer.completion()).unwrap()["choices"][0]["message"]["content"], "hi 🐋");
/// ```
#[derive(Clone, Debug)]
pub struct Accumulator {
    id: Option<Cow<'static, str>>,
    created: Option<u64>,
    model: Option<Cow<'static, str>>,
    system_fingerprint: Option<Cow<'static, str>>,
    usage: Option<Usage>,
    choices: BTreeMap<u32, Parts>,
    len: usize,
    limit: usize,
}

/// The part of one choice that was received so far.
#[derive(Clone, Debug, Default)]
struct Parts {
    role: Option<Cow<'static, str>>,
    content: Text<'static>,
    reasoning: Text<'static>,
    refusal: Text<'static>,
    tool_calls: ToolCalls,
    function_call: Option<Function<'static>>,
    text: Option<Text<'static>>,
    finish_reason: Option<FinishReason<'static>>,
    logprobs: LogProbs,
}

/// How many bytes a choice counts against the limit, in addition to its text.
const ENTRY_LEN: usize = 512;

impl Accumulator {
    /// The limit of [`new`](Self::new): 16 MiB.
    pub const DEFAULT_LIMIT: usize = 16 << 20;

    /// Makes an empty accumulator with the [default limit](Self::DEFAULT_LIMIT).
    pub fn new() -> Self {
        Self::with_limit(Self::DEFAULT_LIMIT)
    }

    /// Makes an empty accumulator that accepts up to `limit` bytes. Text of any kind counts, plus 512 bytes for each choice and
    /// each tool call.
    ///
    /// ```
    /// use llm_response::{Data, chat::Accumulator};
    ///
    /// let mut answer = Accumulator::with_limit(1_000);
    /// let data = Data::new(b"", b"", br#"{"choices":[{"delta":{"content":"two hundred and fifty words"}}]}"#);
    /// let error = loop {
    ///     if let Err(error) = answer.push(&data.chunk()?) {
    ///         break error;
    ///     }
    /// };
    /// assert_eq!(error.limit(), 1_000);
    /// assert_eq!(answer.content().len(), 486); // the earlier chunks are still there
    /// # Ok::<(), llm_response::chat::DecodeError>(())
    /// ```
    pub fn with_limit(limit: usize) -> Self {
        Self {
            id: None,
            created: None,
            model: None,
            system_fingerprint: None,
            usage: None,
            choices: BTreeMap::new(),
            len: 0,
            limit,
        }
    }

    /// Adds a chunk. The chunks of different choices may be mixed in any order.
    ///
    /// # Errors
    ///
    /// If the answer would be longer than the limit. In this case, nothing of the chunk is added.
    pub fn push(&mut self, chunk: &Chunk<'_>) -> Result<(), AnswerTooLong> {
        let len = self.len.saturating_add(self.len_of(chunk));
        if len > self.limit {
            return Err(AnswerTooLong { limit: self.limit });
        }
        self.len = len;
        self.add(chunk);
        Ok(())
    }

    /// Like [`push`](Self::push), but without the limit.
    pub(super) fn add(&mut self, chunk: &Chunk<'_>) {
        set(&mut self.id, chunk.id.as_deref());
        set(&mut self.model, chunk.model.as_deref());
        set(&mut self.system_fingerprint, chunk.system_fingerprint.as_deref());
        self.created = self.created.or(chunk.created);
        if let Some(usage) = &chunk.usage {
            self.usage.get_or_insert_default().merge(usage);
        }
        for (place, choice) in (0..).zip(&chunk.choices) {
            self.choices
                .entry(choice.index.unwrap_or(place))
                .or_default()
                .push(choice);
        }
    }

    /// The text of the first choice so far.
    pub fn content(&self) -> &str {
        let first = self.choices.values().next();
        first.map_or("", |parts| parts.text.as_ref().unwrap_or(&parts.content))
    }

    /// The reasoning of the first choice so far.
    pub fn reasoning(&self) -> &str {
        self.choices.values().next().map_or("", |parts| &parts.reasoning)
    }

    /// Why the first choice ended; `None` if it has not ended.
    pub fn finish_reason(&self) -> Option<&FinishReason<'static>> {
        self.choices.values().next()?.finish_reason.as_ref()
    }

    /// How many tokens were used; `None` if no chunk contained this.
    pub fn usage(&self) -> Option<&Usage> {
        self.usage.as_ref()
    }

    /// Whether the answer is empty so far: no text, no reasoning, no refusal and no tool call was received.
    pub fn is_empty(&self) -> bool {
        self.choices.values().all(Parts::is_empty)
    }

    /// The answer so far, as if it had been received as a body.
    ///
    /// This makes a copy. To show the text while it is received, use [`content`](Self::content), which copies nothing.
    ///
    /// ```
    /// use llm_response::{Data, chat::Accumulator};
    ///
    /// let mut answer = Accumulator::new();
    /// let first = br#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"t","function":{"name":"weather","arguments":"{\"ci"}}]}}]}"#;
    /// let second = br#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"ty\":\"Ulm\"}"}}]}}]}"#;
    /// answer.push(&Data::new(b"", b"", first).chunk()?).unwrap();
    /// answer.push(&Data::new(b"", b"", second).chunk()?).unwrap();
    /// let completion = answer.completion();
    /// let call = &completion.choices[0].message.tool_calls[0];
    /// assert_eq!((call.id.as_deref(), &*call.function.name), (Some("t"), "weather"));
    /// assert_eq!(call.function.arguments, r#"{"city":"Ulm"}"#);
    /// # Ok::<(), llm_response::chat::DecodeError>(())
    /// ```
    pub fn completion(&self) -> Completion<'static> {
        Completion {
            id: self.id.clone(),
            created: self.created,
            model: self.model.clone(),
            system_fingerprint: self.system_fingerprint.clone(),
            choices: self.choices.iter().map(|(&index, parts)| parts.choice(index)).collect(),
            usage: self.usage,
        }
    }

    /// How many bytes `chunk` adds at most to what counts against the limit.
    fn len_of(&self, chunk: &Chunk<'_>) -> usize {
        let heads = [
            (&self.id, &chunk.id),
            (&self.model, &chunk.model),
            (&self.system_fingerprint, &chunk.system_fingerprint),
        ];
        let heads = heads.into_iter().map(|(place, text)| len_to_set(place, text));
        let choices =
            (0..).zip(&chunk.choices).map(
                |(place, choice)| match self.choices.get(&choice.index.unwrap_or(place)) {
                    Some(parts) => parts.len_of(choice),
                    None => ENTRY_LEN + Parts::default().len_of(choice),
                },
            );
        heads.chain(choices).sum()
    }
}

impl Default for Accumulator {
    fn default() -> Self {
        Self::new()
    }
}

impl Parts {
    fn push(&mut self, choice: &ChunkChoice<'_>) {
        let Delta {
            role,
            content,
            reasoning,
            refusal,
            tool_calls,
            function_call,
        } = &choice.delta;
        set(&mut self.role, role.as_deref());
        let texts = [
            (&mut self.content, content),
            (&mut self.reasoning, reasoning),
            (&mut self.refusal, refusal),
        ];
        for (text, piece) in texts {
            if let Some(piece) = piece {
                text.push(piece);
            }
        }
        if let Some(piece) = &choice.text {
            self.text.get_or_insert_default().push(piece);
        }
        for call in tool_calls {
            self.tool_calls.push(call);
        }
        if let Some(call) = function_call {
            self.function_call.get_or_insert_default().push(call);
        }
        if let Some(whole) = choice.whole.as_deref() {
            self.complete(whole);
        }
        if let Some(reason) = &choice.finish_reason {
            self.finish_reason = Some(reason.clone().into_owned());
        }
        if let Some(logprobs) = &choice.logprobs {
            self.logprobs.push(logprobs.as_str());
        }
    }

    /// Takes those parts of the whole message for which no piece was received.
    fn complete(&mut self, whole: &Message<'_>) {
        let texts = [
            (&mut self.content, &whole.content),
            (&mut self.reasoning, &whole.reasoning),
            (&mut self.refusal, &whole.refusal),
        ];
        for (text, whole) in texts {
            if let (true, Some(whole)) = (text.is_empty(), whole) {
                text.push(whole);
            }
        }
        if self.tool_calls.is_empty() {
            whole.tool_calls.iter().for_each(|call| self.tool_calls.push(call));
        }
    }

    /// How many bytes [`complete`](Self::complete) adds at most.
    fn len_to_complete(&self, whole: &Message<'_>) -> usize {
        let texts = [
            (&self.content, &whole.content),
            (&self.reasoning, &whole.reasoning),
            (&self.refusal, &whole.refusal),
        ];
        let missing = texts.into_iter().filter(|(text, _)| text.is_empty());
        let texts: usize = missing
            .filter_map(|(_, whole)| whole.as_ref())
            .map(|text| text.len())
            .sum();
        let calls = whole.tool_calls.iter().filter(|_| self.tool_calls.is_empty());
        texts + calls.map(|call| self.tool_calls.len_of(call)).sum::<usize>()
    }

    /// How many bytes `choice` adds at most to what counts against the limit.
    fn len_of(&self, choice: &ChunkChoice<'_>) -> usize {
        let delta = &choice.delta;
        let texts = [&delta.content, &delta.reasoning, &delta.refusal, &choice.text];
        let texts: usize = texts.into_iter().flatten().map(|text| text.len()).sum();
        let logprobs = choice.logprobs.as_ref().map_or(0, |raw| raw.as_str().len());
        let function = delta.function_call.as_ref().map_or(0, Function::len);
        let calls: usize = delta.tool_calls.iter().map(|call| self.tool_calls.len_of(call)).sum();
        let reason = choice.finish_reason.as_ref().map_or(0, |reason| reason.as_str().len());
        let whole = choice.whole.as_ref().map_or(0, |whole| self.len_to_complete(whole));
        texts + logprobs + function + calls + reason + whole + len_to_set(&self.role, &delta.role)
    }

    fn is_empty(&self) -> bool {
        let texts = [&self.content, &self.reasoning, &self.refusal];
        let is_empty = texts.into_iter().chain(&self.text).all(|text| text.is_empty());
        is_empty && self.tool_calls.is_empty() && self.function_call.is_none()
    }

    fn choice(&self, index: u32) -> Choice<'static> {
        let text = |text: &Text<'static>| (!text.is_empty()).then(|| text.clone());
        Choice {
            index: Some(index),
            message: Message {
                role: self.role.clone(),
                content: text(&self.content),
                reasoning: text(&self.reasoning),
                refusal: text(&self.refusal),
                tool_calls: self.tool_calls.in_order(),
                function_call: self.function_call.clone(),
            },
            text: self.text.clone(),
            finish_reason: self.finish_reason.clone(),
            logprobs: self.logprobs.json(),
        }
    }
}

/// The error for an answer that is longer than the limit of its [`Accumulator`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerTooLong {
    limit: usize,
}

impl AnswerTooLong {
    /// The limit, in bytes.
    pub fn limit(&self) -> usize {
        self.limit
    }
}

impl fmt::Display for AnswerTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the answer is longer than {} bytes; raise the limit with `Accumulator::with_limit`",
            self.limit
        )
    }
}

impl core::error::Error for AnswerTooLong {}
