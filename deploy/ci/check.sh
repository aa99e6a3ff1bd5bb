#!/usr/bin/env bash
# The step of the GitHub Action that runs the check and hands its exit status on. Everything comes in
# environment variables, which action.yml sets.
set -uo pipefail

arguments=(check)
while IFS= read -r line; do
    [ -z "$line" ] || arguments+=("$line")
done <<< "${CODE:-}
${SNAPSHOT:-}
${OPTIONS:-}
${ARGUMENTS:-}"
# Code and a snapshot: what does the code do to the trails that there are?
[ -z "${CODE:-}" ] || [ -z "${SNAPSHOT:-}" ] || arguments+=(--replace)
for output in "sarif=${SARIF:-}" "html=${HTML:-}" "markdown=${MARKDOWN:-}"; do
    [ -z "${output#*=}" ] || arguments+=(--output "$output")
done
# A variable that is empty would be an option without its value.
[ -n "${TRAIL_LINT_SARIF_EVIDENCE:-}" ] || unset TRAIL_LINT_SARIF_EVIDENCE

"$PROGRAM" "${arguments[@]}"
status=$?
{
    echo "status=$status"
    echo "sarif=${SARIF:-}"
} >> "$GITHUB_OUTPUT"
exit "$status"
