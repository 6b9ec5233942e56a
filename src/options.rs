//! What a caller may set before the first byte.

/// The default of [`Options::max_len`]: 16 MiB.
const DEFAULT_MAX_LEN: usize = 16 * 1024 * 1024;

/// How a [`Parser`](crate::Parser) reads a response: its format, its dialect and its limit.
///
/// ```
/// use llm_response::{Dialect, Format, Options};
///
/// const OPTIONS: Options = Options::new()
///     .format(Format::EventStream)
///     .dialect(Dialect::EventSource)
///     .max_len(64 * 1024);
/// # let _ = OPTIONS;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct Options {
    pub(crate) format: Format,
    pub(crate) dialect: Dialect,
    pub(crate) max_len: usize,
}

impl Options {
    /// [`Format::Auto`], [`Dialect::Llm`] and a limit of 16 MiB.
    pub const fn new() -> Self {
        Self {
            format: Format::Auto,
            dialect: Dialect::Llm,
            max_len: DEFAULT_MAX_LEN,
        }
    }

    /// What the bytes are taken for. The first byte decides unless told otherwise: [`Format::Auto`].
    pub const fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// What the events of a stream mean. Unless told otherwise: [`Dialect::Llm`].
    pub const fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// The most that is held at a time, in bytes. Unless told otherwise: 16 MiB.
    ///
    /// Counted, whether or not it had to be stored, are the lines of one block with their ends, one comment beside the
    /// block that it interrupts, or a JSON body. The first byte too many ends the response with
    /// [`ErrorKind::TooLong`](crate::ErrorKind::TooLong); the parser then gives back what it held. A
    /// [`SliceBuffer`](crate::SliceBuffer) lowers the limit to its size, for an event stream less the last event id.
    pub const fn max_len(mut self, max_len: usize) -> Self {
        self.max_len = max_len;
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

/// What the bytes of a response are taken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// The first byte that is no white space decides: `{`, `[` or `"` begins a JSON body, anything else an event stream.
    ///
    /// The right choice for nearly everybody: servers answer a request for a stream with a JSON error, and gateways
    /// answer either with HTML.
    #[default]
    Auto,
    /// Server-sent events, as in the HTML standard, section 9.2.
    EventStream,
    /// One JSON value of any kind, behind any amount of white space.
    Json,
}

/// What the events of a stream mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// As the APIs of language models use them: pings are keep-alives, `[DONE]` and some event names end the stream,
    /// and the last event may lack its blank line.
    #[default]
    Llm,
    /// As the HTML standard has them: each block with data is an event, a block without its blank line is none, and there
    /// is no end mark, so that no outcome is [`Outcome::Unfinished`](crate::Outcome::Unfinished).
    EventSource,
}
