/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#define NS_PER_SECOND UINT64_C(1000000000)
#define SNAPSHOT_BYTES 262144

struct capture_reader {
    pcap_t *pcap;
    char *path;
};

struct capture_writer {
    pcap_t *pcap;
    pcap_dumper_t *dumper;
    char *path;
    char *temporary;
};

struct capture_reader *
capture_reader_open(const char *path, char error[CAPTURE_ERROR_BYTES])
{
    char reason[PCAP_ERRBUF_SIZE] = "";
    struct capture_reader *reader;
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        snprintf(error, CAPTURE_ERROR_BYTES, "%s: %s", path, strerror(errno));
        return NULL;
    }
    reader = calloc(1, sizeof(*reader));
    if (reader == NULL || (reader->path = strdup(path)) == NULL) {
        snprintf(error, CAPTURE_ERROR_BYTES, "%s: out of memory", path);
        goto free_reader;
    }
    reader->pcap =
        pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (reader->pcap == NULL) {
        snprintf(error, CAPTURE_ERROR_BYTES, "%s: not a capture: %.200s", path, reason);
        goto free_reader;
    }
    return reader; /* libpcap owns the file now */

free_reader:
    if (reader != NULL)
        free(reader->path);
    free(reader);
    fclose(file);
    return NULL;
}

void
capture_reader_close(struct capture_reader *reader)
{
    if (reader == NULL)
        return;
    pcap_close(reader->pcap);
    free(reader->path);
    free(reader);
}

int
capture_reader_link(const struct capture_reader *reader)
{
    return pcap_datalink(reader->pcap);
}

enum capture_result
capture_reader_next(struct capture_reader *reader, struct capture_packet *packet,
                    char error[CAPTURE_ERROR_BYTES])
{
    struct pcap_pkthdr *header;
    const u_char *bytes;
    int result = pcap_next_ex(reader->pcap, &header, &bytes);

    if (result == PCAP_ERROR_BREAK)
        return CAPTURE_END;
    if (result != 1) {
        snprintf(error, CAPTURE_ERROR_BYTES, "%s: %.200s", reader->path, pcap_geterr(reader->pcap));
        return CAPTURE_BROKEN;
    }
    packet->time_ns =
        (uint64_t)header->ts.tv_sec * NS_PER_SECOND + (uint64_t)header->ts.tv_usec;
    packet->bytes = bytes;
    packet->captured_bytes = header->caplen;
    packet->original_bytes = header->len;
    return CAPTURE_PACKET;
}

const char *
capture_link_name(int link, char *buffer, size_t bytes)
{
    const char *name = pcap_datalink_val_to_name(link);

    if (name != NULL)
        return name;
    snprintf(buffer, bytes, "link type %d", link);
    return buffer;
}

struct capture_writer *
capture_writer_open(const char *path, int link, char error[CAPTURE_ERROR_BYTES])
{
    struct capture_writer *writer = calloc(1, sizeof(*writer));
    size_t bytes = strlen(path) + sizeof(".partial");

    snprintf(error, CAPTURE_ERROR_BYTES, "%s: out of memory", path);
    if (writer == NULL)
        return NULL;
    writer->path = strdup(path);
    writer->temporary = malloc(bytes);
    if (writer->path == NULL || writer->temporary == NULL)
        goto free_writer;
    snprintf(writer->temporary, bytes, "%s.partial", path);
    writer->pcap = pcap_open_dead_with_tstamp_precision(link, SNAPSHOT_BYTES,
                                                        PCAP_TSTAMP_PRECISION_NANO);
    if (writer->pcap == NULL)
        goto free_writer;
    writer->dumper = pcap_dump_open(writer->pcap, writer->temporary);
    if (writer->dumper == NULL) {
        snprintf(error, CAPTURE_ERROR_BYTES, "%s: cannot be written: %s", path, strerror(errno));
        goto close_pcap;
    }
    return writer;

close_pcap:
    pcap_close(writer->pcap);
free_writer:
    free(writer->temporary);
    free(writer->path);
    free(writer);
    return NULL;
}

void
capture_writer_put(struct capture_writer *writer, uint64_t time_ns, const void *bytes,
                   size_t captured_bytes, size_t original_bytes)
{
    struct pcap_pkthdr header = {
        .ts = {.tv_sec = (time_t)(time_ns / NS_PER_SECOND),
               .tv_usec = (suseconds_t)(time_ns % NS_PER_SECOND)}, /* nanoseconds in this file */
        .caplen = (bpf_u_int32)captured_bytes,
        .len = (bpf_u_int32)original_bytes,
    };

    pcap_dump((u_char *)writer->dumper, &header, bytes);
}

static void
capture_writer_free(struct capture_writer *writer)
{
    pcap_dump_close(writer->dumper);
    pcap_close(writer->pcap);
    free(writer->temporary);
    free(writer->path);
    free(writer);
}

bool
capture_writer_commit(struct capture_writer *writer, char error[CAPTURE_ERROR_BYTES])
{
    bool written = pcap_dump_flush(writer->dumper) == 0 && !ferror(pcap_dump_file(writer->dumper)) &&
                   rename(writer->temporary, writer->path) == 0;

    if (!written) {
        snprintf(error, CAPTURE_ERROR_BYTES, "%s: cannot be written: %s", writer->path,
                 strerror(errno));
        remove(writer->temporary);
    }
    capture_writer_free(writer);
    return written;
}

void
capture_writer_abandon(struct capture_writer *writer)
{
    if (writer == NULL)
        return;
    remove(writer->temporary);
    capture_writer_free(writer);
}
