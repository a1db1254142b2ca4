# SPDX-License-Identifier: BSD-2-Clause
# Warnings, sanitizers and coverage for every target.
add_compile_options(-Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes -Wshadow
                    -fno-omit-frame-pointer)

if(TUNTAP_SANITIZE)
  add_compile_options(-fsanitize=${TUNTAP_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TUNTAP_SANITIZE})
endif()

if(TUNTAP_COVERAGE)
  add_compile_options(--coverage -O0)
  add_link_options(--coverage)
endif()
