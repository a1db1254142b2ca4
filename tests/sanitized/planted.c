/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * usage: planted MISTAKE
 *
 * Boots an emulated Mac with planted.kext, in which two threads of a program make the request named
 * MISTAKE again and again. Exit status 0: everything ran to its end and the machine saw nothing; 1: the machine
 * reports something; 2: usage. A tool that sees the mistake ends the process with its own status.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <host_memory.h>
#include <machine.h>
#include <native_kexts.h>
#include <system.h>
#include <tape.h>

#include "planted.h"

extern struct kmod_info planted_kmod_info;
extern char planted_data_begin[] NATIVE_KEXT_DATA_BEGIN("planted");
extern char planted_data_end[] NATIVE_KEXT_DATA_END("planted");

static const struct {
    const char *name;
    enum planted_request request;
} mistakes[] = {
    {"none", PLANTED_NONE},
    {"use-after-free", PLANTED_USE_AFTER_FREE},
    {"overrun", PLANTED_OVERRUN},
    {"stack-overrun", PLANTED_STACK_OVERRUN},
    {"global-overrun", PLANTED_GLOBAL_OVERRUN},
    {"overflow", PLANTED_OVERFLOW},
    {"uninitialised", PLANTED_UNINITIALISED},
    {"leak", PLANTED_LEAK},
    {"race", PLANTED_RACE},
    {"no-race", PLANTED_NO_RACE},
};

enum { REQUESTS = 20, SEED = 1 };

struct program {
    struct ksim *kernel;
    struct process *process;
    enum planted_request request;
    int results[2];
    int threads_ended;
};

static void
requests_make(struct program *program, int *result)
{
    int fd = ksim_system_open(program->process, "/dev/planted", KSIM_O_RDWR);

    *result = fd < 0 ? fd : 0;
    for (int i = 0; i < REQUESTS && *result == 0; i++)
        *result = ksim_system_ioctl(program->process, fd, program->request, NULL);
    if (fd >= 0)
        ksim_system_close(program->process, fd);
    program->threads_ended++;
}

static void
other_thread(void *argument)
{
    struct program *program = argument;

    requests_make(program, &program->results[1]);
}

static void
main_thread(void *argument)
{
    struct program *program = argument;

    if (ksim_kext_load(program->kernel, PLANTED_BUNDLE) != KSIM_KEXT_OK) {
        program->results[0] = -KSIM_ENODEV;
        return;
    }
    ksim_thread_run(program->process, "other", other_thread, program);
    requests_make(program, &program->results[0]);
    while (program->threads_ended < 2)
        ksim_system_sleep(program->process, 1000000);
    (void)ksim_kext_unload(program->kernel, PLANTED_BUNDLE);
    ksim_system_exit(program->process);
}

static int
run(enum planted_request request)
{
    static struct ksim_kext_image image = {
        .bundle_id = PLANTED_BUNDLE,
        .version = "1.0.0",
        .kmod = &planted_kmod_info,
        .data_begin = planted_data_begin,
    };
    struct tape_seed tape;
    struct machine_config config = {.feeder = &tape.feeder, .poison_seed = 7};
    struct program program = {.request = request};
    struct machine *machine;
    int status = EXIT_SUCCESS;

    tape_seed_start(&tape, SEED);
    machine = machine_create(&config);
    image.data_bytes = (size_t)(planted_data_end - planted_data_begin);
    program.kernel = ksim_create(machine, NULL);
    machine_enter(machine);
    ksim_kext_register(program.kernel, &image);
    program.process = ksim_process_create(program.kernel, "planted", 0);
    ksim_thread_run(program.process, "main", main_thread, &program);
    machine_leave(machine);
    if (machine_run(machine) == MACHINE_OK) {
        machine_enter(machine);
        ksim_audit(program.kernel);
        machine_leave(machine);
    }
    if (machine_outcome(machine) != MACHINE_OK || program.results[0] != 0 ||
        program.results[1] != 0) {
        fprintf(stderr, "planted: %s: %s (%d, %d)\n", machine_outcome_name(machine_outcome(machine)),
                machine_report(machine), program.results[0], program.results[1]);
        status = EXIT_FAILURE;
    }
    machine_destroy(machine);
    host_memory_trim();
    return status;
}

int
main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        if (strcmp(argv[1], mistakes[i].name) == 0)
            return run(mistakes[i].request);
    }
    fprintf(stderr, "usage: planted MISTAKE\n");
    return 2;
}
