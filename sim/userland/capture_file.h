/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CAPTURE_FILE_H
#define CAPTURE_FILE_H

/*
 * libpcap files in and out. Reading accepts what libpcap accepts (micro- and nanoseconds, both byte
 * orders, pcapng); writing makes nanosecond libpcap files. A file being written appears under its name
 * only when it is complete: until then it lives beside it under a temporary name.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Link types as libpcap's DLT_ numbers, the same on every host. */
enum capture_link {
    CAPTURE_LINK_NULL = 0,      /* 4-byte family in the byte order of the file's machine */
    CAPTURE_LINK_ETHERNET = 1,
    CAPTURE_LINK_RAW = 12,      /* a bare IPv4 or IPv6 packet */
    CAPTURE_LINK_LOOP = 108     /* 4-byte family in network order */
};

struct capture_packet {
    uint64_t time_ns;        /* since the epoch */
    const uint8_t *bytes;    /* valid until the next read or close */
    size_t captured_bytes;   /* what the file holds */
    size_t original_bytes;   /* what was on the wire; more than captured_bytes when cut */
};

struct capture_reader;
struct capture_writer;

#define CAPTURE_ERROR_BYTES 512

/*
 * Opens a capture. On failure NULL, with one line (no line feed, naming the file) in `error`.
 * The caller closes the reader.
 */
struct capture_reader *capture_reader_open(const char *path, char error[CAPTURE_ERROR_BYTES]);
void capture_reader_close(struct capture_reader *reader);
int capture_reader_link(const struct capture_reader *reader);

enum capture_result { CAPTURE_PACKET, CAPTURE_END, CAPTURE_BROKEN };

/* The next packet. CAPTURE_BROKEN (a file that ends inside a packet, or worse) fills `error`. */
enum capture_result capture_reader_next(struct capture_reader *reader, struct capture_packet *packet,
                                        char error[CAPTURE_ERROR_BYTES]);

/* The name of a link type as tcpdump writes it ("EN10MB"), or "link type N" in `buffer`. */
const char *capture_link_name(int link, char *buffer, size_t bytes);

/* Begins a file. On failure NULL and one line in `error`; nothing is left on disk. */
struct capture_writer *capture_writer_open(const char *path, int link, char error[CAPTURE_ERROR_BYTES]);
void capture_writer_put(struct capture_writer *writer, uint64_t time_ns, const void *bytes,
                        size_t captured_bytes, size_t original_bytes);

/* Completes the file and frees the writer; false and one line in `error` when the disk refused. */
bool capture_writer_commit(struct capture_writer *writer, char error[CAPTURE_ERROR_BYTES]);

/* Throws the file away and frees the writer. NULL is allowed. */
void capture_writer_abandon(struct capture_writer *writer);

#endif
