//! Prints each response as it comes, in fixed memory and without an allocator.
#![no_std]
#![no_main]

use core::fmt::Write;

use cortex_m_rt::entry;
use firmware::responses::{MEMORY, RESPONSES};
use firmware::uart::SimulatedUart;
use firmware::{answer, board};

#[entry]
fn main() -> ! {
    board::run(|out| {
        let mut memory = [0; MEMORY];
        for response in RESPONSES {
            writeln!(out, "--- {}", response.name)?;
            let mut port = SimulatedUart::new(response.bytes);
            answer::print(&mut port, &mut memory[..response.memory], out)?;
        }
        Ok(())
    })
}
