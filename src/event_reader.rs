//! Events from whatever can be read: sockets, files, pipes, blocking HTTP clients.
//!
//! The reader owns the chunk that the parser borrows from. An event is lent only once it is found: [`Place`] says in the
//! meantime where its parts lie, so that no borrow stands in the way of the next read.

use alloc::{boxed::Box, vec, vec::Vec};
use core::fmt;
use std::io::{ErrorKind, Read};

use crate::{
    Event, Options, Outcome, Parser, ReadError,
    found::{FoundOf, Part},
};

/// How much is read at a time, in bytes.
const CHUNK_LEN: usize = 8 * 1024;

/// The events of a response, from any [`Read`].
///
/// It reads into 8 KiB of its own, which are allocated when it is made, and lends each event until the next call.
///
/// ```
/// use llm_response::{Event, EventReader, Outcome};
///
/// let response = &b": queued\n\ndata: {\"text\":\"hi\"}\n\ndata: [DONE]\n\n"[..]; // or a socket, or a file
/// let mut reader = EventReader::new(response);
/// let mut texts = Vec::new();
/// while let Some(event) = reader.next_output()? {
///     if let Event::Data(data) = event {
///         texts.push(data.to_str_lossy().into_owned());
///     }
/// }
///
/// assert_eq!(texts, ["{\"text\":\"hi\"}"]);
/// assert_eq!(reader.outcome(), Some(Outcome::Complete));
/// # Ok::<(), llm_response::ReadError>(())
/// ```
///
/// # The end
///
/// `Ok(None)` is the end of input, and the end alone; whether the response is complete, [`outcome`](Self::outcome)
/// tells. [`Event::Done`] and [`Event::Body`] are not the end: who does not care for what follows them stops there.
///
/// # Errors in the middle
///
/// After [`ReadError::Io`] nothing is lost, and the next call reads on: the right thing after a timeout
/// ([`ReadError::is_timeout`]), and for a transport that does not block. Where the connection is broken instead, as after
/// `ConnectionReset`, [`close`](Self::close) gives the outcome of what was received, by which to decide on a retry.
/// `Interrupted` is not reported: reading is tried again. [`ReadError::Parse`] is final.
///
/// # Deadlines
///
/// A [`Watchdog`](crate::Watchdog) says how long the next read may take; the transport must have a timeout to set.
///
/// ```
/// use std::{
///     io::Write,
///     net::{TcpListener, TcpStream},
///     time::{Duration, Instant},
/// };
///
/// use llm_response::{EventReader, Outcome, Timer, Watchdog};
///
/// # let listener = TcpListener::bind("127.0.0.1:0")?;
/// # let address = listener.local_addr()?;
/// let mut reader = EventReader::new(TcpStream::connect(address)?);
/// let sent = Instant::now();
/// let mut watchdog = Watchdog::new().silence(Duration::from_millis(50));
/// // A server that says that it is alive, and then nothing.
/// # let mut server = listener.accept()?.0;
/// server.write_all(b": queued\n\n")?;
///
/// let expired = loop {
///     if let Err(expired) = watchdog.check(sent.elapsed()) {
///         break expired;
///     }
///     let deadline = watchdog.next_deadline().expect("silence is always watched");
///     let left = deadline.saturating_sub(sent.elapsed()).max(Duration::from_millis(1));
///     reader.get_ref().set_read_timeout(Some(left))?;
///     match reader.next_event() {
///         Ok(Some(event)) => watchdog.on_event(&event, sent.elapsed()),
///         Ok(None) => unreachable!("this server does not close"),
///         Err(error) if error.is_timeout() => {}
///         Err(error) => return Err(error.into()),
///     }
///     watchdog.observe(reader.parser(), sent.elapsed()); // bytes that completed no event
/// };
///
/// assert_eq!(expired.timer(), Timer::Silence);
/// // Is it safe to send the request again?
/// assert_eq!(reader.close(), Some(Outcome::KeepAliveOnly));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct EventReader<R> {
    read: R,
    parser: Parser,
    memory: Box<[u8]>,
    /// What of `memory` was read and not yet taken by the parser.
    start: usize,
    end: usize,
    ended: bool,
    outcome: Option<Outcome>,
    rest: Vec<u8>,
}

impl<R> EventReader<R> {
    /// Reads from `read` with [`Options::new`]. It has a buffer: `read` needs none.
    pub fn new(read: R) -> Self {
        Self::with_options(read, Options::new())
    }

    /// Reads from `read` with `options`.
    ///
    /// ```
    /// use llm_response::{EventReader, Format, Options, ReadError};
    ///
    /// let options = Options::new().format(Format::Json);
    /// let mut reader = EventReader::with_options(&b"<html>"[..], options);
    /// assert!(matches!(reader.next_event(), Err(ReadError::Parse(error)) if error.offset() == 0));
    /// ```
    pub fn with_options(read: R, options: Options) -> Self {
        Self {
            read,
            parser: Parser::with_options(options),
            memory: vec![0; CHUNK_LEN].into_boxed_slice(),
            start: 0,
            end: 0,
            ended: false,
            outcome: None,
            rest: Vec::new(),
        }
    }

    /// What the end meant: `None` before it, and where the response could not be read.
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }

    /// As [`Finish::rest`](crate::Finish::rest): once the end was reached, the data of an event, or the bytes of a body,
    /// that was cut. For a log, never for a deserializer.
    ///
    /// ```
    /// use llm_response::{EventReader, Outcome};
    ///
    /// let mut reader = EventReader::new(&b"data: {\"text\":"[..]);
    /// assert_eq!(reader.next_event()?, None);
    /// assert_eq!(reader.outcome(), Some(Outcome::Truncated));
    /// assert_eq!(reader.rest(), b"{\"text\":");
    /// # Ok::<(), llm_response::ReadError>(())
    /// ```
    pub fn rest(&self) -> &[u8] {
        &self.rest
    }

    /// The parser, to ask for its phase, its position, the last event id or the `retry` time.
    pub fn parser(&self) -> &Parser {
        &self.parser
    }

    /// What is read from, to set its timeout for instance.
    pub fn get_ref(&self) -> &R {
        &self.read
    }

    /// What is read from. Bytes that are read past this reader are missing in the response.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.read
    }

    /// What was read from. Bytes that were read and not parsed are lost.
    pub fn into_inner(self) -> R {
        self.read
    }

    /// Ends the response here, where the connection broke, a deadline has passed or no more is wanted: gives the outcome
    /// of what was received. Events are `Ok(None)` then. After the end it changes nothing and gives
    /// [`outcome`](Self::outcome).
    ///
    /// Bytes that were read count in full, though their events are not given. An event with data that only the end of
    /// the input would have completed, such as a last one without its blank line, is not given and counts as cut:
    /// [`Outcome::Truncated`]. So [`Outcome::is_safe_to_retry`] is true only if no output was received at all.
    ///
    /// ```
    /// use llm_response::{EventReader, Outcome};
    ///
    /// let mut reader = EventReader::new(&b": queued\n\ndata: {\"text\":"[..]);
    /// assert!(reader.next_event()?.is_some()); // the comment
    ///
    /// assert_eq!(reader.close(), Some(Outcome::Truncated));
    /// assert_eq!(reader.next_event()?, None);
    /// # Ok::<(), llm_response::ReadError>(())
    /// ```
    pub fn close(&mut self) -> Option<Outcome> {
        if !self.ended {
            self.ended = true;
            self.outcome = self.parser.break_off(&self.memory[self.start..self.end]);
        }
        self.outcome
    }
}

impl<R: Read> EventReader<R> {
    /// The next event, or `Ok(None)` after the last one, which may be one that only the end of the input completed.
    /// Reads only if no event is left of what was read before.
    ///
    /// # Errors
    ///
    /// [`ReadError::Io`] from reading, after which the next call reads on; [`ReadError::Parse`] where the response cannot
    /// be read, which every later call repeats.
    ///
    /// ```
    /// use llm_response::{Event, EventReader, KeepAlive};
    ///
    /// let mut reader = EventReader::new(&b": queued\ndata: [DONE]"[..]);
    /// assert_eq!(reader.next_event()?, Some(Event::KeepAlive(KeepAlive::Comment(b"queued"))));
    /// assert_eq!(reader.next_event()?, Some(Event::Done)); // with the end of the input
    /// assert_eq!(reader.next_event()?, None);
    /// # Ok::<(), llm_response::ReadError>(())
    /// ```
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>, ReadError> {
        match self.find()? {
            Some(found) => Ok(Some(self.lend(found))),
            None => self.finish(),
        }
    }

    /// The same, with keep-alives counted and passed over.
    ///
    /// # Errors
    ///
    /// As [`EventReader::next_event`].
    ///
    /// ```
    /// use llm_response::{Event, EventReader};
    ///
    /// let mut reader = EventReader::new(&b": queued\n\n: queued\n\ndata: [DONE]\n\n"[..]);
    /// assert_eq!(reader.next_output()?, Some(Event::Done));
    /// assert_eq!(reader.parser().keep_alives(), 2);
    /// # Ok::<(), llm_response::ReadError>(())
    /// ```
    pub fn next_output(&mut self) -> Result<Option<Event<'_>>, ReadError> {
        loop {
            match self.find()? {
                Some(found) if found.is_keep_alive() => {}
                Some(found) => return Ok(Some(self.lend(found))),
                None => {
                    let last = self.finish()?;
                    return Ok(last.filter(|event| !matches!(event, Event::KeepAlive(_))));
                }
            }
        }
    }

    /// Reads until the parser has found an event, or to the end of the input.
    fn find(&mut self) -> Result<Option<FoundOf<Place>>, ReadError> {
        while !self.ended {
            let whole = &self.memory[..self.end];
            let mut chunk = &whole[self.start..];
            let found = self.parser.advance(&mut chunk);
            self.start = self.end - chunk.len();
            if let Some(found) = found? {
                return Ok(Some(found.map(|part| Place::of(part, whole))));
            }
            match self.read.read(&mut self.memory) {
                Ok(0) => break,
                Ok(len) => (self.start, self.end) = (0, len.min(CHUNK_LEN)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(ReadError::Io(error)),
            }
        }
        Ok(None)
    }

    fn lend(&self, found: FoundOf<Place>) -> Event<'_> {
        self.parser.lend(found.map(|place| place.part(&self.memory)))
    }

    fn finish(&mut self) -> Result<Option<Event<'_>>, ReadError> {
        if self.ended {
            return Ok(None);
        }
        let finish = self.parser.finish()?;
        self.ended = true;
        self.outcome = Some(finish.outcome);
        self.rest.extend_from_slice(finish.rest);
        Ok(finish.event)
    }
}

/// Where a part of an event lies.
#[derive(Clone, Copy)]
enum Place {
    /// In the reader's memory.
    Memory { start: usize, len: usize },
    /// In the parser's store.
    Stored { start: usize, end: usize },
}

impl Place {
    fn of(part: Part<'_>, memory: &[u8]) -> Self {
        match part {
            Part::Chunk(bytes) => Self::Memory {
                // Of no matter where it is empty: it may then come from elsewhere.
                start: bytes.as_ptr().addr().saturating_sub(memory.as_ptr().addr()),
                len: bytes.len(),
            },
            Part::Stored { start, end } => Self::Stored { start, end },
        }
    }

    fn part(self, memory: &[u8]) -> Part<'_> {
        match self {
            Self::Memory { len: 0, .. } => Part::EMPTY,
            Self::Memory { start, len } => Part::Chunk(&memory[start..][..len]),
            Self::Stored { start, end } => Part::Stored { start, end },
        }
    }
}

impl<R> fmt::Debug for EventReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventReader")
            .field("parser", &self.parser)
            .field("chunk_len", &(self.end - self.start))
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}
