#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Collects what a report about tun or tap needs: report.sh [FILE.txt]   (default: tuntap-report.txt)
# Nothing is sent. No addresses of packets, no keys: versions, what is loaded, devices, interfaces, the kernel's words of
# the last hour and the panics that name us. Read it before you send it.
set -eu
# shellcheck source=kext_glue/bundle/common.sh
. "$(dirname "$0")/common.sh"
output=${1:-tuntap-report.txt}

# A heading and what the command says, failures too.
section() {
    printf '\n== %s\n' "$1"
    shift
    "$@" 2>&1 || printf '(exit status %s)\n' "$?"
}

# Panics and crash reports that name one of our kexts, the newest five.
panics() {
    find "$ROOT/Library/Logs/DiagnosticReports" "$ROOT/Library/Logs/PanicReporter" \
        \( -name '*.panic' -o -name '*.ips' \) 2>/dev/null | sort -r |
        while read -r file; do
            ! grep -qE "tuntaposx|$PREFIX" "$file" || printf '%s\n' "$file"
        done | head -n 5 | while read -r file; do
            printf -- '-- %s\n' "${file#"$ROOT"}"
            cat "$file"
        done
}

versions() {
    for kind in tun tap; do
        [ -d "$EXTENSIONS/$kind.kext" ] || continue
        printf '%s %s ' "$kind" "$(defaults read "$EXTENSIONS/$kind.kext/Contents/Info" CFBundleVersion)"
        dwarfdump --uuid "$EXTENSIONS/$kind.kext/Contents/MacOS/$kind"
    done
}

loaded() {
    if has_kmutil; then kmutil showloaded --list-only; else kextstat -l; fi | grep -v com.apple || true
}

{
    printf 'report about tun and tap\n'
    section "system" sw_vers
    section "kernel" uname -a
    section "installed" versions
    section "loaded kexts of others than Apple" loaded
    section "devices" sh -c "ls -l $ROOT/dev/tun* $ROOT/dev/tap* 2>&1"
    section "programs" sh -c "$(printf '%s' 'lsof /dev/tun* /dev/tap* 2>/dev/null || true')"
    section "interfaces" ifconfig -a
    section "the kernel's words" log show --last 1h --style compact --predicate \
        "process == 'kernel' AND (eventMessage CONTAINS 'tun' OR eventMessage CONTAINS 'tap')"
    section "panics" panics
} >"$output.new"
mv "$output.new" "$output"
say "$output is written; read it before you send it."
