//! The configuration file, and it and the command line made one: a flag, or its variable in the
//! environment, wins over the file.

use std::collections::BTreeSet;
use std::path::Path;

use clap::ValueEnum;
use trail_lint::config::{Config, DEFAULT_FILE, Options, Word};
use trail_lint::document::InputError;
use trail_lint::report::{Accept, Filter};

use super::{Failure, known_rule, outputs};
use crate::cli::{CheckArgs, FailOn, FilterArgs, SeverityArg};

/// The configuration file that was named, or the usual one if it is there.
pub(super) fn config(named: Option<&Path>) -> Result<Config, InputError> {
    let usual = Path::new(DEFAULT_FILE);
    match named {
        Some(path) => Config::read(path),
        None if usual.is_file() => Config::read(usual),
        None => Ok(Config::default()),
    }
}

/// The findings that are asked for.
pub(super) fn filter(args: &FilterArgs) -> Result<Filter, Failure> {
    let names = |names: &[String]| -> Result<BTreeSet<String>, Failure> {
        names
            .iter()
            .map(|name| known_rule(name).map(|page| page.name.to_owned()))
            .collect()
    };
    Ok(Filter {
        select: names(&args.select)?,
        ignore: names(&args.ignore)?,
        min_severity: args.min_severity.map(Into::into),
        accept: Accept::default(),
    })
}

/// The arguments of `check` with everything from the file that they leave open.
pub(super) fn settled(mut args: CheckArgs, file: &Options) -> Result<CheckArgs, Failure> {
    let output = &mut args.output;
    settle(&mut output.format, file.format.as_ref(), file)?;
    settle(&mut output.color, file.color.as_ref(), file)?;
    settle::<FailOn>(&mut args.fail_on, file.fail_on.as_ref(), file)?;
    let least = file.min_severity.as_ref();
    settle::<SeverityArg>(&mut args.filter.min_severity, least, file)?;
    // The two exclude each other, so that one on the command line wins over the other in the file.
    if !output.quiet && !output.verbose {
        (output.quiet, output.verbose) = (file.quiet, file.verbose);
    }
    args.allow_partial |= file.allow_partial;
    for word in &file.output {
        in_file(outputs::file(&word.text, args.output.format()), word, file)?;
    }
    for word in file.select.iter().chain(&file.ignore) {
        in_file(known_rule(&word.text), word, file)?;
    }
    if let Some(word) = &file.category {
        in_file(outputs::category(Some(&word.text)), word, file)?;
    }
    if let Some(word) = &file.security_hub {
        in_file(outputs::security_hub(Some(&word.text)), word, file)?;
    }
    let output = &mut args.output;
    fill(&mut output.output, &file.output);
    fill(&mut args.filter.select, &file.select);
    fill(&mut args.filter.ignore, &file.ignore);
    let text = |word: &Option<Word>| word.as_ref().map(|word| word.text.clone());
    output.sarif_evidence = output.sarif_evidence.take().or(file.sarif_evidence.clone());
    output.map = output.map.take().or(file.map.as_ref().map(Into::into));
    output.category = output.category.take().or(text(&file.category));
    output.security_hub = output.security_hub.take().or(text(&file.security_hub));
    let baseline = file.baseline.as_ref().map(Into::into);
    args.accept.baseline = args.accept.baseline.take().or(baseline);
    Ok(args)
}

/// A list on the command line stands instead of the file's.
fn fill(list: &mut Vec<String>, words: &[Word]) {
    if list.is_empty() {
        list.extend(words.iter().map(|word| word.text.clone()));
    }
}

/// A value to choose. One of the file is checked even where a flag wins: it is wrong all the same.
pub(super) fn settle<T: ValueEnum>(
    value: &mut Option<T>,
    word: Option<&Word>,
    file: &Options,
) -> Result<(), Failure> {
    let Some(word) = word else {
        return Ok(());
    };
    let Ok(said) = T::from_str(&word.text, false) else {
        let names: Vec<String> = T::value_variants()
            .iter()
            .filter_map(|value| Some(format!("`{}`", value.to_possible_value()?.get_name())))
            .collect();
        let message = format!("`{}` is none of the values that there are", word.text);
        let help = format!("write one of {}", names.join(", "));
        return Err(file.error(word, message, help).into());
    };
    value.get_or_insert(said);
    Ok(())
}

/// Points an error about an argument into the file.
fn in_file<T>(result: Result<T, Failure>, word: &Word, file: &Options) -> Result<(), Failure> {
    match result {
        Ok(_) => Ok(()),
        Err(Failure::Usage { message, help }) => Err(file.error(word, message, help).into()),
        Err(other) => Err(other),
    }
}
