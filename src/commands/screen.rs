//! What the terminal, or a file, can show: its width, colour, letters and links.

use std::io::{self, IsTerminal};

use trail_lint::report::table;

use crate::cli::ColorChoice;

/// What the terminal, or a file, can show.
pub(super) fn look(color: ColorChoice, standard_output: bool) -> table::Style {
    let terminal = standard_output && io::stdout().is_terminal();
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let color = match color {
        ColorChoice::Always => standard_output,
        ColorChoice::Never => false,
        ColorChoice::Auto => terminal && !no_color && !dumb && obeys_escapes(),
    };
    table::Style {
        width: width(terminal),
        color,
        unicode: speaks_unicode(),
        // `--color never` means no escapes at all, and a file is opened elsewhere.
        links: terminal && color && supports_hyperlinks::supports_hyperlinks(),
        show_ok_requests: false,
        quiet: false,
    }
}

/// Whether escapes are obeyed. The console of older Windows has to be told to first.
fn obeys_escapes() -> bool {
    anstyle_query::windows::enable_ansi_colors().unwrap_or(true)
}

fn width(terminal: bool) -> usize {
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    let of_terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let width = if terminal { of_terminal() } else { columns() };
    width.unwrap_or(120).clamp(20, 400)
}

/// Whether the locale says that the terminal can show more than ASCII.
pub(super) fn speaks_unicode() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    match set {
        Some(locale) => locale
            .to_ascii_lowercase()
            .replace('-', "")
            .contains("utf8"),
        None => cfg!(windows) || std::env::var_os("WT_SESSION").is_some(),
    }
}
