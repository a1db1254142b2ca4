# SPDX-License-Identifier: BSD-2-Clause
# cmake -D CONFIGURE=words -D MAKE=words -P build.cmake
# Runs both commands and shows what they print only if one of them fails.
foreach(command IN ITEMS CONFIGURE MAKE)
  execute_process(COMMAND ${${command}} RESULT_VARIABLE status
                  OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message("${output}")
    message(FATAL_ERROR "the sanitized build failed")
  endif()
endforeach()
