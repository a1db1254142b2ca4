# SPDX-License-Identifier: BSD-2-Clause
# Cross build for 64-bit ARM Linux with Debian's compiler and libraries; programs run under qemu.
# `ci/setup --arm64` installs both.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(ENV{PKG_CONFIG_LIBDIR} /usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig)
find_program(TUNTAP_QEMU NAMES qemu-aarch64-static qemu-aarch64)
if(TUNTAP_QEMU)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${TUNTAP_QEMU})
endif()
