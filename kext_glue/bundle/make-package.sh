#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Makes the installer (on a Mac): make-package.sh KEXT-FOLDER BUNDLE-PREFIX VERSION OUTPUT.pkg
# One component for tun and one for tap, and a distribution in which either can be left out. Signed and notarized when
# INSTALLER_IDENTITY and NOTARY_PROFILE are set. OUTPUT.pkg appears complete or not at all.
set -eu
[ $# -eq 4 ] || { echo "usage: make-package.sh KEXT-FOLDER BUNDLE-PREFIX VERSION OUTPUT.pkg" >&2; exit 2; }
kexts=$1 prefix=$2 version=$3 output=$4
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for kind in tun tap; do
    root=$work/$kind.root
    scripts=$work/$kind.scripts
    share=$root/usr/local/share/tuntap
    mkdir -p "$root/Library/Extensions" "$root/Library/LaunchDaemons" "$share" "$scripts"
    cp -R "$kexts/$kind.kext" "$root/Library/Extensions/"
    sed -e "s/@KIND@/$kind/g" -e "s/@PREFIX@/$prefix/g" "$here/launch-daemon.plist.in" \
        >"$root/Library/LaunchDaemons/$prefix.$kind.plist"
    sed "s/TUNTAP_PREFIX:-[^}]*}/TUNTAP_PREFIX:-$prefix}/" "$here/common.sh" >"$share/common.sh"
    cp "$here/uninstall.sh" "$here/tuntap-switch" "$here/report.sh" "$share/"
    cp "$share/common.sh" "$scripts/"
    for script in preinstall postinstall; do
        sed "s/@KIND@/$kind/g" "$here/$script" >"$scripts/$script"
        chmod 0755 "$scripts/$script"
    done
    pkgbuild --root "$root" --identifier "$prefix.$kind" --version "$version" --scripts "$scripts" \
        --ownership recommended "$work/$kind.pkg"
done
sed -e "s/@PREFIX@/$prefix/g" -e "s/@VERSION@/$version/g" "$here/distribution.xml.in" >"$work/distribution.xml"
if [ -n "${INSTALLER_IDENTITY:-}" ]; then
    productbuild --distribution "$work/distribution.xml" --package-path "$work" --sign "$INSTALLER_IDENTITY" \
        "$work/out.pkg"
else
    productbuild --distribution "$work/distribution.xml" --package-path "$work" "$work/out.pkg"
    echo "make-package.sh: not signed: INSTALLER_IDENTITY is not set"
fi
if [ -n "${NOTARY_PROFILE:-}" ]; then
    xcrun notarytool submit "$work/out.pkg" --keychain-profile "$NOTARY_PROFILE" --wait
    xcrun stapler staple "$work/out.pkg"
else
    echo "make-package.sh: not notarized: NOTARY_PROFILE is not set"
fi
mv "$work/out.pkg" "$output"
