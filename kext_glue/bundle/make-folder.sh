#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Makes the folder of a kext anew: make-folder.sh FOLDER.kext INFO-PLIST EXECUTABLE NAME
# Modes are those that kextload insists on, whatever the umask: nobody but the owner may write.
set -eu
[ $# -eq 4 ] || { echo "usage: make-folder.sh FOLDER.kext INFO-PLIST EXECUTABLE NAME" >&2; exit 2; }
umask 022
case "$1" in
*.kext) rm -rf "$1" ;;
*) echo "make-folder.sh: $1: not a .kext" >&2; exit 2 ;;
esac
mkdir -p "$1/Contents/MacOS"
cp "$2" "$1/Contents/Info.plist"
cp "$3" "$1/Contents/MacOS/$4"
chmod 0755 "$1" "$1/Contents" "$1/Contents/MacOS"
chmod 0644 "$1/Contents/Info.plist" "$1/Contents/MacOS/$4"
