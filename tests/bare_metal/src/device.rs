//! Prints the traces through the debugger's port, as a Cortex-M3 without operating system, std and allocator has them.
#![no_std]
#![no_main]

#[path = "../trace_set.rs"]
mod trace_set;

use core::{
    fmt::{self, Write},
    panic::PanicInfo,
};

use cortex_m_rt::entry;
use cortex_m_semihosting::{
    debug,
    hio::{self, HostStream},
};

#[entry]
fn main() -> ! {
    let status = match print() {
        Ok(()) => debug::EXIT_SUCCESS,
        Err(fmt::Error) => debug::EXIT_FAILURE,
    };
    debug::exit(status);
    loop {}
}

fn print() -> fmt::Result {
    let mut out = Buffered {
        stream: hio::hstdout().map_err(|()| fmt::Error)?,
        bytes: [0; 256],
        len: 0,
    };
    trace_set::write(&mut out)?;
    out.flush()
}

/// Each write stops the machine, so they are gathered.
struct Buffered {
    stream: HostStream,
    bytes: [u8; 256],
    len: usize,
}

impl Buffered {
    fn flush(&mut self) -> fmt::Result {
        let written = self.stream.write_all(&self.bytes[..self.len]);
        self.len = 0;
        written.map_err(|()| fmt::Error)
    }
}

impl Write for Buffered {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for &byte in text.as_bytes() {
            if self.len == self.bytes.len() {
                self.flush()?;
            }
            self.bytes[self.len] = byte;
            self.len += 1;
        }
        Ok(())
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    if let Ok(mut stream) = hio::hstderr() {
        let _ = writeln!(stream, "{info}");
    }
    debug::exit(debug::EXIT_FAILURE);
    loop {}
}
