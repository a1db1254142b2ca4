/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_CONF_H
#define KPI_SYS_CONF_H

/* Character devices: the switch table of drivers. */

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/kernel_types.h>

struct tty;

__BEGIN_DECLS

/* flags: FREAD, FWRITE, FNONBLOCK; format: S_IFCHR. */
typedef int open_close_fcn_t(dev_t device, int flags, int format, struct proc *process);
/* io_flags: IO_NDELAY when the descriptor does not block. */
typedef int read_write_fcn_t(dev_t device, struct uio *uio, int io_flags);
/* data: kernel copy of the argument, copied in and out by the ioctl's direction bits. */
typedef int ioctl_fcn_t(dev_t device, unsigned long command, caddr_t data, int file_flags,
    struct proc *process);
/* which: FREAD, FWRITE or 0. Returns 1 = ready, 0 = not, after selrecord(process, ..., link). */
typedef int select_fcn_t(dev_t device, int which, void *link, struct proc *process);
typedef void strategy_fcn_t(struct buf *buffer);
typedef int stop_fcn_t(struct tty *terminal, int rw);
typedef int reset_fcn_t(int unit);
typedef int psize_fcn_t(dev_t device);
typedef int dump_fcn_t(void);
typedef int mmap_fcn_t(void);
typedef int rsvd_fcn_t(void);

#define D_TAPE 1
#define D_DISK 2
#define D_TTY  3

/* What the tables hold where a driver has nothing: ENODEV. */
int enodev(void) KPI_SYMBOL(enodev);
void enodev_strat(void) KPI_SYMBOL(enodev_strat);

#define eno_opcl ((open_close_fcn_t *)(void (*)(void))&enodev)
#define eno_rdwrt ((read_write_fcn_t *)(void (*)(void))&enodev)
#define eno_ioctl ((ioctl_fcn_t *)(void (*)(void))&enodev)
#define eno_select ((select_fcn_t *)(void (*)(void))&enodev)
#define eno_stop ((stop_fcn_t *)(void (*)(void))&enodev)
#define eno_reset ((reset_fcn_t *)(void (*)(void))&enodev)
#define eno_mmap ((mmap_fcn_t *)(void (*)(void))&enodev)
#define eno_strat ((strategy_fcn_t *)(void (*)(void))&enodev_strat)
#define eno_getc NULL
#define eno_putc NULL

/* A character driver. The kernel copies the record. All entries must be set. */
struct cdevsw {
    open_close_fcn_t *d_open;
    open_close_fcn_t *d_close;
    read_write_fcn_t *d_read;
    read_write_fcn_t *d_write;
    ioctl_fcn_t *d_ioctl;
    stop_fcn_t *d_stop;
    reset_fcn_t *d_reset;
    struct tty **d_ttys;
    select_fcn_t *d_select;
    mmap_fcn_t *d_mmap;
    strategy_fcn_t *d_strategy;
    void *d_reserved_1;
    void *d_reserved_2;
    int d_type;
};

/*
 * Take a major number: -1 for any free one, -n to search from n. Returns the major number or -1.
 * cdevsw_remove needs the same record contents again and returns the major number or -1.
 */
int cdevsw_isfree(int major_number) KPI_SYMBOL(cdevsw_isfree);
int cdevsw_add(int major_number, struct cdevsw *driver) KPI_SYMBOL(cdevsw_add);
int cdevsw_add_with_bdev(int major_number, struct cdevsw *driver, int block_major)
    KPI_SYMBOL(cdevsw_add_with_bdev);
int cdevsw_remove(int major_number, struct cdevsw *driver) KPI_SYMBOL(cdevsw_remove);

__END_DECLS

#endif
