#!/usr/bin/env bash
# The step of the GitHub Action for pull requests: compares what the base branch's files let CloudTrail do
# with what the head's do. Everything comes in environment variables, which action.yml sets:
#   CODE       a path in the repository a line: templates, `cdk.out` folders, plans; together they are one estate
#   COMPARE    likewise for policy files, each with its own options of `trail-lint compare` after the path:
#              policies/bucket.json --bucket=example-logs
#   OPTIONS    further options for all, one a line
#   GAINS      `fail` if it fails the job that CloudTrail may do more; it always fails if logs stop
#   BASE       a folder that holds the base's version, for what is made and not in git; else git has it
#   BASE_SHA   the base branch's commit
#   PROGRAM, RUNNER_TEMP, GITHUB_SHA, GITHUB_EVENT_NAME, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY
# The head is the folder that this runs in, so that files that earlier steps made are seen too.
# macOS has the bash of 2007: no `mapfile`, and an empty array counts as unset.
set -uo pipefail

fail() { echo "trail-lint: $*" >&2; exit 2; }

# The commit that merging would change. By default `actions/checkout` takes GitHub's trial merge, whose first
# parent that is; of another commit it is the one where it left the base branch, as what the base has gained
# since is nothing that the pull request takes away.
base_commit() {
    local head parents
    head="$(git rev-parse HEAD)" || return
    parents="$(git cat-file commit HEAD | sed -n '/^$/q; s/^parent //p')"
    if [ "${GITHUB_EVENT_NAME:-}" = pull_request ] && [ "$head" = "${GITHUB_SHA:-}" ] \
        && [ "$(wc -l <<< "$parents")" -eq 2 ]; then
        head -n 1 <<< "$parents"
        return
    fi
    if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
        git fetch --quiet --no-tags --unshallow origin >&2 || return
    fi
    fetch_commit "$BASE_SHA" && git merge-base "$BASE_SHA" HEAD
}

# A shallow checkout has no commit but one.
fetch_commit() {
    git cat-file -e "$1^{commit}" 2>/dev/null || git fetch --quiet --no-tags --depth=1 origin "$1" >&2
}

# Writes the files of a commit into a folder. Unlike `git archive` it leaves nothing out, and unlike
# `git worktree` it runs no hook and leaves nothing in the repository.
write_files() {
    GIT_INDEX_FILE="$work/index" git read-tree "$1" \
        && GIT_INDEX_FILE="$work/index" git checkout-index --all --quiet --prefix="$2/"
}

# For the log, where nothing in the text may be a command, and for the job's summary, where nothing in it may
# end the block.
say() {
    local title="$1" text="$2" token fence='```'
    token="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
    printf '%s\n::stop-commands::%s\n%s\n::%s::\n' "$title" "$token" "$text" "$token"
    [ -n "${GITHUB_STEP_SUMMARY:-}" ] || return 0
    while [[ "$text" == *"$fence"* ]]; do fence="$fence\`"; done
    printf '### %s\n\n%stext\n%s\n%s\n\n' "$title" "$fence" "$text" "$fence" >> "$GITHUB_STEP_SUMMARY"
}

# The status that weighs more: wrong usage more than findings, those more than what could not be seen.
worse() { if [ "$(weight "$2")" -gt "$(weight "$1")" ]; then echo "$2"; else echo "$1"; fi; }
weight() { case "$1" in 0) echo 0 ;; 3) echo 1 ;; 1) echo 2 ;; *) echo 3 ;; esac; }

work="$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/trail-lint-base.XXXXXX")" || exit 2
trap 'rm -rf "$work"' EXIT

if [ -n "${BASE:-}" ]; then
    [ -d "$BASE" ] || fail "\`base\` names \`$BASE\`, which is no folder"
    base="${BASE%/}"
else
    root="$(git rev-parse --show-toplevel)" || fail "there is no repository here; actions/checkout gets it"
    below="$(git rev-parse --show-prefix)"
    commit="$(base_commit)"
    fetch_commit "${commit:-none}" \
        || fail "git does not have the base of the pull request; give actions/checkout \`fetch-depth: 0\`"
    [ "$commit" != "$(git rev-parse HEAD)" ] \
        || fail "what is checked out is the base itself; give actions/checkout the pull request's head as \`ref\`"
    (cd "$root" && write_files "$commit" "$work/files") || fail "the files of $commit cannot be written"
    base="$work/files/$below"
    base="${base%/}"
fi

options=()
while IFS= read -r line; do
    [ -z "$line" ] || options+=("$line")
done <<< "${OPTIONS:-}"

# The worst of all, and the worst that is to fail the job.
compared=0 fails=0

check_path() {
    case "/$1/" in
        //* | */../*) fail "\`$1\` is no path inside of the repository" ;;
    esac
}

# Says what a comparison came to.
report() {
    local path="$1" status="$2" harmless="$3" text="$4"
    compared="$(worse "$compared" "$status")"
    [ "$harmless" = true ] || fails="$(worse "$fails" "$status")"
    say "What the pull request changes in \`${path//\`/}\`" "$text"
}

# Compares two versions; the arguments are a title, then those of `trail-lint compare`.
compare() {
    local title="$1" text status path harmless=false
    shift
    text="$("$PROGRAM" compare "$@" 2>&1)"
    status=$?
    # An account that is taken on is a gain too. In JSON no text of a policy looks like this line.
    if [ "$status" = 1 ] && [ "${GAINS:-}" != fail ] \
        && ! grep -q '^ *"worse": true,*$' <<< "$("$PROGRAM" compare -f json "$@")"; then
        harmless=true
    fi
    # Nobody knows the folder that the base's version was written to.
    for path in ${old[@]+"${old[@]}"}; do text=${text//"$path"/"${path#"$base/"} (base)"}; done
    report "$title" "$status" "$harmless" "$text"
}

# What is said where one side lacks a file: the status and the text.
is_new() { [ ! -e "$base/$1" ] && [ -e "$1" ] && [ -n "$(git ls-files -- "$1" 2>/dev/null)" ]; }
say_lack() {
    if [ -e "$base/$1" ]; then
        report "$1" 3 false "It is gone, so that it cannot be said what is lost."
    elif [ ! -e "$1" ]; then
        report "$1" 2 false "Neither the base nor the head has it."
    elif is_new "$1"; then
        report "$1" 0 false "It is new: there is nothing to compare it with."
    else
        report "$1" 3 false "The base does not have it, and git does not know it: name a folder with the base's version in \`base\`."
    fi
}

# All code is one estate: options name one template of several, and what leaves one may come to another.
old=() new=() named=()
while IFS= read -r path; do
    path="${path%"${path##*[![:space:]]}"}"
    [ -n "$path" ] || continue
    check_path "$path"
    if [ ! -e "$base/$path" ] && ! is_new "$path"; then
        say_lack "$path"
        continue
    fi
    [ ! -e "$base/$path" ] || old+=("$base/$path")
    [ ! -e "$path" ] || new+=("$path")
    named+=("$path")
done <<< "${CODE:-}"
if [ "${#old[@]}" -gt 0 ] && [ "${#new[@]}" -gt 0 ]; then
    arguments=(${options[@]+"${options[@]}"})
    for path in "${old[@]:1}"; do arguments+=("--old=$path"); done
    for path in "${new[@]:1}"; do arguments+=("--new=$path"); done
    title="$(printf ', %s' "${named[@]}")"
    compare "${title#, }" ${arguments[@]+"${arguments[@]}"} -- "${old[0]}" "${new[0]}"
else
    for path in ${named[@]+"${named[@]}"}; do say_lack "$path"; done
fi

while IFS= read -r line; do
    # A path may hold blanks; what follows ` --` is options.
    path="${line%% --*}"
    path="${path%"${path##*[![:space:]]}"}"
    [ -n "$path" ] || continue
    own=()
    read -ra own <<< "${line:${#path}}"
    check_path "$path"
    if [ -e "$base/$path" ] && [ -e "$path" ]; then
        old=("$base/$path")
        compare "$path" ${options[@]+"${options[@]}"} ${own[@]+"${own[@]}"} -- "$base/$path" "$path"
    else
        say_lack "$path"
    fi
done <<< "${COMPARE:-}"

echo "compared=$compared" >> "$GITHUB_OUTPUT"
exit "$fails"
