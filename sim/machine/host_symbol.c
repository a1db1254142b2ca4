/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE 1 /* dl_iterate_phdr */
#include "host_symbol.h"

#if defined(__linux__)

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* dladdr knows exported names only; what is asked for is mostly local. So the file's own table is read. */
struct symbol {
    uintptr_t offset, bytes; /* from where the program was loaded */
    const char *name;
};

static struct {
    bool read;
    uintptr_t base;
    struct symbol *symbols; /* by offset */
    size_t count;
} table;

static int
symbol_order(const void *left, const void *right)
{
    const struct symbol *a = left, *b = right;

    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return strcmp(a->name, b->name); /* aliases, in an order of their own */
}

static const Elf64_Shdr *
section_find(const unsigned char *file, size_t bytes)
{
    const Elf64_Ehdr *head = (const Elf64_Ehdr *)file;
    const Elf64_Shdr *sections;

    if (bytes < sizeof(*head) || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 ||
        head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_shoff > bytes ||
        bytes - head->e_shoff < (size_t)head->e_shnum * sizeof(*sections))
        return NULL;
    sections = (const Elf64_Shdr *)(file + head->e_shoff);
    for (size_t i = 0; i < head->e_shnum; i++) {
        if (sections[i].sh_type == SHT_SYMTAB && sections[i].sh_link < head->e_shnum)
            return &sections[i];
    }
    return NULL;
}

static void
symbols_read(const unsigned char *file, size_t bytes)
{
    const Elf64_Shdr *section = section_find(file, bytes), *names;
    const Elf64_Sym *symbols;
    void *memory;

    if (section == NULL)
        return;
    names = (const Elf64_Shdr *)(file + ((const Elf64_Ehdr *)file)->e_shoff) + section->sh_link;
    symbols = (const Elf64_Sym *)(file + section->sh_offset);
    /* Kept for the life of the process, which a tool that looks for leaks need not hear of. */
    memory = mmap(NULL, (section->sh_size / sizeof(*symbols) + 1) * sizeof(*table.symbols), PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return;
    table.symbols = memory;
    for (size_t i = 0; i < section->sh_size / sizeof(*symbols); i++) {
        if (ELF64_ST_TYPE(symbols[i].st_info) != STT_FUNC || symbols[i].st_size == 0)
            continue;
        table.symbols[table.count++] =
            (struct symbol){symbols[i].st_value, symbols[i].st_size,
                            (const char *)file + names->sh_offset + symbols[i].st_name};
    }
    qsort(table.symbols, table.count, sizeof(*table.symbols), symbol_order);
}

/* The first one that is told of is the program itself. */
static int
base_find(struct dl_phdr_info *info, size_t bytes, void *base)
{
    (void)bytes;
    *(uintptr_t *)base = info->dlpi_addr;
    return 1;
}

static void
table_read(void)
{
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat status;
    void *file;

    table.read = true;
    if (fd < 0)
        return;
    if (fstat(fd, &status) == 0) {
        file = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (file != MAP_FAILED)
            symbols_read(file, (size_t)status.st_size);
    }
    close(fd);
    (void)dl_iterate_phdr(base_find, &table.base);
}

const char *
host_symbol(const void *address)
{
    uintptr_t offset;
    size_t low = 0, high;

    if (!table.read)
        table_read();
    offset = (uintptr_t)address - table.base;
    for (high = table.count; low < high;) {
        const size_t middle = low + (high - low) / 2;

        if (table.symbols[middle].offset <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || offset - table.symbols[low - 1].offset >= table.symbols[low - 1].bytes)
        return NULL;
    while (low >= 2 && table.symbols[low - 2].offset == table.symbols[low - 1].offset)
        low--;
    return table.symbols[low - 1].name;
}

#elif defined(__APPLE__)

#include <dlfcn.h>

const char *
host_symbol(const void *address)
{
    Dl_info info;

    return dladdr(address, &info) != 0 ? info.dli_sname : NULL;
}

#else

const char *
host_symbol(const void *address)
{
    (void)address;
    return NULL;
}

#endif
