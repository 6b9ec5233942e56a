//! What a proxy knows of a response, for a log or a bill.

use std::fmt;
use std::ops::Range;

use llm_response::{Event, Outcome};
use serde::Deserialize;

/// Said on stderr when the response is over, or was given up.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// What came from the upstream.
    pub(crate) bytes: u64,
    pub(crate) keep_alives: u64,
    pub(crate) outputs: u64,
    /// What the proxy has inserted.
    pub(crate) heartbeats: u64,
    pub(crate) usage: Option<Usage>,
    /// The content coding of the upstream's body, which the proxy passes on and cannot read.
    pub(crate) coding: Option<String>,
    /// `None`: the client went away, the upstream broke, or the bytes cannot be read.
    pub(crate) outcome: Option<Outcome>,
}

/// Tokens, and which bytes of the response gave them. A number that no event gave is `None`, which is not zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// All that was read, from the cache or not.
    pub(crate) input: Option<u64>,
    pub(crate) cached: Option<u64>,
    pub(crate) output: Option<u64>,
    pub(crate) place: Range<u64>,
}

/// The words of OpenAI and those who follow it, of its Responses, and of Anthropic.
#[derive(Deserialize)]
struct Words {
    #[serde(alias = "input_tokens")]
    prompt_tokens: Option<u64>,
    #[serde(alias = "output_tokens")]
    completion_tokens: Option<u64>,
    /// DeepSeek's.
    prompt_cache_hit_tokens: Option<u64>,
    #[serde(alias = "input_tokens_details")]
    prompt_tokens_details: Option<Details>,
    /// Anthropic counts these beside `input_tokens`, the others count what was cached within it.
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Details {
    cached_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct AtTheTop {
    usage: Words,
}

/// An event of Responses.
#[derive(Deserialize)]
struct InResponse {
    response: AtTheTop,
}

/// The first event of Anthropic.
#[derive(Deserialize)]
struct InMessage {
    message: AtTheTop,
}

/// What a million tokens cost in cents: an example, as yours are in your contract.
const CACHED: f64 = 5.0;
const PROMPT: f64 = 50.0;
const COMPLETION: f64 = 150.0;

impl Usage {
    /// The usage in the JSON of an event or a body, if it gives a number.
    fn read(json: &[u8]) -> Option<Self> {
        // Most events have none, and need not be parsed.
        if !json.windows(7).any(|window| window == b"\"usage\"") {
            return None;
        }
        // One after the other, as what has another shape in one API is no error in the next.
        let words = serde_json::from_slice(json)
            .map(|AtTheTop { usage }| usage)
            .or_else(|_| serde_json::from_slice(json).map(|InResponse { response }| response.usage))
            .or_else(|_| serde_json::from_slice(json).map(|InMessage { message }| message.usage))
            .ok()?;
        let beside = [words.cache_read_input_tokens, words.cache_creation_input_tokens];
        let beside = beside.into_iter().flatten().fold(0, u64::saturating_add);
        let within = words.prompt_tokens_details.and_then(|details| details.cached_tokens);
        let usage = Self {
            input: words.prompt_tokens.map(|tokens| tokens.saturating_add(beside)),
            cached: words
                .prompt_cache_hit_tokens
                .or(within)
                .or(words.cache_read_input_tokens),
            output: words.completion_tokens,
            place: 0..0,
        };
        (usage.input.is_some() || usage.output.is_some()).then_some(usage)
    }

    pub(crate) fn cents(&self) -> f64 {
        let cached = self.cached.unwrap_or(0);
        let uncached = self.input.unwrap_or(0).saturating_sub(cached);
        let parts = [
            (cached, CACHED),
            (uncached, PROMPT),
            (self.output.unwrap_or(0), COMPLETION),
        ];
        parts.iter().map(|(tokens, price)| *tokens as f64 * price / 1e6).sum()
    }
}

impl Account {
    /// Gives the usage, if `event` has it.
    pub(crate) fn count(&mut self, event: &Event<'_>) -> Option<Usage> {
        let json = match event {
            Event::KeepAlive(_) => {
                self.keep_alives += 1;
                return None;
            }
            Event::Data(data) => data.as_bytes(),
            Event::Body(body) => body.as_bytes(),
            _ => return None,
        };
        self.outputs += 1;
        Usage::read(json)
    }

    /// Of each number the last one counts: some servers give all of them with every chunk, and Anthropic gives what went
    /// in at the beginning, and what came out at the end.
    pub(crate) fn add(&mut self, usage: Option<Usage>, place: Range<u64>) {
        if let Some(usage) = usage {
            let before = self.usage.take().unwrap_or_default();
            self.usage = Some(Usage {
                input: usage.input.or(before.input),
                cached: usage.cached.or(before.cached),
                output: usage.output.or(before.output),
                place,
            });
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            bytes,
            keep_alives,
            outputs,
            heartbeats,
            ..
        } = self;
        if let Some(coding) = &self.coding {
            return write!(
                f,
                "not read: {bytes} bytes of content coding {coding}, passed on as they came"
            );
        }
        match self.outcome {
            Some(outcome) => write!(f, "{outcome:?}")?,
            None => write!(f, "given up")?,
        }
        write!(
            f,
            ": {bytes} bytes, {outputs} outputs, {keep_alives} keep-alives, {heartbeats} inserted; "
        )?;
        let Some(usage) = &self.usage else {
            return write!(f, "the server reported no usage");
        };
        let Range { start, end } = usage.place;
        let tokens =
            |tokens: Option<u64>| tokens.map_or("an unknown number of".to_owned(), |tokens| tokens.to_string());
        let (input, output) = (tokens(usage.input), tokens(usage.output));
        write!(f, "{input} tokens in, {output} out (bytes {start} to {end})")?;
        match (usage.input, usage.output) {
            (Some(_), Some(_)) => write!(f, ", {:.4} cents", usage.cents()),
            _ => Ok(()),
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        eprintln!("{self}");
    }
}
