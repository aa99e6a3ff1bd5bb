#!/usr/bin/env bash
# The step of the GitHub Action for pull requests: compares what the base branch's files let CloudTrail do
# with what the head's do. Everything comes in environment variables, which action.yml sets:
#   CODE       a path in the repository a line: templates, `cdk.out` folders, plans
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
while IFS= read -r line; do
    # A path may hold blanks; what follows ` --` is options.
    path="${line%% --*}"
    path="${path%"${path##*[![:space:]]}"}"
    [ -n "$path" ] || continue
    own=()
    read -ra own <<< "${line:${#path}}"
    case "/$path/" in
        //* | */../*) fail "\`$path\` is no path inside of the repository" ;;
    esac
    old="$base/$path" harmless=false
    if [ -e "$old" ] && [ -e "$path" ]; then
        arguments=(${options[@]+"${options[@]}"} ${own[@]+"${own[@]}"} -- "$old" "$path")
        text="$("$PROGRAM" compare "${arguments[@]}" 2>&1)"
        status=$?
        # An account that is taken on is a gain too. In JSON no text of a policy looks like this line.
        if [ "$status" = 1 ] && [ "${GAINS:-}" != fail ]; then
            json="$("$PROGRAM" compare -f json "${arguments[@]}")"
            grep -q '^ *"worse": true,*$' <<< "$json" || harmless=true
        fi
        # Nobody knows the folder that the base's version was written to.
        shown="$path (base)"
        text=${text//"$old"/"$shown"}
    elif [ -e "$old" ]; then
        status=3 text="It is gone, so that it cannot be said what is lost."
    elif [ ! -e "$path" ]; then
        status=2 text="Neither the base nor the head has it."
    elif [ -n "$(git ls-files -- "$path" 2>/dev/null)" ]; then
        status=0 text="It is new: there is nothing to compare it with."
    else
        status=3 text="The base does not have it, and git does not know it: name a folder with the base's version in \`base\`."
    fi
    compared="$(worse "$compared" "$status")"
    [ "$harmless" = true ] || fails="$(worse "$fails" "$status")"
    say "What the pull request changes in \`${path//\`/}\`" "$text"
done <<< "${CODE:-}
${COMPARE:-}"

echo "compared=$compared" >> "$GITHUB_OUTPUT"
exit "$fails"
