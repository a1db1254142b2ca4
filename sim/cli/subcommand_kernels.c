/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include <profile.h>
#include <quirk.h>

#include "subcommand.h"

static const char *const kqueue_words[] = {
    [KSIM_KQUEUE_EINVAL] = "no",
    [KSIM_KQUEUE_LOWAT_ONE] = "NOTE_LOWAT 1",
};

static const char *const detached_words[] = {
    [KSIM_INPUT_DETACHED_ACCEPTS] = "0",
    [KSIM_INPUT_DETACHED_EINVAL] = "EINVAL",
    [KSIM_INPUT_DETACHED_ENXIO] = "EINVAL, ENXIO",
};

static const char *const generation_words[] = {
    [KSIM_GENERATION_A] = "A",
    [KSIM_GENERATION_B] = "B",
    [KSIM_GENERATION_C] = "C",
};

static void
print_introduction(void)
{
    puts("<!-- SPDX-License-Identifier: BSD-2-Clause -->\n"
         "<!-- The output of `tuntapsim kernels`; a test compares. -->\n"
         "# The kernels\n\n"
         "`--kernel darwin10` to `--kernel darwin24` choose the release that is emulated, each as the last tag of\n"
         "its series is on x86_64. `sim/kernel/profile.c` holds what differs, `sim/kernel/exports.tsv` which symbols\n"
         "each exports. Sources are sections of the project's fact sheets about XNU: kpi-rest, kpi-ifnet, museum.\n");
}

static void
print_releases(void)
{
    puts("## Releases\n\n"
         "Generations of the interface layer: A counts users, B has references and a detacher, C waits for its\n"
         "threads and has embryonic interfaces (kpi-ifnet 0). Sizes are in bytes (kpi-rest 1.1, 2.1, 2.7).\n\n"
         "| `--kernel` | macOS | XNU | generation | MLEN | MHLEN | device slots | selinfo | kevent on devices "
         "| `ifnet_input` when detached |\n"
         "|---|---|---|---|---|---|---|---|---|---|");
    for (int darwin = KSIM_DARWIN_FIRST; darwin <= KSIM_DARWIN_LAST; darwin++) {
        const struct ksim_profile *profile = ksim_profile_find(darwin);

        printf("| `darwin%d` | %s (%s) | %s | %s | %u | %u | %u | %u | %s | %s |\n", darwin,
               profile->os_version, profile->os_build, profile->xnu_tag,
               generation_words[profile->generation], profile->mlen_bytes, profile->mhlen_bytes,
               profile->cdevsw_slots, profile->selinfo_bytes, kqueue_words[profile->kqueue],
               detached_words[profile->input_detached]);
    }
}

/* "10-12, 15" */
static void
print_window(const struct ksim_quirk *quirk)
{
    const char *separator = "";

    for (int first = KSIM_DARWIN_FIRST; first <= KSIM_DARWIN_LAST; first++) {
        int last = first;

        if (!ksim_quirk_shows(quirk, first))
            continue;
        while (last < KSIM_DARWIN_LAST && ksim_quirk_shows(quirk, last + 1))
            last++;
        printf(first == last ? "%s%d" : "%s%d-%d", separator, first, last);
        separator = ", ";
        first = last;
    }
}

static void
print_quirks(void)
{
    const struct ksim_quirk *quirk;

    puts("\n## Quirks\n\n"
         "What is so only from one release to another. The sessions of `tests/sessions/quirks` show drivers that\n"
         "trip over them, and ours that does not.\n\n"
         "| quirk | Darwin | meaning | source |\n"
         "|---|---|---|---|");
    for (unsigned i = 0; (quirk = ksim_quirk_at(i)) != NULL; i++) {
        printf("| `%s` | ", quirk->name);
        print_window(quirk);
        printf(" | %s | %s |\n", quirk->meaning, quirk->source);
    }
}

int
subcommand_kernels(int argc, char **argv)
{
    (void)argv;
    if (argc != 1) {
        fputs("usage: tuntapsim kernels\n", stderr);
        return EXIT_STATUS_BAD_INPUT;
    }
    print_introduction();
    print_releases();
    print_quirks();
    return EXIT_STATUS_OK;
}
