//! What the other programs cost without a parser: it reads the same bytes from the same port and prints how many.
#![no_std]
#![no_main]

use core::fmt::Write;

use cortex_m_rt::entry;
use embedded_io::Read;
use firmware::board;
use firmware::responses::RESPONSES;
use firmware::uart::{FIFO, SimulatedUart};

#[entry]
fn main() -> ! {
    board::run(|out| {
        let mut bytes = [0; FIFO];
        let mut total = 0;
        for response in RESPONSES {
            let mut port = SimulatedUart::new(response.bytes);
            while let Ok(length @ 1..) = port.read(&mut bytes) {
                total += length;
            }
        }
        writeln!(out, "{total} bytes")
    })
}
