# SPDX-License-Identifier: BSD-2-Clause
#
# tuntap_optimize_whole(TARGETS...)
#
# In a Release build the targets are optimized as one program, if the compiler can. Not for kexts: ld -r and
# objcopy seal each into one object (cmake/NativeKext.cmake), and a Mac's kext is no part of its kernel.
function(tuntap_optimize_whole)
  if(NOT CMAKE_BUILD_TYPE STREQUAL Release)
    return()
  endif()
  include(CheckIPOSupported)
  check_ipo_supported(RESULT supported OUTPUT reason LANGUAGES C)
  if(supported)
    set_target_properties(${ARGN} PROPERTIES INTERPROCEDURAL_OPTIMIZATION ON)
  else()
    message(STATUS "not optimized as one program: ${reason}")
  endif()
endfunction()
