//! Events from any `Read`: sockets, files, pipes, blocking HTTP clients.
//!
//! The reader owns the chunk from which the parser borrows. While it searches for an event, [`Detached`] holds the positions of
//! the parts of the event, so that no borrow prevents the next read. After the end, the reader owns what the parser had stored,
//! and gives the last event and the rest from there.

use alloc::{vec, vec::Vec};
use core::{fmt, ops::Range, time::Duration};
use std::io::{self, ErrorKind, Read};

use super::{
    break_off::{break_off, outcome_of_error},
    last_event::{LastEvent, range_in},
};
use crate::{Buffer, Detached, Event, HeapBuffer, Options, Outcome, Parser, ReadError, Watchdog};

/// The number of bytes that are read at a time by default.
const CHUNK_LEN: usize = 8 * 1024;

/// If a caller asks after a deadline: how long the read may wait for bytes that may already have been received.
const GRACE: Duration = Duration::from_millis(1);

/// The events of a response, from any [`Read`].
///
/// It reads into memory of its own. Each event is valid until the next call.
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
/// assert_eq!(reader.received(), 45); // bytes
/// assert_eq!(reader.parser().keep_alives(), 1);
/// # Ok::<(), llm_response::ReadError>(())
/// ```
///
/// # The end
///
/// `Ok(None)` only means that the input has ended. [`outcome`](Self::outcome) says whether the response is complete. The input may
/// continue after [`Event::Done`] and [`Event::Body`]. If you do not need what follows, stop there.
///
/// # Errors in the middle
///
/// After [`ReadError::Io`] nothing is lost, and the next call continues to read. Do that after a timeout
/// ([`ReadError::is_timeout`]), and with a transport that does not block. If the connection is broken, as after
/// `ConnectionReset`, call [`close`](Self::close): its outcome says whether a retry is safe. `Interrupted` is not reported:
/// reading is tried again. [`ReadError::Parse`] is final.
///
/// A client that resumes a stream reads the last event id and the `retry` time from the [`parser`](Self::parser), also
/// after the end. Blocks that hold only an `id` or a `retry` count, although they give no event. Events that were not given
/// do not count.
///
/// # Memory
///
/// While it reads, it holds 8 KiB, or [the number that you set](Self::with_chunk_len). It holds nothing before the first call,
/// after the end (except a [`rest`](Self::rest)), and while a transport that does not block has nothing to read. A reader in
/// that state takes at most 192 bytes beside its transport, and no heap: a hundred thousand of them take 19 MB.
pub struct EventReader<R, B = HeapBuffer> {
    read: R,
    parser: Parser<B>,
    chunk_len: usize,
    /// What was read; after the end, what the parser had stored.
    memory: Vec<u8>,
    /// The part of `memory` that the parser has not taken yet; after the end, the rest.
    left: Range<usize>,
    ended: bool,
    outcome: Option<Outcome>,
}

impl<R> EventReader<R> {
    /// Reads from `read` with [`Options::new`]. The reader has a buffer, so `read` needs none.
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
        Self::with_parser(read, Parser::with_options(options))
    }
}

impl<R, B> EventReader<R, B> {
    /// Reads from `read` with this parser, which may have another buffer, or may have parsed the first bytes already.
    ///
    /// ```
    /// use llm_response::{EventReader, Options, Parser};
    ///
    /// let mut memory = [0; 1024];
    /// let parser = Parser::in_memory(&mut memory, Options::new());
    /// let mut reader = EventReader::with_parser(&b"data: hi\n\n"[..], parser);
    /// assert!(reader.next_event()?.is_some());
    /// # Ok::<(), llm_response::ReadError>(())
    /// ```
    pub fn with_parser(read: R, parser: Parser<B>) -> Self {
        Self {
            read,
            parser,
            chunk_len: CHUNK_LEN,
            memory: Vec::new(),
            left: 0..0,
            ended: false,
            outcome: None,
        }
    }

    /// Sets how many bytes are read at a time, instead of 8 KiB; at least one. Call it before the first read.
    ///
    /// ```
    /// use llm_response::EventReader;
    ///
    /// let mut reader = EventReader::new(&b"data: hi\n\n"[..]).with_chunk_len(512);
    /// assert!(reader.next_event()?.is_some());
    /// # Ok::<(), llm_response::ReadError>(())
    /// ```
    #[must_use]
    pub fn with_chunk_len(mut self, chunk_len: usize) -> Self {
        self.chunk_len = chunk_len.max(1);
        self
    }

    /// What the end means; `None` before the end. After [`ReadError::Parse`] it is [`Outcome::Complete`] if the end mark or a
    /// body was received, [`Outcome::Truncated`] if other output was received or an event is too long, and otherwise
    /// [`Outcome::Unrecognized`].
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }

    /// Like [`Finish::rest`](crate::Finish::rest): after the end, the part that was received of an incomplete event or body. Log it;
    /// do not deserialize it.
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
        if self.ended {
            &self.memory[self.left.clone()]
        } else {
            &[]
        }
    }

    /// The parser, for example for its phase, its position, the last event id or the `retry` time.
    pub fn parser(&self) -> &Parser<B> {
        &self.parser
    }

    /// The transport, for example to read its settings.
    ///
    /// ```
    /// use llm_response::EventReader;
    ///
    /// let reader = EventReader::new(&b"data: hi\n\n"[..]);
    /// assert_eq!(reader.get_ref().len(), 10); // nothing was read yet
    /// ```
    pub fn get_ref(&self) -> &R {
        &self.read
    }

    /// The transport, for example to set its timeout. Bytes that you read from it yourself are missing in the response.
    ///
    /// ```
    /// use std::net::{TcpListener, TcpStream};
    /// use std::time::Duration;
    ///
    /// use llm_response::EventReader;
    ///
    /// # let listener = TcpListener::bind("127.0.0.1:0")?;
    /// # let address = listener.local_addr()?;
    /// let mut reader = EventReader::new(TcpStream::connect(address)?);
    /// reader.get_mut().set_read_timeout(Some(Duration::from_secs(30)))?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.read
    }

    /// The transport. Bytes that were read and not parsed are lost; [`into_parts`](Self::into_parts) gives them.
    ///
    /// ```
    /// use llm_response::EventReader;
    ///
    /// let mut reader = EventReader::new(&b"data: [DONE]\n\n"[..]);
    /// while reader.next_event()?.is_some() {}
    /// let read = reader.into_inner(); // for the next request on this connection
    /// assert!(read.is_empty());
    /// # Ok::<(), llm_response::ReadError>(())
    /// ```
    pub fn into_inner(self) -> R {
        self.read
    }

    /// The transport, the parser, and the bytes that were read and not parsed yet: all that you need to continue by hand, or
    /// to look at the bytes after [`ReadError::Parse`].
    ///
    /// ```
    /// use llm_response::EventReader;
    ///
    /// let mut reader = EventReader::new(&b"data: [DONE]\n\nHTTP/1.1 200 OK"[..]);
    /// assert!(reader.next_event()?.is_some());
    /// let (_read, _parser, unread) = reader.into_parts();
    /// assert_eq!(unread, b"HTTP/1.1 200 OK");
    /// # Ok::<(), llm_response::ReadError>(())
    /// ```
    pub fn into_parts(mut self) -> (R, Parser<B>, Vec<u8>) {
        if self.ended {
            self.left = 0..0;
        }
        self.memory.truncate(self.left.end);
        self.memory.drain(..self.left.start);
        (self.read, self.parser, self.memory)
    }
}

impl<R, B: Buffer> EventReader<R, B> {
    /// The number of bytes that were read, whether or not they were parsed yet.
    pub fn received(&self) -> u64 {
        let left = if self.ended { 0 } else { self.left.len() };
        self.parser.position() + left as u64
    }

    /// Ends the response here and gives the outcome of what was received. Call it if the connection broke, if a deadline has
    /// passed, or if you want no more events. Later calls for an event give `Ok(None)`. After the end it changes nothing and
    /// gives [`outcome`](Self::outcome).
    ///
    /// All bytes that were read count for the outcome, although their events are not given. Their ids do not count. An event
    /// that only the end of the input would complete, such as a last one without its blank line, counts as truncated:
    /// [`Outcome::Truncated`]. Only an end mark or a body makes the response complete. So [`Outcome::is_safe_to_retry`] is
    /// true only if no output was received at all.
    ///
    /// ```
    /// use llm_response::{EventReader, Outcome};
    ///
    /// let mut reader = EventReader::new(&b": queued\n\ndata: {\"text\":"[..]);
    /// assert!(reader.next_event()?.is_some()); // the comment
    ///
    /// assert_eq!(reader.close(), Outcome::Truncated);
    /// assert_eq!(reader.next_event()?, None);
    /// # Ok::<(), llm_response::ReadError>(())
    /// ```
    pub fn close(&mut self) -> Outcome {
        if !self.ended {
            self.outcome = Some(break_off(&mut self.parser, &self.memory[self.left.clone()]));
            self.ended = true;
            self.forget();
        }
        self.outcome.unwrap_or(Outcome::Empty)
    }

    fn lend(&self, found: Detached) -> Event<'_> {
        self.parser.lend(found.attach(&self.memory))
    }

    /// The input has ended: gives the event that the end completes, if any. A second call gives nothing, and keeps only the rest.
    fn finish(&mut self) -> Result<Option<Event<'_>>, ReadError> {
        if self.ended {
            if self.left.is_empty() {
                self.forget();
            }
            return Ok(None);
        }
        let finish = match self.parser.finish() {
            Ok(finish) => finish,
            Err(error) => {
                self.outcome = Some(outcome_of_error(&self.parser, error));
                return Err(error.into());
            }
        };
        self.ended = true;
        self.outcome = Some(finish.outcome);
        let event = finish.event.as_ref().map(LastEvent::of);
        let rest = finish.rest.as_ptr_range();

        let base = self.parser.last_event_id().as_ptr();
        self.memory = self.parser.take_stored().unwrap_or_default();
        self.left = range_in(&self.memory, base, &rest);
        if self.left.is_empty() && event.is_none() {
            self.memory = Vec::new();
        }
        self.memory.shrink_to_fit();
        self.parser.shrink();
        Ok(event.map(|event| event.lend(&self.memory, base, self.parser.last_event_id())))
    }

    /// Frees the memory.
    fn forget(&mut self) {
        self.memory = Vec::new();
        self.left = 0..0;
    }
}

impl<R: Read, B: Buffer> EventReader<R, B> {
    /// Gives the next event, or `Ok(None)` after the last one. The last one may be an event that only the end of the input
    /// completed. It reads only if no event is left in what was read before.
    ///
    /// # Errors
    ///
    /// [`ReadError::Io`] if reading fails; the next call continues to read. [`ReadError::Parse`] if the response cannot be
    /// read any further; every later call gives the same error.
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
        match self.find(read)? {
            Some(found) => Ok(Some(self.lend(found))),
            None => self.finish(),
        }
    }

    /// Like [`EventReader::next_event`], but counts keep-alives and skips them.
    ///
    /// # Errors
    ///
    /// Those of [`EventReader::next_event`].
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
            match self.find(read)? {
                Some(found) if found.is_keep_alive() => {}
                Some(found) => return Ok(Some(self.lend(found))),
                None => {
                    let last = self.finish()?;
                    return Ok(last.filter(|event| !event.is_keep_alive()));
                }
            }
        }
    }

    /// Gives the next event and enforces the deadlines of `watchdog`, with a clock and a timeout of your own.
    ///
    /// `now` gives the time since the request was sent. `set_timeout` sets how long the next read may take; `None` means no
    /// timeout. Bytes count from the time at which they are received, even if they complete no event. Events that were received
    /// in time are given, however late you ask for them.
    ///
    /// # Errors
    ///
    /// [`ReadError::Expired`] if a deadline has passed; [`close`](Self::close) then gives the outcome. [`ReadError::Io`] if
    /// `set_timeout` fails. If the transport ends a read too early, the error is a [timeout](ReadError::is_timeout): call again.
    /// All other errors are those of [`EventReader::next_event`].
    ///
    /// ```
    /// use std::{
    ///     io::Write,
    ///     net::{TcpListener, TcpStream},
    ///     time::{Duration, Instant},
    /// };
    ///
    /// use llm_response::{EventReader, Outcome, ReadError, Timer, Watchdog};
    ///
    /// # let listener = TcpListener::bind("127.0.0.1:0")?;
    /// # let address = listener.local_addr()?;
    /// let mut reader = EventReader::new(TcpStream::connect(address)?);
    /// let sent = Instant::now();
    /// let mut watchdog = Watchdog::new().silence(Duration::from_millis(50));
    /// // A server that sends a keep-alive, and then nothing.
    /// # let mut server = listener.accept()?.0;
    /// server.write_all(b": queued\n\n")?;
    ///
    /// let expired = loop {
    ///     let event = reader.next_watched(
    ///         &mut watchdog,
    ///         || sent.elapsed(),
    ///         |socket, timeout| socket.set_read_timeout(timeout),
    ///     );
    ///     match event {
    ///         Ok(Some(event)) => println!("{event:?}"),
    ///         Ok(None) => unreachable!("this server does not close"),
    ///         Err(ReadError::Expired(expired)) => break expired,
    ///         Err(error) if error.is_timeout() => {}
    ///         Err(error) => return Err(error.into()),
    ///     }
    /// };
    ///
    /// assert_eq!(expired.timer(), Timer::Silence);
    /// // Is it safe to send the request again?
    /// assert_eq!(reader.close(), Outcome::KeepAliveOnly);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn next_watched(
        &mut self,
        watchdog: &mut Watchdog,
        mut now: impl FnMut() -> Duration,
        mut set_timeout: impl FnMut(&mut R, Option<Duration>) -> io::Result<()>,
    ) -> Result<Option<Event<'_>>, ReadError> {
        let found = self.find(|transport, parser, memory| {
            let received = watchdog.last_byte().unwrap_or_default();
            watchdog.observe(parser, received);
            // If keep-alives are always ready, the reader never waits, but they are no output.
            watchdog.check(received)?;
            let time = now();
            let left = watchdog
                .next_deadline()
                .map(|deadline| match deadline.saturating_sub(time) {
                    Duration::ZERO => GRACE,
                    left => left,
                });
            set_timeout(transport, left)?;
            let result = transport.read(memory);
            let time = now();
            match &result {
                Ok(1..) => watchdog.on_bytes(time),
                Ok(0) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => watchdog.check(time)?,
            }
            Ok(result?)
        })?;
        let event = match found {
            Some(found) => Some(self.lend(found)),
            None => self.finish()?,
        };
        if let Some(event) = &event {
            watchdog.on_event(event, watchdog.last_byte().unwrap_or_default());
        }
        Ok(event)
    }

    /// Reads until the parser has found an event, or to the end of the input.
    fn find(
        &mut self,
        mut read: impl FnMut(&mut R, &Parser<B>, &mut [u8]) -> Result<usize, ReadError>,
    ) -> Result<Option<Detached>, ReadError> {
        while !self.ended {
            let whole = &self.memory[..self.left.end];
            let mut chunk = &whole[self.left.start..];
            let found = self.parser.advance(&mut chunk);
            self.left.start = self.left.end - chunk.len();
            match found {
                Ok(Some(found)) => return Ok(Some(found.detach(whole))),
                Ok(None) => {}
                Err(error) => {
                    self.outcome = Some(outcome_of_error(&self.parser, error));
                    return Err(error.into());
                }
            }
            if self.memory.is_empty() {
                self.memory = vec![0; self.chunk_len];
            }
            match read(&mut self.read, &self.parser, &mut self.memory) {
                Ok(0) => break,
                Ok(len) => self.left = 0..len.min(self.memory.len()),
                Err(ReadError::Io(error)) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.forget(); // all of it was taken
                    return Err(error);
                }
            }
        }
        Ok(None)
    }
}

/// One read without a deadline.
fn read<R: Read, B>(transport: &mut R, _: &Parser<B>, memory: &mut [u8]) -> Result<usize, ReadError> {
    Ok(transport.read(memory)?)
}

impl<R, B> fmt::Debug for EventReader<R, B>
where
    Parser<B>: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventReader")
            .field("parser", &self.parser)
            .field("chunk_len", &self.left.len())
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}
