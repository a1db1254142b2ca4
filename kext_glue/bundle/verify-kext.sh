#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Looks at a kext that Apple's linker made: verify-kext.sh FOLDER.kext
# A slice for arm64e must have chained fixups and the kernel's pointer authentication, or the kernel traps at the first
# function pointer. Exit status: 0 good, 1 not (said on standard error).
set -eu
[ $# -eq 1 ] || { echo "usage: verify-kext.sh FOLDER.kext" >&2; exit 2; }
name=$(basename "$1" .kext)
executable=$1/Contents/MacOS/$name
bad=0
complain() { echo "verify-kext.sh: $name: $*" >&2; bad=1; }

for processor in $(lipo -archs "$executable"); do
    header=$(otool -arch "$processor" -hl "$executable")
    case $header in
    *" 11 "*) ;;
    *) complain "$processor: not a kext bundle (file type 11)" ;;
    esac
    nm -arch "$processor" -gU "$executable" | grep -q ' _kmod_info$' || complain "$processor: no kmod_info"
    [ "$processor" = arm64e ] || continue
    case $header in
    *LC_DYLD_CHAINED_FIXUPS*) ;;
    *) complain "arm64e: no chained fixups: linked for a macOS before 11" ;;
    esac
    case $(lipo -detailed_info "$executable") in
    *"capabilities 0xc0"* | *"capabilities PTR_AUTH_VERSION KERNEL"* | *"capabilities KERNEL"*) ;;
    *) complain "arm64e: not marked for the kernel's pointer authentication" ;;
    esac
done
exit $bad
