# SPDX-License-Identifier: BSD-2-Clause
#
# `make tidy`: clang-tidy with .clang-tidy over core, kext_glue and sim, as this build compiles them.
find_program(TUNTAP_CLANG_TIDY NAMES clang-tidy)
find_program(TUNTAP_RUN_CLANG_TIDY NAMES run-clang-tidy run-clang-tidy.py)
if(TUNTAP_CLANG_TIDY AND TUNTAP_RUN_CLANG_TIDY)
  add_custom_target(tidy
    COMMAND ${TUNTAP_RUN_CLANG_TIDY} -quiet -clang-tidy-binary ${TUNTAP_CLANG_TIDY}
            -p ${CMAKE_BINARY_DIR} -j ${TUNTAP_JOBS}
            "^${CMAKE_SOURCE_DIR}/(core|kext_glue|sim)/.*[.]c$$"
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    VERBATIM USES_TERMINAL)
endif()
