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
    /// `None`: the client went away, the upstream broke, or this is no response of a language model.
    pub(crate) outcome: Option<Outcome>,
}

/// Tokens, and which bytes of the response tell them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Usage {
    prompt_tokens: u64,
    prompt_cache_hit_tokens: u64,
    pub(crate) completion_tokens: u64,
    #[serde(skip)]
    pub(crate) place: Range<u64>,
}

#[derive(Deserialize)]
struct Billed {
    usage: Option<Usage>,
}

/// What a million tokens cost in cents: an example, as yours are in your contract.
const CACHED: f64 = 5.0;
const PROMPT: f64 = 50.0;
const COMPLETION: f64 = 150.0;

impl Usage {
    pub(crate) fn cents(&self) -> f64 {
        let cached = self.prompt_cache_hit_tokens;
        let uncached = self.prompt_tokens.saturating_sub(cached);
        let parts = [
            (cached, CACHED),
            (uncached, PROMPT),
            (self.completion_tokens, COMPLETION),
        ];
        parts.iter().map(|(tokens, price)| *tokens as f64 * price / 1e6).sum()
    }
}

impl Account {
    /// Gives the usage, if `event` tells it.
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
        let billed: Billed = serde_json::from_slice(json).ok()?;
        billed.usage
    }

    /// The last one counts: some servers tell it with every chunk.
    pub(crate) fn add(&mut self, usage: Option<Usage>, place: Range<u64>) {
        if let Some(usage) = usage {
            self.usage = Some(Usage { place, ..usage });
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
        match self.outcome {
            Some(outcome) => write!(f, "{outcome:?}")?,
            None => write!(f, "given up")?,
        }
        write!(
            f,
            ": {bytes} bytes, {outputs} outputs, {keep_alives} keep-alives, {heartbeats} inserted; "
        )?;
        match &self.usage {
            Some(usage) => {
                let Range { start, end } = usage.place;
                let (prompt, completion) = (usage.prompt_tokens, usage.completion_tokens);
                write!(f, "{prompt} tokens in, {completion} out (bytes {start} to {end}), ")?;
                write!(f, "{:.4} cents", usage.cents())
            }
            None => write!(f, "no usage told"),
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        eprintln!("{self}");
    }
}
