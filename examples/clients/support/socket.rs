//! The transport of an embedded client, as its network stack would give it.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;

use embedded_io::{ErrorType, Read, Write};

/// A socket of the standard library.
pub(crate) struct Socket(pub(crate) TcpStream);

impl ErrorType for Socket {
    type Error = io::Error;
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
