//! A server on loopback that sends given bytes as the body of one HTTP response, in awkward TCP writes.
//!
//! One connection each, in the runtime of the test: with one thread, a yield between two writes lets the client take
//! them one by one.

#![allow(dead_code, unreachable_pub)]

use std::{
    convert::Infallible,
    io::{self, Write as _},
    net::{Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, StreamBody, combinators::UnsyncBoxBody};
use hyper::{Response, body::Frame, header::HeaderValue, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::{TcpSocket, TcpStream},
    task::{JoinHandle, yield_now},
    time::sleep,
};

/// A response, and how it is sent.
#[derive(Clone, Debug)]
pub struct Sending {
    pub status: u16,
    pub content_type: &'static str,
    /// Whole lines, each with its CR LF, which HTTP/1.1 sends beside the others.
    pub headers: &'static str,
    pub body: Vec<u8>,
    pub framing: Framing,
    pub ending: Ending,
    /// Compressed, and flushed often.
    pub gzip: bool,
}

/// How the client knows where the body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    Chunked,
    Length,
    Close,
    /// Frames of HTTP/2, by prior knowledge.
    Http2,
}

/// What comes after the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// What the framing demands.
    Clean,
    /// The connection closes, though the framing promised more.
    Short,
    /// The connection breaks.
    Reset,
    /// Nothing, and the connection stays open.
    Stall,
    /// These bytes, over and over.
    Endless(&'static [u8]),
}

/// A server that waits for its connection.
#[derive(Debug)]
pub struct Serving {
    pub addr: SocketAddr,
    /// How many bytes the connection has taken.
    pub sent: Arc<AtomicUsize>,
    /// Ends when the connection does.
    pub over: JoinHandle<io::Result<()>>,
}

/// How long a broken connection waits, so that the client has read all that came before. Some systems would throw it
/// away, and then no client could tell.
const BEFORE_RESET: Duration = Duration::from_millis(30);

/// How many bytes are written at a time, over and over.
const WRITES: [usize; 9] = [61, 7, 148, 1, 33, 211, 2, 97, 18];
/// How long the chunks and frames of HTTP are; they have nothing to do with the writes.
const CHUNKS: [usize; 7] = [1, 19, 3, 257, 5, 64, 31];

impl Sending {
    pub fn new(body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            content_type: "text/event-stream",
            headers: "",
            body: body.into(),
            framing: Framing::Chunked,
            ending: Ending::Clean,
            gzip: false,
        }
    }

    pub fn framing(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }

    pub fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    pub fn gzip(mut self) -> Self {
        self.gzip = true;
        self
    }

    /// Listens, and answers one request.
    pub async fn serve(self) -> Serving {
        let socket = TcpSocket::new_v4().unwrap();
        // What the kernel takes beforehand would hide whether the server is held back.
        socket.set_send_buffer_size(64 * 1024).unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let listener = socket.listen(1).unwrap();
        let addr = listener.local_addr().unwrap();
        let sent = Arc::new(AtomicUsize::new(0));
        let counter = sent.clone();
        let over = tokio::spawn(async move {
            let (connection, _) = listener.accept().await?;
            connection.set_nodelay(true)?;
            match self.framing {
                Framing::Http2 => self.send_frames(connection, counter).await,
                _ => self.send(connection, &counter).await,
            }
        });
        Serving { addr, sent, over }
    }

    /// HTTP/1.1 by hand, to choose every write.
    async fn send(self, mut connection: TcpStream, sent: &AtomicUsize) -> io::Result<()> {
        skip_request(&mut connection).await?;
        for piece in pieces(&self.message(), &WRITES) {
            connection.write_all(piece).await?;
            sent.fetch_add(piece.len(), Ordering::Relaxed);
            yield_now().await;
        }
        match self.ending {
            Ending::Clean | Ending::Short => connection.shutdown().await?,
            Ending::Reset => {
                sleep(BEFORE_RESET).await;
                return connection.set_zero_linger();
            }
            Ending::Stall => {}
            Ending::Endless(bytes) => loop {
                connection.write_all(&chunk(bytes, 0)).await?;
                sleep(Duration::from_millis(5)).await;
            },
        }
        // Until the client goes: a socket that is closed with bytes unread is reset.
        let mut late = [0; 64];
        while connection.read(&mut late).await? > 0 {}
        Ok(())
    }

    /// Head and body as HTTP/1.1 has them. If the ending is not clean, the framing promises one byte more.
    fn message(&self) -> Vec<u8> {
        let encoding = if self.gzip { "content-encoding: gzip\r\n" } else { "" };
        let body = self.encoded().concat();
        let is_clean = self.ending == Ending::Clean;
        let framing = match self.framing {
            Framing::Chunked => "transfer-encoding: chunked\r\n".to_owned(),
            Framing::Length => format!("content-length: {}\r\n", body.len() + usize::from(!is_clean)),
            Framing::Close | Framing::Http2 => String::new(),
        };
        let Self {
            status,
            content_type,
            headers,
            ..
        } = self;
        let mut message = format!(
            "HTTP/1.1 {status} Whatever\r\ncontent-type: {content_type}\r\n{headers}{encoding}{framing}connection: close\r\n\r\n"
        )
        .into_bytes();
        if self.framing != Framing::Chunked {
            message.extend(body);
            return message;
        }
        let chunks: Vec<_> = pieces(&body, &CHUNKS).collect();
        for (index, piece) in chunks.iter().enumerate() {
            let is_truncated = index + 1 == chunks.len() && matches!(self.ending, Ending::Short | Ending::Reset);
            if is_truncated {
                message.extend(format!("{:x}\r\n", piece.len() + 1).into_bytes());
                message.extend(*piece);
            } else {
                message.extend(chunk(piece, index));
            }
        }
        if is_clean {
            message.extend(b"0\r\n\r\n");
        }
        message
    }

    /// The body in pieces, each of which a decompressor can give at once.
    fn encoded(&self) -> Vec<Vec<u8>> {
        if !self.gzip {
            return pieces(&self.body, &CHUNKS).map(<[u8]>::to_vec).collect();
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        let mut encoded: Vec<_> = pieces(&self.body, &CHUNKS)
            .map(|piece| {
                encoder.write_all(piece).unwrap();
                encoder.flush().unwrap();
                std::mem::take(encoder.get_mut())
            })
            .collect();
        encoded.push(encoder.finish().unwrap());
        encoded
    }

    /// HTTP/2 by hyper, over a connection that takes only a few bytes at a time.
    async fn send_frames(self, connection: TcpStream, sent: Arc<AtomicUsize>) -> io::Result<()> {
        let torn = Torn {
            connection,
            lengths: lengths(&WRITES, self.body.len()),
            sent,
        };
        let respond = service_fn(move |_| {
            let response = self.clone().into_response();
            async { Ok::<_, Infallible>(response) }
        });
        http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(torn), respond)
            .await
            .map_err(io::Error::other)
    }

    fn into_response(self) -> Response<UnsyncBoxBody<Bytes, io::Error>> {
        let pieces = stream::iter(self.encoded()).then(async |piece| {
            yield_now().await;
            Some(Ok(Frame::data(Bytes::from(piece))))
        });
        let end = stream::once(async move {
            match self.ending {
                Ending::Clean => None,
                Ending::Stall => std::future::pending().await,
                _ => {
                    sleep(BEFORE_RESET).await;
                    Some(Err(io::ErrorKind::ConnectionReset.into()))
                }
            }
        });
        let frames = pieces.chain(end).filter_map(std::future::ready);
        let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
        *response.status_mut() = self.status.try_into().unwrap();
        let headers = response.headers_mut();
        headers.insert("content-type", HeaderValue::from_static(self.content_type));
        if self.gzip {
            headers.insert("content-encoding", HeaderValue::from_static("gzip"));
        }
        response
    }
}

/// As HTTP/1.1 has a chunk: hexadecimal digits of either case, now and then with an extension.
fn chunk(bytes: &[u8], index: usize) -> Vec<u8> {
    let size = match index % 3 {
        0 => format!("{:x}\r\n", bytes.len()),
        1 => format!("{:X}\r\n", bytes.len()),
        _ => format!("{:04x};name=value\r\n", bytes.len()),
    };
    [size.as_bytes(), bytes, b"\r\n"].concat()
}

/// In uneven pieces of these lengths.
fn pieces<'b>(mut bytes: &'b [u8], table: &'static [usize]) -> impl Iterator<Item = &'b [u8]> {
    let mut lengths = lengths(table, bytes.len());
    std::iter::from_fn(move || {
        let (piece, rest) = bytes.split_at(lengths.next()?.min(bytes.len()));
        bytes = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

/// These lengths, over and over; longer ones for long responses, so that they are not split more often.
fn lengths(table: &'static [usize], total: usize) -> Lengths {
    let scale = 1 + total / (32 * 1024);
    Box::new(table.iter().cycle().map(move |length| length * scale))
}

type Lengths = Box<dyn Iterator<Item = usize> + Send>;

async fn skip_request(connection: &mut TcpStream) -> io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        if connection.read_buf(&mut request).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

/// A connection that takes only a few bytes at a time.
struct Torn {
    connection: TcpStream,
    lengths: Lengths,
    sent: Arc<AtomicUsize>,
}

impl AsyncWrite for Torn {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let length = self.lengths.next().map_or(0, |length| length.min(bytes.len()));
        let written = ready!(Pin::new(&mut self.connection).poll_write(cx, &bytes[..length]))?;
        self.sent.fetch_add(written, Ordering::Relaxed);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(cx)
    }
}

impl AsyncRead for Torn {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_read(cx, buf)
    }
}
