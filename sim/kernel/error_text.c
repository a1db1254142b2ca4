/* SPDX-License-Identifier: BSD-2-Clause */
#include "system.h"

#include <ksim.h>

static const char *const error_texts[] = {
    [0] = "Undefined error: 0",
    [KSIM_EPERM] = "Operation not permitted",
    [KSIM_ENOENT] = "No such file or directory",
    [KSIM_ESRCH] = "No such process",
    [KSIM_EINTR] = "Interrupted system call",
    [KSIM_EIO] = "Input/output error",
    [KSIM_ENXIO] = "Device not configured",
    [KSIM_E2BIG] = "Argument list too long",
    [KSIM_ENOEXEC] = "Exec format error",
    [KSIM_EBADF] = "Bad file descriptor",
    [KSIM_ECHILD] = "No child processes",
    [KSIM_EDEADLK] = "Resource deadlock avoided",
    [KSIM_ENOMEM] = "Cannot allocate memory",
    [KSIM_EACCES] = "Permission denied",
    [KSIM_EFAULT] = "Bad address",
    [KSIM_ENOTBLK] = "Block device required",
    [KSIM_EBUSY] = "Resource busy",
    [KSIM_EEXIST] = "File exists",
    [KSIM_EXDEV] = "Cross-device link",
    [KSIM_ENODEV] = "Operation not supported by device",
    [KSIM_ENOTDIR] = "Not a directory",
    [KSIM_EISDIR] = "Is a directory",
    [KSIM_EINVAL] = "Invalid argument",
    [KSIM_ENFILE] = "Too many open files in system",
    [KSIM_EMFILE] = "Too many open files",
    [KSIM_ENOTTY] = "Inappropriate ioctl for device",
    [KSIM_ETXTBSY] = "Text file busy",
    [KSIM_EFBIG] = "File too large",
    [KSIM_ENOSPC] = "No space left on device",
    [KSIM_ESPIPE] = "Illegal seek",
    [KSIM_EROFS] = "Read-only file system",
    [KSIM_EMLINK] = "Too many links",
    [KSIM_EPIPE] = "Broken pipe",
    [KSIM_EDOM] = "Numerical argument out of domain",
    [KSIM_ERANGE] = "Result too large",
    [KSIM_EAGAIN] = "Resource temporarily unavailable",
    [KSIM_EINPROGRESS] = "Operation now in progress",
    [KSIM_EALREADY] = "Operation already in progress",
    [KSIM_ENOTSOCK] = "Socket operation on non-socket",
    [KSIM_EDESTADDRREQ] = "Destination address required",
    [KSIM_EMSGSIZE] = "Message too long",
    [KSIM_EPROTOTYPE] = "Protocol wrong type for socket",
    [KSIM_ENOPROTOOPT] = "Protocol not available",
    [KSIM_EPROTONOSUPPORT] = "Protocol not supported",
    [KSIM_ESOCKTNOSUPPORT] = "Socket type not supported",
    [KSIM_ENOTSUP] = "Operation not supported",
    [KSIM_EPFNOSUPPORT] = "Protocol family not supported",
    [KSIM_EAFNOSUPPORT] = "Address family not supported by protocol family",
    [KSIM_EADDRINUSE] = "Address already in use",
    [KSIM_EADDRNOTAVAIL] = "Can't assign requested address",
    [KSIM_ENETDOWN] = "Network is down",
    [KSIM_ENETUNREACH] = "Network is unreachable",
    [KSIM_ENETRESET] = "Network dropped connection on reset",
    [KSIM_ECONNABORTED] = "Software caused connection abort",
    [KSIM_ECONNRESET] = "Connection reset by peer",
    [KSIM_ENOBUFS] = "No buffer space available",
    [KSIM_EISCONN] = "Socket is already connected",
    [KSIM_ENOTCONN] = "Socket is not connected",
    [KSIM_ESHUTDOWN] = "Can't send after socket shutdown",
    [KSIM_ETIMEDOUT] = "Operation timed out",
    [KSIM_ECONNREFUSED] = "Connection refused",
    [KSIM_ENAMETOOLONG] = "File name too long",
    [KSIM_EHOSTDOWN] = "Host is down",
    [KSIM_EHOSTUNREACH] = "No route to host",
    [KSIM_ENOSYS] = "Function not implemented",
    [KSIM_EOVERFLOW] = "Value too large to be stored in data type",
    [KSIM_EOPNOTSUPP] = "Operation not supported on socket",
};

const char *
ksim_error_text(int error)
{
    if (error < 0 || (size_t)error >= sizeof(error_texts) / sizeof(error_texts[0]) ||
        error_texts[error] == NULL) {
        return "Unknown error";
    }
    return error_texts[error];
}
