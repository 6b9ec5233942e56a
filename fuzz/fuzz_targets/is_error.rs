#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| llm_response_fuzz::is_error::run(data));
