/* SPDX-License-Identifier: BSD-2-Clause */
#include "replay_report.h"

#include <inttypes.h>
#include <string.h>

#include <machine.h>
#include <system.h>

#define NS_PER_SECOND UINT64_C(1000000000)

static void
print_kinds(FILE *out, const char *title, const struct replay_traffic *traffic)
{
    fprintf(out, "%-11s %6" PRIu64 " packets %8" PRIu64 " bytes", title, traffic->packets,
            traffic->bytes);
    for (int kind = 0; kind < PACKET_KIND_COUNT; kind++) {
        if (traffic->by_kind[kind] != 0)
            fprintf(out, "  %s %" PRIu64, packet_kind_name((enum packet_kind)kind),
                    traffic->by_kind[kind]);
    }
    fputc('\n', out);
}

static void
print_refusals(FILE *out, const struct replay_result *result)
{
    fprintf(out, "refused     %6" PRIu64 " packets", result->refused);
    for (int error = 0; error < REPLAY_ERRNO_MAX; error++) {
        if (result->refused_by_errno[error] != 0)
            fprintf(out, "  %s %" PRIu64, ksim_error_text(error), result->refused_by_errno[error]);
    }
    fputc('\n', out);
}

static void
print_stack(FILE *out, const struct ksim_inet_statistics *stack)
{
    static const struct {
        enum ksim_inet_class class;
        const char *title;
    } classes[] = {
        {INET_ARRIVED, "arrived"}, {INET_JOINED, "reassembled"}, {INET_FATE, "fate"},
        {INET_SENT, "sent"},       {INET_UNSENT, "not sent"},
    };

    fputs("\nin the emulated stack\n", out);
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        for (int counter = 0; counter < INET_COUNTER_COUNT; counter++) {
            if (stack->count[counter] != 0 &&
                ksim_inet_counter_class((enum ksim_inet_counter)counter) == classes[i].class)
                fprintf(out, "  %-12s %6" PRIu64 "  %s\n", classes[i].title, stack->count[counter],
                        ksim_inet_counter_text((enum ksim_inet_counter)counter));
        }
    }
}

/* The driver's status lines, indented. */
static void
print_status(FILE *out, const char *device, const char *status)
{
    fprintf(out, "\nifconfig %s says\n", device);
    while (*status != '\0') {
        size_t length = strcspn(status, "\n");

        fprintf(out, "  %.*s\n", (int)length, status);
        status += length + (status[length] == '\n');
    }
}

void
replay_report_text(FILE *out, const struct replay_options *options,
                   const struct replay_result *result, uint64_t real_ns)
{
    fprintf(out, "%s through %s, seed %" PRIu64 ": %s\n", options->in_path, options->device,
            options->seed, machine_outcome_name((enum machine_outcome)result->outcome));
    if (result->report != NULL)
        fprintf(out, "%s\n", result->report);
    fprintf(out, "in file     %6" PRIu64 " packets, of which %" PRIu64 " hold nothing for a %.3s\n",
            result->captured, result->unfit, options->device);
    print_kinds(out, "offered", &result->offered);
    print_kinds(out, "delivered", &result->delivered);
    print_refusals(out, result);
    print_kinds(out, "read back", &result->received);
    fprintf(out, "tcpdump saw %6" PRIu64 " in, %" PRIu64 " out\n", result->seen_in,
            result->seen_out);
    print_stack(out, &result->stack);
    print_status(out, options->device, result->status);
    fprintf(out, "\naccounts    %s: offered %" PRIu64 " = delivered %" PRIu64 " + refused %" PRIu64 "\n",
            replay_result_balances(result) ? "balance" : "DO NOT BALANCE", result->offered.packets,
            result->delivered.packets, result->refused);
    fprintf(out, "time        %" PRIu64 ".%09" PRIu64 " s virtual, %" PRIu64 " steps\n",
            result->virtual_ns / NS_PER_SECOND, result->virtual_ns % NS_PER_SECOND, result->steps);
    fprintf(out, "            %" PRIu64 ".%03" PRIu64 " s real\n", real_ns / NS_PER_SECOND,
            real_ns % NS_PER_SECOND / 1000000);
}

static void
json_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte == '"' || byte == '\\')
            fprintf(out, "\\%c", byte);
        else if (byte < 0x20)
            fprintf(out, "\\u%04x", byte);
        else
            fputc(byte, out);
    }
    fputc('"', out);
}

static void
json_traffic(FILE *out, const char *name, const struct replay_traffic *traffic)
{
    const char *separator = "";

    fprintf(out, "  \"%s\": {\"packets\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"kinds\": {", name,
            traffic->packets, traffic->bytes);
    for (int kind = 0; kind < PACKET_KIND_COUNT; kind++) {
        if (traffic->by_kind[kind] == 0)
            continue;
        fprintf(out, "%s\"%s\": %" PRIu64, separator, packet_kind_name((enum packet_kind)kind),
                traffic->by_kind[kind]);
        separator = ", ";
    }
    fputs("}},\n", out);
}

static void
json_errnos(FILE *out, const struct replay_result *result)
{
    const char *separator = "";

    fprintf(out, "  \"refused\": {\"packets\": %" PRIu64 ", \"errnos\": {", result->refused);
    for (int error = 0; error < REPLAY_ERRNO_MAX; error++) {
        if (result->refused_by_errno[error] == 0)
            continue;
        fprintf(out, "%s\"%d\": %" PRIu64, separator, error, result->refused_by_errno[error]);
        separator = ", ";
    }
    fputs("}},\n", out);
}

static void
json_stack(FILE *out, const struct ksim_inet_statistics *stack)
{
    const char *separator = "";

    fputs("  \"stack\": {", out);
    for (int counter = 0; counter < INET_COUNTER_COUNT; counter++) {
        if (stack->count[counter] == 0)
            continue;
        fprintf(out, "%s\n    ", separator);
        json_string(out, ksim_inet_counter_text((enum ksim_inet_counter)counter));
        fprintf(out, ": %" PRIu64, stack->count[counter]);
        separator = ",";
    }
    fputs("\n  },\n", out);
}

void
replay_report_json(FILE *out, const struct replay_options *options,
                   const struct replay_result *result, uint64_t real_ns)
{
    fputs("{\n  \"in\": ", out);
    json_string(out, options->in_path);
    fputs(",\n  \"device\": ", out);
    json_string(out, options->device);
    fprintf(out, ",\n  \"seed\": %" PRIu64 ",\n  \"outcome\": ", options->seed);
    json_string(out, machine_outcome_name((enum machine_outcome)result->outcome));
    fputs(",\n  \"report\": ", out);
    json_string(out, result->report != NULL ? result->report : "");
    fprintf(out, ",\n  \"captured\": %" PRIu64 ",\n  \"unfit\": %" PRIu64 ",\n", result->captured,
            result->unfit);
    json_traffic(out, "offered", &result->offered);
    json_traffic(out, "delivered", &result->delivered);
    json_errnos(out, result);
    json_traffic(out, "received", &result->received);
    fprintf(out, "  \"seen\": {\"in\": %" PRIu64 ", \"out\": %" PRIu64 "},\n", result->seen_in,
            result->seen_out);
    json_stack(out, &result->stack);
    fputs("  \"status\": ", out);
    json_string(out, result->status);
    fprintf(out, ",\n  \"balances\": %s,\n  \"virtual_ns\": %" PRIu64 ",\n  \"steps\": %" PRIu64
                 ",\n  \"real_ns\": %" PRIu64 "\n}\n",
            replay_result_balances(result) ? "true" : "false", result->virtual_ns, result->steps,
            real_ns);
}
