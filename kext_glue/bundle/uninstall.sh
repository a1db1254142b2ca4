#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Removes tun.kext and tap.kext, of this and of all earlier releases: unloads them, then takes away the kexts, what loads
# them at boot, and the installer's receipts. Twice is no error.
#
#   sudo uninstall.sh            all of it
#   sudo uninstall.sh --dry-run  only says what would be done
#
# Exit status: 0 nothing is left, 1 a device is in use (programs are named; nothing was removed) or no root, 2 usage.
set -eu
# shellcheck source=kext_glue/bundle/common.sh
. "$(dirname "$0")/common.sh"

case "${1:-}" in
'') ;;
--dry-run) DRY_RUN=yes ;;
*)
    echo "usage: uninstall.sh [--dry-run]" >&2
    exit 2
    ;;
esac
[ "$DRY_RUN" = yes ] || must_be_root

users=$(users_of tun; users_of tap)
[ -z "$users" ] || stop "in use; quit these programs first:
$users"
for bundle in "$PREFIX.tun" "$PREFIX.tap" $HISTORIC_BUNDLES; do
    if is_loaded "$bundle"; then
        unload "$bundle" || stop "$bundle does not let itself be unloaded; nothing was removed"
    fi
done
for kind in tun tap; do
    daemon=$DAEMONS/$PREFIX.$kind.plist
    [ ! -e "$daemon" ] || act launchctl bootout system "$daemon" || true
    remove "$EXTENSIONS/$kind.kext" "$daemon"
    if pkgutil --pkg-info "$PREFIX.$kind" >/dev/null 2>&1; then
        act pkgutil --forget "$PREFIX.$kind"
    fi
done
for path in $HISTORIC; do
    remove "$path"
done
remove "$ROOT/usr/local/share/tuntap"
say "tun and tap are removed."
