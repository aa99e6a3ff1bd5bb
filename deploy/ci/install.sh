#!/bin/sh
# Installs a released trail-lint: install.sh VERSION FOLDER
# It downloads the archive for this machine, compares its SHA-256 with the release's list, and unpacks the
# program into FOLDER. TRAIL_LINT_RELEASES names another place that has the releases, such as a mirror.
# Needs curl or wget, tar, and sha256sum or shasum.
set -eu

version="${1:?usage: install.sh VERSION FOLDER}"
folder="${2:?usage: install.sh VERSION FOLDER}"
version="${version#v}"
base="${TRAIL_LINT_RELEASES:-https://github.com/trail-lint/trail-lint/releases/download}"

fail() { echo "trail-lint: $*" >&2; exit 2; }

case "$version" in
    *[!0-9A-Za-z.+-]* | '') fail "\`$version\` is no version" ;;
esac

case "$(uname -s) $(uname -m)" in
    "Linux x86_64") target=x86_64-unknown-linux-musl ;;
    "Linux aarch64" | "Linux arm64") target=aarch64-unknown-linux-musl ;;
    "Darwin arm64") target=aarch64-apple-darwin ;;
    "Darwin x86_64") target=x86_64-apple-darwin ;;
    MINGW*" x86_64" | MSYS*" x86_64") target=x86_64-pc-windows-msvc ;;
    *) fail "there is no release for $(uname -s) $(uname -m); build it with cargo" ;;
esac

download() {
    if command -v curl >/dev/null; then
        curl --fail --silent --show-error --location --retry 3 --output "$2" "$1"
    else
        wget -q -O "$2" "$1"
    fi || fail "$1 cannot be downloaded"
}

sum() {
    if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

archive="trail-lint-$version-$target.tar.gz"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
download "$base/v$version/$archive" "$work/$archive"
download "$base/v$version/SHA256SUMS" "$work/SHA256SUMS"
wanted="$(awk -v name="$archive" '$2 == name || $2 == "*" name { print $1 }' "$work/SHA256SUMS")"
[ -n "$wanted" ] || fail "SHA256SUMS does not name $archive"
[ "$(sum "$work/$archive")" = "$wanted" ] || fail "$archive is not what SHA256SUMS says: it was not installed"

mkdir -p "$folder"
tar -xzf "$work/$archive" -C "$work"
for name in trail-lint trail-lint.exe; do
    if [ -f "$work/trail-lint-$version-$target/$name" ]; then
        cp "$work/trail-lint-$version-$target/$name" "$folder/$name"
        chmod +x "$folder/$name"
    fi
done
echo "trail-lint $version was installed into $folder"
