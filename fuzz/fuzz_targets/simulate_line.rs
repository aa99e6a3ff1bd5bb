//! libFuzzer's entry to `fuzz/targets/simulate_line.rs`.

#![no_main]

#[path = "../targets/simulate_line.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::run(data));
