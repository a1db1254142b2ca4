# SPDX-License-Identifier: BSD-2-Clause
#
# The kexts for the Macs that will run them: targets tun.kext, tap.kext and kexts; what is built lies in
# <build>/kexts. Warnings are errors. Not on a Mac (cmake/MacKext.cmake is for that):
#
#   kexts/NAME.kext            complete for Intel: MH_KEXT_BUNDLE and Info.plist; not signed
#   kexts/NAME.kext.dSYM       its line tables
#   kexts/object/NAME.kext     the same code before it was linked (MH_OBJECT), for the emulated kernel's loader
#   kexts/arm64e/NAME.o        the code for Apple silicon, in one object
#
# With Apple's linker (-DTUNTAP_LD64=/path/to/ld) kexts/NAME.kext is universal. A signature needs a Mac.

set(TUNTAP_BUNDLE_PREFIX net.sf.tuntaposx CACHE STRING "what the bundle ids begin with")
set(TUNTAP_MACOS_TARGET 10.13 CACHE STRING "the oldest macOS that the Intel code is for")
set(TUNTAP_KERNEL_HEADERS ${PROJECT_SOURCE_DIR}/sim/kernel/include CACHE PATH
    "headers of the kernel: this project's, or those of a Kernel.framework")
set(TUNTAP_LD64 "" CACHE FILEPATH "Apple's linker, built for this host; without it arm64e is not linked")
set(TUNTAP_VERSION ${PROJECT_VERSION})

# Apple silicon has no older macOS than 11, and Apple's linker makes its fixups from that target on only.
set(TUNTAP_ARM64E_TARGET 11.0)

# 22 and later sign function pointers of arm64e as XNU wants them; 14 to 21 do x86_64 only.
find_program(TUNTAP_MACHO_CLANG NAMES clang-24 clang-23 clang-22 clang-21 clang-20 clang-19 clang-14 clang)
if(TUNTAP_MACHO_CLANG)
  execute_process(COMMAND ${TUNTAP_MACHO_CLANG} -dumpversion OUTPUT_VARIABLE TUNTAP_MACHO_CLANG_VERSION
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
  string(REGEX MATCH "^[0-9]+" major "${TUNTAP_MACHO_CLANG_VERSION}")
  # Bitcode is read by the tools of the same version.
  foreach(tool llvm-link opt llvm-lipo llvm-nm)
    string(TOUPPER TUNTAP_${tool} variable)
    string(REPLACE - _ variable ${variable})
    find_program(${variable} NAMES ${tool}-${major} HINTS /usr/lib/llvm-${major}/bin)
  endforeach()
endif()

set(TUNTAP_KEXT_FOLDER ${PROJECT_BINARY_DIR}/kexts)
set(TUNTAP_BUNDLE_SCRIPTS ${PROJECT_SOURCE_DIR}/kext_glue/bundle)

function(tuntap_macho_flags output target)
  set(flags -target ${target} -mkernel -nostdinc -fno-builtin -fno-common -std=gnu11 -Os -g -DKERNEL
      -DTUNTAP_VERSION_STRING="${TUNTAP_VERSION}" -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=
      -fdebug-compilation-dir=.
      -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-deprecated-declarations
      -Werror=incompatible-function-pointer-types)
  if(target MATCHES "^arm64e")
    list(APPEND flags -fptrauth-function-pointer-type-discrimination -D__PTRAUTH_INTRINSICS__=1)
  endif()
  set(${output} ${flags} PARENT_SCOPE)
endfunction()

# Compiles each source to bitcode for the target; once, however many kexts want it.
function(tuntap_macho_compile target output)
  tuntap_macho_flags(flags ${target})
  set(all "")
  foreach(source IN LISTS ARGN)
    file(RELATIVE_PATH name ${PROJECT_SOURCE_DIR} ${source})
    string(REPLACE "/" "_" name ${name})
    set(folder ${PROJECT_BINARY_DIR}/macho/${target})
    set(bitcode ${folder}/${name}.bc)
    list(APPEND all ${bitcode})
    get_property(known GLOBAL PROPERTY TUNTAP_MACHO_COMPILED)
    if(bitcode IN_LIST known)
      continue()
    endif()
    set_property(GLOBAL APPEND PROPERTY TUNTAP_MACHO_COMPILED ${bitcode})
    set(identity "")
    if(name MATCHES "^kext_glue_(tun|tap)(_|\\.)")
      set(identity -DTUNTAP_BUNDLE_ID=${TUNTAP_BUNDLE_PREFIX}.${CMAKE_MATCH_1})
    endif()
    file(MAKE_DIRECTORY ${folder})
    add_custom_command(OUTPUT ${bitcode}
      COMMAND ${CMAKE_C_COMPILER_LAUNCHER} ${TUNTAP_MACHO_CLANG} ${flags} ${identity}
              -isystem ${TUNTAP_KERNEL_HEADERS} -I ${PROJECT_SOURCE_DIR}/core
              -I ${PROJECT_SOURCE_DIR}/kext_glue -emit-llvm -MD -MF ${bitcode}.d -MT ${bitcode}
              -c ${source} -o ${bitcode}
      DEPENDS ${source} DEPFILE ${bitcode}.d VERBATIM
      COMMENT "Compiling ${name} for ${target}")
  endforeach()
  set(${output} ${all} PARENT_SCOPE)
endfunction()

# One object of all bitcode, in which nothing but kmod_info can be seen from outside.
function(tuntap_macho_merge target object)
  tuntap_macho_flags(flags ${target})
  list(FILTER flags EXCLUDE REGEX "^-D|^-W|^-f.*prefix-map|^-std|^-nostdinc|^-fno-builtin|^-fno-common|^-fdebug")
  get_filename_component(folder ${object} DIRECTORY)
  get_filename_component(name ${object} NAME_WE)
  set(merged ${PROJECT_BINARY_DIR}/macho/${target}/${name}.merged)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(OUTPUT ${object}
    COMMAND ${TUNTAP_LLVM_LINK} ${ARGN} -o ${merged}.all.bc
    COMMAND ${TUNTAP_OPT} -passes=internalize,globaldce -internalize-public-api-list=kmod_info
            ${merged}.all.bc -o ${merged}.bc
    COMMAND ${TUNTAP_MACHO_CLANG} ${flags} -Wno-unused-command-line-argument -c ${merged}.bc -o ${object}
    DEPENDS ${ARGN} VERBATIM
    COMMENT "Merging ${object}")
endfunction()

# The folder FOLDER/NAME.kext with Info.plist and an executable, as a Mac wants them: nobody else may write.
function(tuntap_kext_folder name folder executable outputs)
  set(contents ${folder}/${name}.kext/Contents)
  set(plist ${PROJECT_BINARY_DIR}/macho/${name}-Info.plist)
  configure_file(${PROJECT_SOURCE_DIR}/kext_glue/${name}-Info.plist.in ${plist} @ONLY)
  add_custom_command(OUTPUT ${contents}/Info.plist ${contents}/MacOS/${name}
    COMMAND ${TUNTAP_BUNDLE_SCRIPTS}/make-folder.sh ${folder}/${name}.kext ${plist} ${executable} ${name}
    DEPENDS ${plist} ${executable} ${TUNTAP_BUNDLE_SCRIPTS}/make-folder.sh VERBATIM
    COMMENT "Filling ${name}.kext")
  set(${outputs} ${contents}/Info.plist ${contents}/MacOS/${name} PARENT_SCOPE)
endfunction()

# Apple's linker takes what is there, and llvm-lipo makes one file of it.
function(tuntap_macho_link_with_ld64 name intel arm executable)
  set(slices ${executable}.x86_64)
  set(link ${TUNTAP_LD64} -kext -Z -exported_symbol _kmod_info)
  set(commands COMMAND ${link} -arch x86_64 -platform_version macos ${TUNTAP_MACOS_TARGET}
      ${TUNTAP_MACOS_TARGET} -o ${executable}.x86_64 ${intel})
  if(arm)
    list(APPEND commands
      COMMAND ${Python3_EXECUTABLE} ${TUNTAP_BUNDLE_SCRIPTS}/mark_arm64e.py ${arm} ${executable}.arm64e.o
      COMMAND ${link} -arch arm64e -platform_version macos ${TUNTAP_ARM64E_TARGET} ${TUNTAP_ARM64E_TARGET}
              -o ${executable}.arm64e ${executable}.arm64e.o)
    list(APPEND slices ${executable}.arm64e)
  endif()
  add_custom_command(OUTPUT ${executable} ${commands}
    COMMAND ${TUNTAP_LLVM_LIPO} -create ${slices} -output ${executable}
    DEPENDS ${intel} ${arm} VERBATIM COMMENT "Linking ${name} with Apple's linker")
endfunction()

function(tuntap_macho_link_here name object executable lines)
  set(scripts ${TUNTAP_BUNDLE_SCRIPTS}/make_bundle.py ${TUNTAP_BUNDLE_SCRIPTS}/macho_object.py)
  get_filename_component(folder ${lines} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(OUTPUT ${executable} ${lines}
    COMMAND ${Python3_EXECUTABLE} ${TUNTAP_BUNDLE_SCRIPTS}/make_bundle.py --dsym ${lines} ${object} ${executable}
    DEPENDS ${object} ${scripts} VERBATIM
    COMMENT "Making a kext bundle of ${name}")
endfunction()

# tuntap_add_macho_kext(NAME SOURCES...): the target NAME.kext, part of kexts.
function(tuntap_add_macho_kext name)
  set(work ${PROJECT_BINARY_DIR}/macho)
  set(intel ${work}/x86_64/${name}.o)
  set(executable ${work}/${name})
  set(lines ${TUNTAP_KEXT_FOLDER}/${name}.kext.dSYM/Contents/Resources/DWARF/${name})
  set(all "")
  set(arm "")
  tuntap_macho_compile(x86_64-apple-macos${TUNTAP_MACOS_TARGET} bitcode ${ARGN})
  tuntap_macho_merge(x86_64-apple-macos${TUNTAP_MACOS_TARGET} ${intel} ${bitcode})
  if(TUNTAP_MACHO_ARM64E)
    set(arm ${TUNTAP_KEXT_FOLDER}/arm64e/${name}.o)
    tuntap_macho_compile(arm64e-apple-macos${TUNTAP_ARM64E_TARGET} bitcode ${ARGN})
    tuntap_macho_merge(arm64e-apple-macos${TUNTAP_ARM64E_TARGET} ${arm} ${bitcode})
  endif()
  if(TUNTAP_LD64)
    tuntap_macho_link_with_ld64(${name} ${intel} "${arm}" ${executable})
  else()
    tuntap_macho_link_here(${name} ${intel} ${executable} ${lines})
    list(APPEND all ${lines})
  endif()
  tuntap_kext_folder(${name} ${TUNTAP_KEXT_FOLDER} ${executable} outputs)
  list(APPEND all ${outputs})
  tuntap_kext_folder(${name} ${TUNTAP_KEXT_FOLDER}/object ${intel} outputs)
  add_custom_target(${name}.kext DEPENDS ${all} ${outputs} ${arm})
  add_dependencies(kexts ${name}.kext)
endfunction()

# What this build cannot make, in its last line.
function(tuntap_say_what_is_missing)
  set(missing "signature (needs a Mac)")
  if(NOT TUNTAP_MACHO_ARM64E)
    list(PREPEND missing "arm64e (needs clang 22, here is ${TUNTAP_MACHO_CLANG_VERSION})")
  elseif(NOT TUNTAP_LD64)
    list(PREPEND missing "arm64e as a bundle (needs Apple's linker: -DTUNTAP_LD64=...)")
  endif()
  string(REPLACE ";" ", " missing "${missing}")
  add_custom_target(kexts_summary ALL
    COMMAND ${CMAKE_COMMAND} -E echo "kexts: in ${TUNTAP_KEXT_FOLDER}; not made here: ${missing}" VERBATIM)
  add_dependencies(kexts_summary kexts)
endfunction()

# tuntap_add_macho_kexts(CORE SOURCES...): targets kexts, tun.kext, tap.kext; sets TUNTAP_MACHO_KEXTS if they exist.
include(${CMAKE_CURRENT_LIST_DIR}/MacKext.cmake)

function(tuntap_add_macho_kexts)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "CORE")
  if(APPLE)
    tuntap_add_mac_kexts(CORE ${arg_CORE})
    return()
  endif()
  if(NOT TUNTAP_MACHO_CLANG OR NOT TUNTAP_LLVM_LINK OR NOT TUNTAP_OPT)
    message(STATUS "kexts: not built and not tested: no clang with its llvm-link and opt (ci/setup installs them)")
    return()
  endif()
  set(TUNTAP_MACHO_ARM64E OFF)
  if(TUNTAP_MACHO_CLANG_VERSION VERSION_GREATER_EQUAL 22)
    set(TUNTAP_MACHO_ARM64E ON)
  endif()
  add_custom_target(kexts ALL)
  tuntap_add_macho_kext(tun ${arg_CORE} ${TUNTAP_GLUE_COMMON_SOURCES} ${TUNTAP_TUN_SOURCES})
  tuntap_add_macho_kext(tap ${arg_CORE} ${TUNTAP_GLUE_COMMON_SOURCES} ${TUNTAP_TAP_SOURCES})
  tuntap_say_what_is_missing()
  set(TUNTAP_MACHO_KEXTS ON PARENT_SCOPE)
  set(TUNTAP_MACHO_ARM64E ${TUNTAP_MACHO_ARM64E} PARENT_SCOPE)
endfunction()
