/* SPDX-License-Identifier: BSD-2-Clause */
#include "host_address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <system.h>

bool
host_parse4(const char *word, struct ksim_inet_address *address)
{
    memset(address, 0, sizeof(*address));
    address->family = 4;
    return inet_pton(AF_INET, word, address->bytes) == 1;
}

static bool
find_scope(const char *name, uint16_t *index)
{
    struct ksim_interface_status status;

    for (unsigned i = 0; ksim_system_interface(i, &status); i++) {
        if (strcmp(status.name, name) == 0) {
            *index = (uint16_t)status.index;
            return true;
        }
    }
    return false;
}

bool
host_parse6(const char *word, struct ksim_inet_address *address)
{
    char text[HOST_TEXT_BYTES];
    char *scope;

    memset(address, 0, sizeof(*address));
    address->family = 6;
    if (snprintf(text, sizeof(text), "%s", word) >= (int)sizeof(text))
        return false;
    scope = strchr(text, '%');
    if (scope != NULL) {
        *scope++ = '\0';
        if (!find_scope(scope, &address->interface_index))
            return false;
    }
    return inet_pton(AF_INET6, text, address->bytes) == 1;
}

const char *
host_text(char text[HOST_TEXT_BYTES], uint8_t family, const uint8_t *bytes, const char *scope)
{
    char number[INET6_ADDRSTRLEN];

    inet_ntop(family == 4 ? AF_INET : AF_INET6, bytes, number, sizeof(number));
    snprintf(text, HOST_TEXT_BYTES, "%s%s%s", number, scope != NULL ? "%" : "",
             scope != NULL ? scope : "");
    return text;
}

bool
host_is_link_local(const uint8_t *bytes)
{
    return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}
