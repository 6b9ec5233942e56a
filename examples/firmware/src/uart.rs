//! A serial port that is none: it gives what is in memory, a few bytes a time.

use core::convert::Infallible;

use embedded_io::{ErrorType, Read};

/// What the hardware can hold between two reads.
pub const FIFO: usize = 16;

/// Gives one to [`FIFO`] bytes a read, a different number each time, as if the reader were late at times.
#[derive(Debug)]
pub struct SimulatedUart {
    rest: &'static [u8],
    available: usize,
}

impl SimulatedUart {
    pub const fn new(bytes: &'static [u8]) -> Self {
        Self {
            rest: bytes,
            available: 0,
        }
    }
}

impl ErrorType for SimulatedUart {
    type Error = Infallible;
}

impl Read for SimulatedUart {
    /// No bytes: the other side is done.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        // Seven and sixteen have no common factor, so that each number of bytes comes.
        self.available = (self.available + 7) % FIFO;
        let length = buffer.len().min(self.available + 1).min(self.rest.len());
        let (bytes, rest) = self.rest.split_at(length);
        buffer[..length].copy_from_slice(bytes);
        self.rest = rest;
        Ok(length)
    }
}
