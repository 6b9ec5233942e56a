//! The Cortex-M3 that qemu emulates. What is printed goes through the debugger's port, which needs no driver.

use core::fmt::{self, Write};
use core::panic::PanicInfo;

use cortex_m_semihosting::debug;
use cortex_m_semihosting::hio::{self, HostStream};

/// Runs `program`, says on standard error how deep the stack was, and ends the emulation.
pub fn run(program: impl FnOnce(&mut Output) -> fmt::Result) -> ! {
    let status = match print(program) {
        Ok(()) => debug::EXIT_SUCCESS,
        Err(fmt::Error) => debug::EXIT_FAILURE,
    };
    debug::exit(status);
    loop {}
}

fn print(program: impl FnOnce(&mut Output) -> fmt::Result) -> fmt::Result {
    let mut output = Output {
        stream: hio::hstdout().map_err(|()| fmt::Error)?,
        bytes: [0; 128],
        length: 0,
    };
    program(&mut output)?;
    output.flush()?;
    note("stack", stack_used())
}

/// Writes a figure on standard error, where `.ci/firmware` finds it.
pub fn note(name: &str, bytes: usize) -> fmt::Result {
    let mut stream = hio::hstderr().map_err(|()| fmt::Error)?;
    writeln!(stream, "{name} {bytes}")
}

/// Standard output. Each write stops the machine, so they are gathered.
pub struct Output {
    stream: HostStream,
    bytes: [u8; 128],
    length: usize,
}

impl Output {
    fn flush(&mut self) -> fmt::Result {
        let written = self.stream.write_all(&self.bytes[..self.length]);
        self.length = 0;
        written.map_err(|()| fmt::Error)
    }
}

impl Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for &byte in text.as_bytes() {
            if self.length == self.bytes.len() {
                self.flush()?;
            }
            self.bytes[self.length] = byte;
            self.length += 1;
        }
        Ok(())
    }
}

/// How many bytes of the stack were used so far, the deepest call counts: the runtime painted all of it before `main`.
fn stack_used() -> usize {
    unsafe extern "C" {
        // The stack begins at its highest address and grows down. The linker script has both ends.
        static _stack_start: u32;
        static _stack_end: u32;
    }
    let top = &raw const _stack_start;
    let mut word = &raw const _stack_end;
    // SAFETY: from `_stack_end` to `_stack_start` there is RAM, which nothing but the stack uses.
    while word < top && unsafe { word.read_volatile() } == cortex_m_rt::STACK_PAINT_VALUE {
        word = word.wrapping_add(1);
    }
    top.addr() - word.addr()
}

/// Short, since the text of a panic and its place would be most of the flash.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    if let Ok(mut stream) = hio::hstderr() {
        let _ = stream.write_all(b"panic\n");
    }
    debug::exit(debug::EXIT_FAILURE);
    loop {}
}
