# SPDX-License-Identifier: BSD-2-Clause
#
# The kexts on a Mac with Xcode, as they ship: targets tun.kext, tap.kext, kexts (signed when CODESIGN_IDENTITY is given)
# and package (kext_glue/bundle/make-package.sh; notarized when NOTARY_PROFILE is given). Universal: x86_64 for
# TUNTAP_MACOS_TARGET and later, arm64e for macOS 11 and later. What was built lies in <build>/kexts, with dSYMs.
#
# Apple's compiler gives arm64e the kernel's pointer authentication by -mkernel itself. A slice for 10.13 and one for 11
# in one command: -Xarch_arm64e; below 11 Apple's linker would drop the signing of pointers without a word.
# verify-kext.sh looks at the result.

set(CODESIGN_IDENTITY "" CACHE STRING "Developer ID with the kext entitlement; empty: not signed")
set(NOTARY_PROFILE "" CACHE STRING "keychain profile of notarytool; empty: not notarized")
set(TUNTAP_MAC_ARCHITECTURES "x86_64;arm64e" CACHE STRING "processors of the kexts")

function(tuntap_add_mac_kext name)
  set(program ${name}_executable)
  set(folder ${TUNTAP_KEXT_FOLDER}/${name}.kext)
  set(plist ${PROJECT_BINARY_DIR}/macho/${name}-Info.plist)
  configure_file(${PROJECT_SOURCE_DIR}/kext_glue/${name}-Info.plist.in ${plist} @ONLY)
  add_executable(${program} EXCLUDE_FROM_ALL ${ARGN})
  set_target_properties(${program} PROPERTIES OUTPUT_NAME ${name} C_STANDARD 11
    OSX_ARCHITECTURES "${TUNTAP_MAC_ARCHITECTURES}" RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/macho)
  target_include_directories(${program} PRIVATE ${PROJECT_SOURCE_DIR}/core ${PROJECT_SOURCE_DIR}/kext_glue)
  target_compile_definitions(${program} PRIVATE KERNEL TUNTAP_VERSION_STRING="${TUNTAP_VERSION}"
                             TUNTAP_BUNDLE_ID=${TUNTAP_BUNDLE_PREFIX}.${name})
  set(slices -mmacosx-version-min=${TUNTAP_MACOS_TARGET})
  if("arm64e" IN_LIST TUNTAP_MAC_ARCHITECTURES)
    list(APPEND slices "SHELL:-Xarch_arm64e -mmacosx-version-min=${TUNTAP_ARM64E_TARGET}")
  endif()
  target_compile_options(${program} PRIVATE -mkernel -nostdinc -fno-builtin -fno-common -Os -g
    -isystem ${TUNTAP_MAC_HEADERS} -Wno-deprecated-declarations -Werror=incompatible-function-pointer-types
    ${slices})
  target_link_options(${program} PRIVATE -nostdlib -Xlinker -kext "SHELL:-Xlinker -exported_symbol -Xlinker _kmod_info"
    ${slices})
  set(sign "")
  if(CODESIGN_IDENTITY)
    set(sign COMMAND codesign --force --timestamp --sign ${CODESIGN_IDENTITY} ${folder})
  endif()
  add_custom_target(${name}.kext
    COMMAND ${TUNTAP_BUNDLE_SCRIPTS}/make-folder.sh ${folder} ${plist} $<TARGET_FILE:${program}> ${name}
    COMMAND dsymutil $<TARGET_FILE:${program}> -o ${folder}.dSYM
    COMMAND ${TUNTAP_BUNDLE_SCRIPTS}/verify-kext.sh ${folder}
    ${sign}
    DEPENDS ${program} VERBATIM COMMENT "Making ${name}.kext")
  add_dependencies(kexts ${name}.kext)
endfunction()

function(tuntap_add_mac_kexts)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "CORE")
  execute_process(COMMAND xcrun --sdk macosx --show-sdk-path OUTPUT_VARIABLE sdk ERROR_QUIET
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(TUNTAP_MAC_HEADERS ${sdk}/System/Library/Frameworks/Kernel.framework/Headers)
  if(NOT EXISTS ${TUNTAP_MAC_HEADERS}/mach/kmod.h)
    message(STATUS "kexts: not built: no SDK with a Kernel.framework (xcode-select --install)")
    return()
  endif()
  # Not part of ALL: the emulated kernel is what most people build on a Mac.
  add_custom_target(kexts)
  tuntap_add_mac_kext(tun ${arg_CORE} ${TUNTAP_GLUE_COMMON_SOURCES} ${TUNTAP_TUN_SOURCES})
  tuntap_add_mac_kext(tap ${arg_CORE} ${TUNTAP_GLUE_COMMON_SOURCES} ${TUNTAP_TAP_SOURCES})
  add_custom_target(package
    COMMAND ${CMAKE_COMMAND} -E env NOTARY_PROFILE=${NOTARY_PROFILE} CODESIGN_IDENTITY=${CODESIGN_IDENTITY}
            ${TUNTAP_BUNDLE_SCRIPTS}/make-package.sh ${TUNTAP_KEXT_FOLDER} ${TUNTAP_BUNDLE_PREFIX} ${TUNTAP_VERSION}
            ${PROJECT_BINARY_DIR}/tuntap-${TUNTAP_VERSION}.pkg
    DEPENDS kexts VERBATIM USES_TERMINAL)
endfunction()
