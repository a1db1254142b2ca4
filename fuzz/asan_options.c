/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What AddressSanitizer does when ASAN_OPTIONS says nothing else. An input makes and frees some hundred pieces of
 * memory: with 256 MiB of them kept back each new one is a page fault, and 1 MiB still outlasts the input that freed
 * them (its machine is gone with it). Two thirds of the time of fuzz_syscalls was this.
 */
const char *__asan_default_options(void);

__attribute__((used, visibility("default"))) const char *
__asan_default_options(void)
{
    return "quarantine_size_mb=1:malloc_context_size=4:max_redzone=64";
}
