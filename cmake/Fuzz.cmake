# SPDX-License-Identifier: BSD-2-Clause
#
# tuntap_fuzz_target(NAME LIBRARIES library... [SOURCES file...])
#
# The program fuzz_NAME of fuzz_NAME.c (LLVMFuzzerTestOneInput), linked to what feeds it:
#
#   nothing said               fuzz/standalone_main.c: files, folders or standard input, each input once. Any
#                              compiler; ctest fuzz.NAME, label fuzz-regression, replays corpus/NAME and
#                              regressions/NAME. honggfuzz -- fuzz_NAME ___FILE___ works as well.
#   -DTUNTAP_FUZZ=ON           -fsanitize=fuzzer: clang's libFuzzer, or with CMAKE_C_COMPILER=afl-clang-fast or
#                              hfuzz-clang that fuzzer's own driver (AFL++: persistent mode, input in shared memory).
#   -DTUNTAP_FUZZ_ENGINE=WORDS those linker words; the default is $LIB_FUZZING_ENGINE, as OSS-Fuzz and
#                              ClusterFuzzLite set it. What they want compiled in is in their CFLAGS.
set(TUNTAP_FUZZ_ENGINE "$ENV{LIB_FUZZING_ENGINE}" CACHE STRING "linker words of a fuzzing engine")
separate_arguments(TUNTAP_FUZZ_ENGINE_WORDS UNIX_COMMAND "${TUNTAP_FUZZ_ENGINE}")

if(TUNTAP_FUZZ AND NOT TUNTAP_FUZZ_ENGINE_WORDS)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "TUNTAP_FUZZ needs clang, afl-clang-fast or hfuzz-clang")
  endif()
  # All that is fuzzed tells the engine where it went. Not how deep a stack is: each fiber has its own.
  add_compile_options(-fsanitize=fuzzer-no-link -fno-sanitize-coverage=stack-depth)
  set(TUNTAP_FUZZ_ENGINE_WORDS -fsanitize=fuzzer)
endif()

# What is not fuzzed but runs beside it: a fuzzer need not know of each comparison there (which way was taken it still
# learns, and which bytes were wanted the dictionaries say). It is a third of the time of a system call.
if(CMAKE_C_COMPILER_ID MATCHES "Clang")
  set(TUNTAP_FUZZ_BESIDE -fno-sanitize-coverage=trace-cmp)
endif()

add_custom_target(fuzz_targets)

function(tuntap_fuzz_target name)
  cmake_parse_arguments(PARSE_ARGV 1 fuzz "" "" "LIBRARIES;SOURCES")
  set(target fuzz_${name})
  add_executable(${target} ${target}.c ${fuzz_SOURCES})
  target_link_libraries(${target} PRIVATE ${fuzz_LIBRARIES} fuzz_support)
  add_dependencies(fuzz_targets ${target})
  if(TUNTAP_FUZZ_ENGINE_WORDS)
    target_link_options(${target} PRIVATE ${TUNTAP_FUZZ_ENGINE_WORDS})
    get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
    if(CXX IN_LIST languages) # which an engine in a library is written in
      set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
    endif()
  else()
    target_sources(${target} PRIVATE standalone_main.c)
    # Where folders come and go without a word to CMake.
    file(GLOB folders CONFIGURE_DEPENDS LIST_DIRECTORIES true ${CMAKE_CURRENT_SOURCE_DIR}/regressions/*)
    list(FILTER folders INCLUDE REGEX "/${name}$")
    add_test(NAME fuzz.${name} COMMAND ${target} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name} ${folders})
    set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz-regression TIMEOUT 60)
  endif()
endfunction()
