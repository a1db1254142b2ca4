# SPDX-License-Identifier: BSD-2-Clause
#
# `make memcheck`: every Check program under valgrind by `ctest -T memcheck`, whose own count of
# defects must be zero. What runs no program of ours, or plants a bug, is left out of both.
if(NOT TUNTAP_PLAIN)
  return()
endif()
set(CTEST_CUSTOM_MEMCHECK_IGNORE "")
foreach(folder abi cli lint ci sanitized)
  get_property(names DIRECTORY tests/${folder} PROPERTY TESTS)
  list(APPEND CTEST_CUSTOM_MEMCHECK_IGNORE ${names})
endforeach()
# Their guests access what is not there.
list(APPEND CTEST_CUSTOM_MEMCHECK_IGNORE machine.trap kernel.trap sessions.quirks.null-data)
file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/CTestCustom.cmake
     CONTENT "set(CTEST_CUSTOM_MEMCHECK_IGNORE ${CTEST_CUSTOM_MEMCHECK_IGNORE})\n")

add_custom_target(memcheck
  COMMAND ${CMAKE_COMMAND} -E env CK_FORK=no
          ${CMAKE_CTEST_COMMAND} -T memcheck --output-on-failure -j ${TUNTAP_JOBS}
  DEPENDS test_programs
  WORKING_DIRECTORY ${CMAKE_BINARY_DIR}
  USES_TERMINAL)
