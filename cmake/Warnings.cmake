# SPDX-License-Identifier: BSD-2-Clause
# Warnings, sanitizers and coverage for every target.
option(TUNTAP_WERROR "take warnings for errors; OFF for compilers that nobody here has seen" ON)
add_compile_options(-Wall -Wextra $<$<BOOL:${TUNTAP_WERROR}>:-Werror> -Wstrict-prototypes -Wmissing-prototypes -Wshadow
                    $<$<NOT:$<CONFIG:Release>>:-fno-omit-frame-pointer>)

# valgrind cannot read the DWARF 5 that clang writes, and gives up.
if(CMAKE_C_COMPILER_ID STREQUAL "Clang" AND NOT TUNTAP_SANITIZE)
  add_compile_options(-gdwarf-4)
endif()

if(TUNTAP_SANITIZE)
  add_compile_options(-fsanitize=${TUNTAP_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TUNTAP_SANITIZE})
endif()

if(TUNTAP_COVERAGE)
  add_compile_options(--coverage -O0)
  add_link_options(--coverage)
endif()

# Neither sanitized, nor measured, nor for an engine, nor for another processor.
set(TUNTAP_PLAIN ON)
if(TUNTAP_SANITIZE OR TUNTAP_COVERAGE OR TUNTAP_FUZZ OR TUNTAP_UNDER_VALGRIND OR CMAKE_CROSSCOMPILING)
  set(TUNTAP_PLAIN OFF)
endif()

# How valgrind is run, by `ctest -T memcheck` and by the preset valgrind. Fibers are told to it by
# sim/machine/sanitizer.c.
set(TUNTAP_VALGRIND_OPTIONS "--error-exitcode=99 --leak-check=full --show-leak-kinds=all \
--errors-for-leak-kinds=all --track-origins=no -q")
if(TUNTAP_UNDER_VALGRIND)
  find_program(TUNTAP_VALGRIND valgrind REQUIRED)
  separate_arguments(words UNIX_COMMAND "${TUNTAP_VALGRIND_OPTIONS}")
  set(CMAKE_CROSSCOMPILING_EMULATOR ${TUNTAP_VALGRIND} ${words})
endif()
