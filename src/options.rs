//! The settings of a parser.

/// The default of [`Options::max_len`]: 16 MiB.
const DEFAULT_MAX_LEN: usize = 16 * 1024 * 1024;

/// How a [`Parser`](crate::Parser) reads a response: format, dialect, limit, and what an end without an end mark means.
///
/// ```
/// use llm_response::{Dialect, Format, Options};
///
/// const OPTIONS: Options = Options::new()
///     .format(Format::EventStream)
///     .dialect(Dialect::EventSource)
///     .max_len(64 * 1024);
///
/// assert_eq!(OPTIONS.get_format(), Format::EventStream);
/// assert_eq!(OPTIONS.get_dialect(), Dialect::EventSource);
/// assert_eq!(OPTIONS.get_max_len(), 65_536);
/// assert_eq!(OPTIONS.get_oversize(), llm_response::Oversize::Fail); // a larger event is an error
/// assert!(OPTIONS.get_end_mark()); // the server sends one
/// assert!(!OPTIONS.get_lenient_end()); // a last event without its blank line is discarded
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct Options {
    pub(crate) format: Format,
    pub(crate) dialect: Dialect,
    pub(crate) max_len: usize,
    pub(crate) end_mark: bool,
    pub(crate) lenient_end: bool,
    pub(crate) oversize: Oversize,
}

impl Options {
    /// [`Format::Auto`], [`Dialect::Llm`] and a limit of 16 MiB.
    pub const fn new() -> Self {
        Self {
            format: Format::Auto,
            dialect: Dialect::Llm,
            max_len: DEFAULT_MAX_LEN,
            end_mark: true,
            lenient_end: false,
            oversize: Oversize::Fail,
        }
    }

    /// [`Format::EventStream`] and [`Dialect::EventSource`]: reads the response as the HTML standard says, without the rules for
    /// APIs of language models.
    ///
    /// ```
    /// use llm_response::{Event, Options, Parser};
    ///
    /// let mut memory = [0; 64];
    /// let mut parser = Parser::in_memory(&mut memory, Options::event_source());
    /// let mut chunk = &b"data: [DONE]\n\n"[..];
    /// assert!(matches!(parser.next_event(&mut chunk)?, Some(Event::Data(_)))); // the standard has no end mark
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub const fn event_source() -> Self {
        Self::new().format(Format::EventStream).dialect(Dialect::EventSource)
    }

    /// Sets the format of the response. By default the first byte decides: [`Format::Auto`].
    pub const fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// Sets what the events of a stream mean. The default is [`Dialect::Llm`].
    pub const fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// Sets the limit for one event, comment or body, in bytes. The default is 16 MiB.
    ///
    /// One of these counts, whether or not it had to be stored:
    ///
    /// * the lines of one block, each with one byte for its end;
    /// * one comment, together with the block that it interrupts;
    /// * one JSON body or value.
    ///
    /// At the first byte beyond the limit, the parser frees what it held and reports
    /// [`ErrorKind::TooLong`](crate::ErrorKind::TooLong), or it skips the event ([`Options::oversize`]). With a
    /// [`SliceBuffer`](crate::SliceBuffer), the limit is at most the size of the slice, minus the last event id in an event stream.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// use llm_response::{ErrorKind, Options, Parser};
    ///
    /// let mut parser = Parser::with_options(Options::new().max_len(10));
    /// let error = parser.push(b"data: more than ten bytes\n\n", |_| {}).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::TooLong { limit: 10 });
    /// assert_eq!(error.offset(), 10);
    /// ```
    pub const fn max_len(mut self, max_len: usize) -> Self {
        self.max_len = max_len;
        self
    }

    /// Sets whether the server sends an end mark. The default is `true`.
    ///
    /// With `false`, a response that ends after complete events is [`Outcome::Complete`](crate::Outcome::Complete) and not
    /// [`Outcome::Unfinished`](crate::Outcome::Unfinished). A response that ends within an event is still truncated.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// use llm_response::{Options, Outcome, Parser};
    ///
    /// let mut parser = Parser::with_options(Options::new().end_mark(false));
    /// parser.push(b"data: {}\n\n", |_| {})?;
    /// assert_eq!(parser.finish()?.outcome, Outcome::Complete);
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub const fn end_mark(mut self, end_mark: bool) -> Self {
        self.end_mark = end_mark;
        self
    }

    /// Sets whether [`Dialect::EventSource`] gives a last event that lacks its blank line. The default is `false`, as in the
    /// HTML standard.
    ///
    /// With `true`, such an event is given if its data is complete JSON. [`Dialect::Llm`] always does so.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// use llm_response::{Event, Options, Parser};
    ///
    /// let mut parser = Parser::with_options(Options::event_source().lenient_end(true));
    /// parser.push(b"data: {}", |_| {})?;
    /// assert!(matches!(parser.finish()?.event, Some(Event::Data(_))));
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub const fn lenient_end(mut self, lenient_end: bool) -> Self {
        self.lenient_end = lenient_end;
        self
    }

    /// Sets what to do with an event that is larger than the limit. The default is [`Oversize::Fail`].
    ///
    /// ```
    /// use llm_response::{Event, Options, Oversize, Parser};
    ///
    /// let mut memory = [0; 64];
    /// let mut parser = Parser::in_memory(&mut memory, Options::new().oversize(Oversize::Skip));
    /// let mut given = Vec::new();
    /// for line in ["data: {\"text\":\"Hel\"}\n\n", &format!("data: {}\n\n", "x".repeat(1000)), "data: {\"text\":\"lo\"}\n\n"] {
    ///     parser.push(line.as_bytes(), |event| {
    ///         given.push(match event {
    ///             Event::Data(data) => data.to_str().unwrap().to_owned(),
    ///             Event::Skipped(skipped) => format!("{} bytes skipped", skipped.len()),
    ///             other => panic!("{other:?}"),
    ///         });
    ///     })?;
    /// }
    /// assert_eq!(given, ["{\"text\":\"Hel\"}", "1007 bytes skipped", "{\"text\":\"lo\"}"]);
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub const fn oversize(mut self, oversize: Oversize) -> Self {
        self.oversize = oversize;
        self
    }

    /// The format that was set.
    pub const fn get_format(&self) -> Format {
        self.format
    }

    /// The dialect that was set.
    pub const fn get_dialect(&self) -> Dialect {
        self.dialect
    }

    /// The limit that was set, in bytes.
    pub const fn get_max_len(&self) -> usize {
        self.max_len
    }

    /// Whether the server sends an end mark.
    pub const fn get_end_mark(&self) -> bool {
        self.end_mark
    }

    /// Whether [`Dialect::EventSource`] gives a last event that lacks its blank line.
    pub const fn get_lenient_end(&self) -> bool {
        self.lenient_end
    }

    /// What to do with an event that is larger than the limit.
    pub const fn get_oversize(&self) -> Oversize {
        self.oversize
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

/// The format of a response.
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// use llm_response::{Event, Format, Options, Parser};
///
/// let mut lines = Parser::with_options(Options::new().format(Format::JsonStream)); // by the content type, for example
/// let mut chunk = &b"{\"n\":1}\n{\"n\":2}\n"[..];
/// assert!(matches!(lines.next_event(&mut chunk)?, Some(Event::Data(data)) if data.as_bytes() == b"{\"n\":1}"));
///
/// let mut auto = Parser::new();
/// assert!(matches!(auto.next_event(&mut &b"{\"n\":1}"[..])?, Some(Event::Body(_))));
/// let mut auto = Parser::new();
/// assert!(matches!(auto.next_event(&mut &b"data: 1\n\n"[..])?, Some(Event::Data(_))));
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// The first byte that is not white space decides: `{`, `[` or `"` begins a JSON body, anything else an event stream.
    ///
    /// This is the right choice for nearly every client: a server may answer a request for a stream with a JSON error, and a
    /// gateway may answer any request with HTML.
    #[default]
    Auto,
    /// Server-sent events, as in the HTML standard, section 9.2.
    EventStream,
    /// One JSON value of any kind, after any amount of white space.
    Json,
    /// JSON values one after another (NDJSON, JSON lines), or the elements of one array: each is an
    /// [`Event::Data`](crate::Event::Data).
    ///
    /// The bracket that ends the array is the end mark. In [`Dialect::Llm`], `"done": true` in a value is one too.
    JsonStream,
}

/// What the events of a stream mean.
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// use llm_response::{Dialect, Event, Options, Parser};
///
/// let ping = b"event: ping\ndata: {}\n\n";
/// let mut llm = Parser::new();
/// assert!(matches!(llm.next_event(&mut &ping[..])?, Some(Event::KeepAlive(_))));
///
/// let mut standard = Parser::with_options(Options::new().dialect(Dialect::EventSource));
/// assert!(matches!(standard.next_event(&mut &ping[..])?, Some(Event::Data(_))));
/// # Ok::<(), llm_response::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// The rules that APIs of language models follow: pings are keep-alives, `[DONE]` and some event names end the stream, and the
    /// last event may lack its blank line.
    #[default]
    Llm,
    /// The rules of the HTML standard: each block with data is an event, but a last block without its blank line is not. There is
    /// no end mark, so the outcome is never [`Outcome::Unfinished`](crate::Outcome::Unfinished).
    EventSource,
}

/// What to do with an event that is larger than the limit: [`Options::max_len`], or the size of a
/// [`SliceBuffer`](crate::SliceBuffer).
///
/// ```
/// use llm_response::{Options, Oversize};
///
/// assert_eq!(Options::new().get_oversize(), Oversize::Fail);
/// assert_eq!(Options::new().oversize(Oversize::Skip).get_oversize(), Oversize::Skip);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Oversize {
    /// The response ends with [`ErrorKind::TooLong`](crate::ErrorKind::TooLong).
    #[default]
    Fail,
    /// The event is skipped: the parser drops the stored part of the event and reads to its end without storing anything. There it
    /// gives [`Event::Skipped`](crate::Event::Skipped), and continues as usual.
    ///
    /// Skipped output is missing. So the outcome is [`Truncated`](crate::Outcome::Truncated) unless the end mark was received, and
    /// a retry is never safe. [`guide::limits`](crate::guide::limits) lists the effects that a skipped event still has.
    Skip,
}
