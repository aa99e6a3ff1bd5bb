//! libFuzzer's entry to `fuzz/targets/document.rs`.

#![no_main]

#[path = "../targets/document.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::run(data));
