# shellcheck shell=sh disable=SC2034
# SPDX-License-Identifier: BSD-2-Clause
#
# What the scripts of an installed tun and tap share; sourced. All paths are below $TUNTAP_ROOT, which is empty on a Mac
# and a made-up root in tests.
ROOT=${TUNTAP_ROOT:-}
PREFIX=${TUNTAP_PREFIX:-net.sf.tuntaposx}
EXTENSIONS=$ROOT/Library/Extensions
DAEMONS=$ROOT/Library/LaunchDaemons
DRY_RUN=${DRY_RUN:-no}

# Where releases of old put things: 2006 to 2015.
HISTORIC="
$ROOT/System/Library/Extensions/tun.kext
$ROOT/System/Library/Extensions/tap.kext
$ROOT/System/Library/StartupItems/tun
$ROOT/System/Library/StartupItems/tap
$ROOT/Library/StartupItems/tun
$ROOT/Library/StartupItems/tap
$ROOT/Library/Receipts/tuntap_installer.mpkg
$ROOT/Library/LaunchDaemons/net.sf.tuntaposx.tuntap.plist
"
HISTORIC_BUNDLES="foo.tun foo.tap"

say() { printf '%s\n' "$*"; }
stop() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Runs a command, or says which it would be.
act() {
    if [ "$DRY_RUN" = yes ]; then
        say "would run: $*"
    else
        "$@"
    fi
}

must_be_root() {
    [ "$(id -u)" -eq 0 ] || stop "must be run as root (sudo)"
}

# macOS 11 and later load kexts by kmutil; the older command is still there but asks kmutil.
has_kmutil() { command -v kmutil >/dev/null 2>&1; }

is_loaded() {
    if has_kmutil; then
        kmutil showloaded --list-only --bundle-identifier "$1" 2>/dev/null | grep -qF "$1 "
    else
        kextstat -l -b "$1" 2>/dev/null | grep -qF "$1 "
    fi
}

unload() {
    if has_kmutil; then
        act kmutil unload --bundle-identifier "$1"
    else
        act kextunload -b "$1"
    fi
}

load() {
    if has_kmutil; then
        act kmutil load --bundle-path "$1"
    else
        act kextload "$1"
    fi
}

# The programs that have a device of ours open, one a line: NAME (pid N) on DEVICE. Nothing: none.
users_of() {
    set -- "$ROOT"/dev/"$1"[0-9] "$ROOT"/dev/"$1"1[0-5]
    [ -e "$1" ] || return 0
    lsof -F pcn "$@" 2>/dev/null | awk -v root="$ROOT" '
        /^p/ { pid = substr($0, 2) }
        /^c/ { program = substr($0, 2) }
        /^n/ { print program " (pid " pid ") on " substr($0, 2 + length(root)) }' | sort -u
}

# Removes what is there; a kext of the system volume of newer releases cannot be there.
remove() {
    for path in "$@"; do
        if [ -e "$path" ] || [ -L "$path" ]; then
            say "removing ${path#"$ROOT"}"
            act rm -rf "$path"
        fi
    done
}
