//! Where a proxy may insert something, and what (R15).

use super::Parser;
use crate::{Buffer, Format, state::Stage};

impl<B: Buffer> Parser<B> {
    /// Whether the next byte would begin a line of an event stream, or nothing but line ends has come yet (R15): where a
    /// proxy may insert a comment line.
    ///
    /// It never holds in JSON or after an error, nor right after a CR, as an LF that follows would still belong to that
    /// line end. [`Parser::finish`], which takes no byte, leaves it as it was.
    ///
    /// What a proxy inserts becomes part of the response, so there are two places to mind:
    ///
    /// * *At position 0*, a byte order mark that follows would become data. Let the first byte pass first.
    /// * *Where nothing but line ends has come*, a JSON body may follow. Insert a line end, not a comment.
    ///
    /// [`Parser::heartbeat`] says what to insert.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::Parser;
    /// let mut parser = Parser::new();
    /// parser.push(b"data: 1", |_| {})?;
    /// assert!(!parser.at_line_boundary());
    /// parser.push(b"\n", |_| {})?;
    /// assert!(parser.at_line_boundary());
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn at_line_boundary(&self) -> bool {
        match self.state.stage {
            Stage::LeadIn(lead_in) => lead_in.is_at_boundary() && !self.is_json(),
            Stage::LineStart => true,
            _ => false,
        }
    }

    /// Whether [`Parser::at_line_boundary`] holds and no line but comments has ended since the last blank line (R15): where
    /// a proxy may insert a whole event.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::Parser;
    /// let mut parser = Parser::new();
    /// parser.push(b"data: 1\n", |_| {})?;
    /// assert!(parser.at_line_boundary() && !parser.at_event_boundary());
    /// parser.push(b"\n", |_| {})?;
    /// assert!(parser.at_event_boundary());
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn at_event_boundary(&self) -> bool {
        self.at_line_boundary() && self.state.is_between_blocks()
    }

    /// What a proxy may send now to keep a silent connection alive, without changing what a client reads but for one more
    /// keep-alive; `None` where nothing is safe.
    ///
    /// | where | what |
    /// |---|---|
    /// | before anything but line ends, the format not known yet | a line end: it is white space before JSON, and a blank line before an event stream |
    /// | between two events of a stream | a comment line without a blank line after it: some clients make an empty event of a blank line |
    /// | in an open event, an open line, after a CR, in or after JSON, after an error | nothing |
    ///
    /// One thing cannot be foreseen: after a heartbeat at position 0, a byte order mark that follows is no longer the first
    /// thing of the response. A proxy drops it then.
    ///
    /// A proxy that knows that a stream was asked for, and that its client reads one, uses [`Parser::stream_heartbeat`].
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::Parser;
    /// let mut parser = Parser::new();
    /// assert_eq!(parser.heartbeat(), Some(&b"\n"[..]));
    /// parser.push(b"data: 1\n\ndata", |_| {})?;
    /// assert_eq!(parser.heartbeat(), None);
    /// parser.push(b": 2\n\n", |_| {})?;
    /// assert_eq!(parser.heartbeat(), Some(&b": keep-alive\n"[..]));
    /// # Ok::<(), llm_response::Error>(())
    /// ```
    pub fn heartbeat(&self) -> Option<&'static [u8]> {
        match self.state.stage {
            Stage::LeadIn(_) if self.at_line_boundary() && self.state.settings.format == Format::Auto => Some(b"\n"),
            _ => self.stream_heartbeat(),
        }
    }

    /// [`Parser::heartbeat`] for a response that is to be an event stream: before anything but line ends has come, it is a
    /// comment too.
    ///
    /// Where the server then answers with JSON all the same, as it does with an error, the client reads a comment before
    /// it. Clients of event streams cope with that no worse than with the JSON alone.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::Parser;
    /// let parser = Parser::new();
    /// assert_eq!(parser.stream_heartbeat(), Some(&b": keep-alive\n"[..]));
    /// ```
    pub fn stream_heartbeat(&self) -> Option<&'static [u8]> {
        self.at_event_boundary().then_some(b": keep-alive\n")
    }
}
