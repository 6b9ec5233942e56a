//! Where a proxy may insert something, and what it may insert (R15).

use super::Parser;
use crate::{
    Buffer, Format,
    scan::field,
    state::{Skip, Stage},
};

impl<B: Buffer> Parser<B> {
    /// Whether the next byte would begin a line of an event stream, or nothing but line ends was received so far (R15). A proxy
    /// may insert a comment line here.
    ///
    /// It is `false` in JSON and after an error. It is also `false` right after a CR, because an LF that follows would still
    /// belong to that line end. [`Parser::finish`] does not change it.
    ///
    /// What a proxy inserts becomes part of the response. Two places need care:
    ///
    /// * *At position 0*, a byte order mark that follows would become data. Forward the first byte before you insert anything.
    /// * *After nothing but line ends*, a JSON body may follow. Insert a line end, not a comment.
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
            Stage::LineStart | Stage::AfterComment | Stage::Skip(Skip::LineStart) => true,
            _ => false,
        }
    }

    /// Whether [`Parser::at_line_boundary`] holds and only comments have ended since the last blank line (R15). A proxy may
    /// insert a whole event here.
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

    /// What a proxy may send now to keep a silent connection open. The client reads one more keep-alive, and nothing else
    /// changes. `None` means that nothing can be inserted safely now.
    ///
    /// | the response so far | what to send |
    /// |---|---|
    /// | nothing but line ends | a line end: it is white space before JSON, and a blank line before an event stream |
    /// | between two events of a stream | a comment line, without a blank line after it: some clients turn a blank line into an empty event |
    /// | within an event or a line, after a CR, in or after JSON, after an error | nothing |
    ///
    /// After a heartbeat at position 0, a byte order mark that follows is no longer at the start of the response. Drop it in
    /// that case.
    ///
    /// If the client asked for a stream, use [`Parser::stream_heartbeat`].
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

    /// Like [`Parser::heartbeat`], for a response that should be an event stream: it is a comment even if nothing but line ends
    /// was received.
    ///
    /// If the server then answers with JSON, for example with an error, the client reads a comment before that JSON. A client
    /// that expects an event stream can read neither.
    ///
    #[cfg_attr(feature = "alloc", doc = "```")]
    #[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
    /// # use llm_response::Parser;
    /// let parser = Parser::new();
    /// assert_eq!(parser.stream_heartbeat(), Some(&b": keep-alive\n"[..]));
    /// ```
    pub fn stream_heartbeat(&self) -> Option<&'static [u8]> {
        self.at_event_boundary().then_some(field::COMMENT)
    }
}
