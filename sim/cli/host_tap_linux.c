/* SPDX-License-Identifier: BSD-2-Clause */
#include "host_tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int
host_tap_open(const char *name, bool ethernet, char error[HOST_TAP_ERROR_BYTES])
{
    struct ifreq request = {.ifr_flags = (short)((ethernet ? IFF_TAP : IFF_TUN) | IFF_NO_PI)};
    int fd;

    if (name[0] == '\0' || strlen(name) >= sizeof(request.ifr_name)) {
        snprintf(error, HOST_TAP_ERROR_BYTES, "%s: not a name of an interface", name);
        return -1;
    }
    fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        snprintf(error, HOST_TAP_ERROR_BYTES, "/dev/net/tun: %s", strerror(errno));
        return -1;
    }
    memcpy(request.ifr_name, name, strlen(name));
    if (ioctl(fd, TUNSETIFF, &request) == 0)
        return fd;
    snprintf(error, HOST_TAP_ERROR_BYTES, "%s: %s", name, strerror(errno));
    close(fd);
    return -1;
}
