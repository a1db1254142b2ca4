# SPDX-License-Identifier: BSD-2-Clause
#
# tuntap_add_native_kext(NAME SOURCES...)
#
# Compiles the kext's shipping sources for this host and makes one relocatable object of them,
# out/NAME.kext.o, in which every symbol is local but three:
#     NAME_kmod_info                        the kext's kmod_info
#     __start_kext_NAME, __stop_kext_NAME   the bounds of its writable data (made by the linker)
# so that tun and tap, which share most of their sources, can live in one process, and so that the emulated
# kernel can give each machine its own copy of the kext's data. ELF hosts use ld and objcopy, a Mac
# ld's own options.

set(TUNTAP_KERNEL_OPTIONS
    -nostdinc -isystem ${CMAKE_SOURCE_DIR}/sim/kernel/include
    -DKERNEL=1 -DKSIM_NATIVE=1 -fno-builtin -fno-common -ffreestanding
    -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=)

find_program(TUNTAP_OBJCOPY NAMES objcopy llvm-objcopy)

function(tuntap_add_native_kext name)
  add_library(${name}_objects OBJECT ${ARGN})
  target_compile_options(${name}_objects PRIVATE ${TUNTAP_KERNEL_OPTIONS}
                         -fno-zero-initialized-in-bss -fno-data-sections)
  target_compile_definitions(${name}_objects PRIVATE TT_DEBUG=1)
  target_include_directories(${name}_objects PRIVATE ${CMAKE_SOURCE_DIR}/core
                             ${CMAKE_SOURCE_DIR}/kext_glue)
  set(merged ${CMAKE_CURRENT_BINARY_DIR}/${name}.merged.o)
  set(kext ${CMAKE_CURRENT_BINARY_DIR}/${name}.kext.o)
  if(APPLE)
    set(seal ${CMAKE_C_COMPILER} -nostdlib -Wl,-r
        -Wl,-rename_section,__DATA,__data,__DATA,kext_${name}
        -Wl,-alias,_kmod_info,_${name}_kmod_info -Wl,-exported_symbol,_${name}_kmod_info
        ${merged} -o ${kext})
  else()
    set(seal ${TUNTAP_OBJCOPY} --redefine-sym kmod_info=${name}_kmod_info
        --keep-global-symbol=${name}_kmod_info
        --rename-section .data=kext_${name}
        --rename-section .data.rel=kext_${name}
        --rename-section .data.rel.local=kext_${name}
        ${merged} ${kext})
  endif()
  add_custom_command(
    OUTPUT ${kext}
    COMMAND ${CMAKE_LINKER} -r -o ${merged} $<TARGET_OBJECTS:${name}_objects>
    COMMAND ${seal}
    DEPENDS ${name}_objects $<TARGET_OBJECTS:${name}_objects>
    COMMAND_EXPAND_LISTS VERBATIM
    COMMENT "Sealing ${name}.kext for this host")
  set_source_files_properties(${kext} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  add_custom_target(${name}_kext_object DEPENDS ${kext})
  set(TUNTAP_${name}_KEXT_OBJECT ${kext} PARENT_SCOPE)
endfunction()
