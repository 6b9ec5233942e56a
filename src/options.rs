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

    /// [`Format::EventStream`] and [`Dialect::EventSource`]: the HTML standard, for layers below providers.
    pub const fn event_source() -> Self {
        Self::new().format(Format::EventStream).dialect(Dialect::EventSource)
    }

    /// What the bytes are taken for. By default the first byte decides: [`Format::Auto`].
    pub const fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// What the events of a stream mean. The default is [`Dialect::Llm`].
    pub const fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// The most that is held at a time, in bytes. The default is 16 MiB.
    ///
    /// Counted, whether or not it had to be stored, are the lines of one block with their ends, one comment beside the
    /// block that it interrupts, or a JSON body. The first byte too many ends the response with
    /// [`ErrorKind::TooLong`](crate::ErrorKind::TooLong), unless [`Options::oversize`] says that the event is to be passed
    /// over; either way the parser gives back what it held. A
    /// [`SliceBuffer`](crate::SliceBuffer) lowers the limit to its size, for an event stream less the last event id.
    pub const fn max_len(mut self, max_len: usize) -> Self {
        self.max_len = max_len;
        self
    }

    /// Whether the server sends an end mark. The default is `true`.
    ///
    /// With `false`, a response that ends after whole events is [`Outcome::Complete`](crate::Outcome::Complete) and not
    /// [`Outcome::Unfinished`](crate::Outcome::Unfinished). An end within an event is truncated all the same.
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

    /// Whether a last event that lacks its blank line is given in [`Dialect::EventSource`] too. The default is `false`, as in
    /// the HTML standard.
    ///
    /// With `true` it is given if its data is complete JSON, as always in [`Dialect::Llm`].
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

    /// What to do with an event that is larger than the limit. The default is [`Oversize::Fail`].
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

    /// Whether a last event that lacks its blank line is given in [`Dialect::EventSource`] too.
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
    /// JSON values one after another (NDJSON, JSON lines), or the elements of one array: each is an
    /// [`Event::Data`](crate::Event::Data).
    ///
    /// In [`Dialect::Llm`], `"done": true` in a value is the end mark, and so is the bracket that ends the array.
    JsonStream,
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

/// What to do with an event that is larger than the limit in force: [`Options::max_len`], or the size of a
/// [`SliceBuffer`](crate::SliceBuffer).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Oversize {
    /// The response ends with [`ErrorKind::TooLong`](crate::ErrorKind::TooLong).
    #[default]
    Fail,
    /// The event is passed over: the parser drops what it holds of it, reads on to its end without storing anything, and
    /// reports it there as [`Event::Skipped`](crate::Event::Skipped). Then it reads on as before.
    ///
    /// An output that was passed over is missing from the response. So the outcome is
    /// [`Truncated`](crate::Outcome::Truncated) unless the end mark came, and it is never safe to retry. [`guide::limits`](crate::guide::limits)
    /// says what still counts of such an event.
    Skip,
}
