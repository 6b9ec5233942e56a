//! What an embedded client would do: fixed memory, no allocator, any transport that speaks `embedded_io`.
//!
//! ```text
//! cargo run -p llm-response-clients --example no_alloc
//! ```
//!
//! [`ask`] is all that such a client needs. The rest gives it a socket of the standard library for a transport, as a
//! network stack would. It speaks no TLS: a device would put a TLS session under [`ask`], which is a transport as well.

#[path = "support/socket.rs"]
mod socket;
mod support;

use std::net::TcpStream;
use std::process::ExitCode;

use embedded_io::{Read, Write};
use llm_response::{Error, Event, Options, Outcome, Parser, Phase};
use socket::Socket;
use support::Api;

/// For an event that is split over chunks. Its size is also the limit for one event.
const MEMORY: usize = 4096;
/// For what is read at a time.
const CHUNK: usize = 512;

/// Why there is no outcome.
enum Failure<E> {
    Transport(E),
    Response(Error),
}

/// Sends `request` (head and body) and hands over every event of its response. No allocation: 4.7 KB of stack.
fn ask<T: Read + Write>(
    mut transport: T,
    request: &[&[u8]],
    mut on_event: impl FnMut(Event<'_>),
) -> Result<Outcome, Failure<T::Error>> {
    for part in request {
        transport.write_all(part).map_err(Failure::Transport)?;
    }
    transport.flush().map_err(Failure::Transport)?;

    let mut memory = [0; MEMORY];
    let mut parser = Parser::in_memory(&mut memory, Options::new());
    let mut buffer = [0; CHUNK];
    let mut head = Head { seen: 0 };
    while parser.phase() != Phase::Complete {
        let length = match transport.read(&mut buffer).map_err(Failure::Transport)? {
            0 => break,
            length => length,
        };
        let mut chunk = head.skip(&buffer[..length]);
        while let Some(event) = parser.next_event(&mut chunk).map_err(Failure::Response)? {
            on_event(event);
        }
    }
    let finish = parser.finish().map_err(Failure::Response)?;
    finish.event.map(on_event);
    Ok(finish.outcome)
}

/// Skips the head of a response: how much of the empty line that ends it has been seen. The status is not looked at,
/// because the body tells an error from an answer.
struct Head {
    seen: usize,
}

impl Head {
    const END: &[u8] = b"\r\n\r\n";

    /// What of `chunk` belongs to the body.
    fn skip<'c>(&mut self, mut chunk: &'c [u8]) -> &'c [u8] {
        while let (true, [byte, rest @ ..]) = (self.seen < Self::END.len(), chunk) {
            let expected = *byte == Self::END[self.seen];
            self.seen = if expected {
                self.seen + 1
            } else {
                (*byte == b'\r').into()
            };
            chunk = rest;
        }
        chunk
    }
}

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let api = Api::choose(false)?;
    let address = api
        .url
        .strip_prefix("http://")
        .ok_or("no TLS here: unset DEEPSEEK_API_KEY, or use --scenario busy")?;
    let (host, path) = address.split_once('/').unwrap_or((address, ""));

    // By HTTP/1.0, so that the body is not chunked: it ends where the connection ends.
    let headers: String = api
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let length = api.body.len();
    let head = format!("POST /{path} HTTP/1.0\r\nhost: {host}\r\ncontent-length: {length}\r\n{headers}\r\n");

    let request = [head.as_bytes(), api.body.as_bytes()];
    let outcome = ask(Socket(TcpStream::connect(host)?), &request, |event| {
        support::show(&event)
    });
    Ok(support::conclude(match outcome {
        Ok(outcome) => Some(outcome),
        Err(Failure::Transport(error)) => return Err(error.into()),
        Err(Failure::Response(error)) => {
            support::show_text(&format!("\n[{error}]"));
            None
        }
    }))
}
