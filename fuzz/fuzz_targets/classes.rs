//! libFuzzer's entry to `fuzz/targets/classes.rs`.

#![no_main]

#[path = "../targets/classes.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::run(data));
