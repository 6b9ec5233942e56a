//! Why a response cannot be read: what is wrong, where, and what to do.

use core::fmt;

/// The parser cannot read the response any further: says what is wrong, and at which byte.
///
/// It is final: [`Parser::next_event`](crate::Parser::next_event) and [`Parser::finish`](crate::Parser::finish) repeat
/// it until [`Parser::reset`](crate::Parser::reset).
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// use llm_response::{ErrorKind, Format, Options, Parser};
///
/// let mut parser = Parser::with_options(Options::new().format(Format::Json));
/// let error = parser.push(b"<html>", |_| {}).unwrap_err();
///
/// assert_eq!(error.kind(), ErrorKind::NotJson { byte: b'<' });
/// assert_eq!(error.offset(), 0);
/// assert_eq!(
///     error.to_string(),
///     "byte 0: `<` cannot begin a JSON value; read the response as text, or with `Format::Auto`"
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Error {
    kind: ErrorKind,
    offset: u64,
}

impl Error {
    pub(crate) const fn new(kind: ErrorKind, offset: u64) -> Self {
        Self { kind, offset }
    }

    /// What is wrong.
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The offset of the byte that failed: the number of bytes before it.
    pub const fn offset(&self) -> u64 {
        self.offset
    }
}

/// What is wrong with a response.
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// use llm_response::{ErrorKind, Parser};
///
/// let gzip = b"\x1f\x8b\x08\x00";
/// let error = Parser::new().push(gzip, |_| {}).unwrap_err();
/// match error.kind() {
///     ErrorKind::NotText { .. } => {} // decompress the response first
///     ErrorKind::TooLong { limit } => panic!("an event of more than {limit} bytes"),
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A block, a comment or a body is longer than the limit
    /// ([`Options::max_len`](crate::Options::max_len), or the size of a [`SliceBuffer`](crate::SliceBuffer)).
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// JSON was asked for ([`Format::Json`](crate::Format::Json) or [`Format::JsonStream`](crate::Format::JsonStream)), and this byte
    /// cannot begin a JSON value.
    NotJson {
        /// The byte that was received.
        byte: u8,
    },
    /// The response is not text. It is probably compressed, or has a binary framing.
    NotText {
        /// The first byte, which cannot begin a text.
        byte: u8,
    },
    /// Something other than white space follows a completed JSON body.
    TrailingBytes {
        /// The first of these bytes.
        byte: u8,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: ", self.offset)?;
        match self.kind {
            ErrorKind::TooLong { limit } => write!(
                f,
                "an event or a body is longer than the limit of {limit} bytes; \
                 if you trust the sender, raise `Options::max_len` or give the parser more memory"
            ),
            ErrorKind::NotJson { byte } => write!(
                f,
                "`{}` cannot begin a JSON value; read the response as text, or with `Format::Auto`",
                byte.escape_ascii()
            ),
            ErrorKind::NotText { byte } => write!(
                f,
                "`{}` cannot begin a text; decompress the response, or decode its binary frames, before you parse it",
                byte.escape_ascii()
            ),
            ErrorKind::TrailingBytes { byte } => write!(
                f,
                "`{}` follows a complete JSON body; the body can be used, and what follows it is not read",
                byte.escape_ascii()
            ),
        }
    }
}

impl core::error::Error for Error {}
