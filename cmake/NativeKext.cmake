# SPDX-License-Identifier: BSD-2-Clause
#
# tuntap_add_native_kext(NAME SOURCES...)
#
# Compiles the kext's shipping sources for this host and makes one relocatable object of them,
# out/NAME.kext.o, in which every symbol is local but three:
#     NAME_kmod_info                        the kext's kmod_info
#     __start_kext_NAME, __stop_kext_NAME   the bounds of its writable data (made by the linker)
# and NAME.manifest.c, which says what the kext needs of the kernel (kext_manifest.py),
# so that tun and tap, which share most of their sources, can live in one process, and so that the emulated
# kernel can give each machine its own copy of the kext's data. ELF hosts use ld and objcopy, a Mac
# ld's own options.
#
# In a Release build gcc optimizes the kext as one unit before that: core's small functions are inlined, as
# in the kext that ships (kext_glue/CMakeLists.txt). Exported names stay callable, so nothing is lost.
set(TUNTAP_KEXT_WHOLE OFF)
if(NOT APPLE AND CMAKE_BUILD_TYPE STREQUAL Release AND CMAKE_C_COMPILER_ID STREQUAL GNU)
  set(TUNTAP_KEXT_WHOLE ON)
endif()

set(TUNTAP_KERNEL_OPTIONS
    -nostdinc -isystem ${CMAKE_SOURCE_DIR}/sim/kernel/include
    -DKERNEL=1 -DKSIM_NATIVE=1 -fno-builtin -fno-common -ffreestanding
    -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=)

# The compiler's own, which knows the processor it compiles for.
set(TUNTAP_OBJCOPY ${CMAKE_OBJCOPY})

find_package(Python3 COMPONENTS Interpreter REQUIRED)

# tuntap_kext_manifest(NAME INFO-PLIST OBJECT...) makes NAME.manifest.c and sets TUNTAP_NAME_MANIFEST.
function(tuntap_kext_manifest name plist)
  set(manifest ${CMAKE_CURRENT_BINARY_DIR}/${name}.manifest.c)
  set(script ${CMAKE_SOURCE_DIR}/cmake/kext_manifest.py)
  add_custom_command(
    OUTPUT ${manifest}
    COMMAND ${Python3_EXECUTABLE} ${script} ${name} ${plist} ${manifest} ${CMAKE_NM} ${ARGN}
    DEPENDS ${script} ${plist} ${ARGN}
    COMMAND_EXPAND_LISTS VERBATIM
    COMMENT "Listing what ${name}.kext needs of the kernel")
  set(TUNTAP_${name}_MANIFEST ${manifest} PARENT_SCOPE)
endfunction()

# tuntap_kext_compile(TARGET SOURCE...) makes an object library of a kext's sources.
function(tuntap_kext_compile target)
  add_library(${target} OBJECT ${ARGN})
  target_compile_options(${target} PRIVATE ${TUNTAP_KERNEL_OPTIONS}
                         -fno-zero-initialized-in-bss -fdata-sections)
  if(TUNTAP_SANITIZE)
    # The directory may have excepted its own files. SHELL: CMake would drop a repeated option.
    target_compile_options(${target} PRIVATE "SHELL:-fsanitize=${TUNTAP_SANITIZE}")
  endif()
  if(TUNTAP_KEXT_WHOLE)
    target_compile_options(${target} PRIVATE -flto)
  endif()
  # Release is what is measured: as shipped, without the assertions.
  target_compile_definitions(${target} PRIVATE $<$<NOT:$<CONFIG:Release>>:TT_DEBUG=1>)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/core
                             ${CMAKE_SOURCE_DIR}/kext_glue)
endfunction()

# tuntap_seal_native_kext(NAME PLIST "TARGET..." OBJECT...) makes the kext of objects that the targets make, and its
# manifest with the libraries that PLIST says.
function(tuntap_seal_native_kext name plist targets)
  set(merge ${CMAKE_LINKER} -r)
  set(script "")
  set(merged ${CMAKE_CURRENT_BINARY_DIR}/${name}.merged.o)
  set(kext ${CMAKE_CURRENT_BINARY_DIR}/${name}.kext.o)
  if(APPLE)
    set(seal ${CMAKE_C_COMPILER} -nostdlib -Wl,-r
        -Wl,-rename_section,__DATA,__data,__DATA,kext_${name}
        -Wl,-alias,_kmod_info,_${name}_kmod_info -Wl,-exported_symbol,_${name}_kmod_info
        ${merged} -o ${kext})
  else()
    # GNU's objcopy asks for the new name, LLVM's for the old.
    set(seal ${TUNTAP_OBJCOPY} --redefine-sym kmod_info=${name}_kmod_info
        --keep-global-symbol=kmod_info --keep-global-symbol=${name}_kmod_info
        ${merged} ${kext})
    set(script ${CMAKE_CURRENT_BINARY_DIR}/${name}.kext.ld)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/kext.ld.in ${script} @ONLY)
    if(TUNTAP_KEXT_WHOLE)
      separate_arguments(release_options UNIX_COMMAND "${CMAKE_C_FLAGS_RELEASE}")
      # -fPIE: without it gcc takes this for a part of a shared library, where any function may be
      # replaced at run time, and inlines nothing.
      set(merge ${CMAKE_C_COMPILER} ${release_options} -fPIE -flto -flto-partition=one
          -flinker-output=nolto-rel -r -nostdlib)
    endif()
    list(APPEND merge -T ${script})
  endif()
  add_custom_command(
    OUTPUT ${kext}
    COMMAND ${merge} -o ${merged} ${ARGN}
    COMMAND ${seal}
    DEPENDS ${targets} ${ARGN} ${script} # make needs to know whose objects they are
    COMMAND_EXPAND_LISTS VERBATIM
    COMMENT "Sealing ${name}.kext for this host")
  set_source_files_properties(${kext} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  tuntap_kext_manifest(${name} ${plist} ${kext})
  set(TUNTAP_${name}_KEXT_OBJECT ${kext} PARENT_SCOPE)
  set(TUNTAP_${name}_MANIFEST ${TUNTAP_${name}_MANIFEST} PARENT_SCOPE)
endfunction()

function(tuntap_add_native_kext name)
  tuntap_kext_compile(${name}_objects ${ARGN})
  tuntap_seal_native_kext(${name} ${CMAKE_SOURCE_DIR}/kext_glue/${name}-Info.plist.in
                          ${name}_objects $<TARGET_OBJECTS:${name}_objects>)
  add_custom_target(${name}_kext_object DEPENDS ${TUNTAP_${name}_KEXT_OBJECT})
  set(TUNTAP_${name}_KEXT_OBJECT ${TUNTAP_${name}_KEXT_OBJECT} PARENT_SCOPE)
  set(TUNTAP_${name}_MANIFEST ${TUNTAP_${name}_MANIFEST} PARENT_SCOPE)
endfunction()
