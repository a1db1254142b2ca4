/* SPDX-License-Identifier: BSD-2-Clause */

/* Clusters: mbufs whose data lives elsewhere. */

#include <kern/debug.h>
#include <sys/errno.h>

#include "mbuf.h"

enum { PHYSICAL_BASE = 0x100000000LL, PHYSICAL_SLAB_BYTES = 0x100000 };

static unsigned
rule_for(mbuf_how_t how)
{
    return (how & MBUF_DONTWAIT) != 0 ? KPI_ANY_CONTEXT : KPI_MAY_BLOCK;
}

bool
mbuf_take_cluster(struct __mbuf *m, enum mbuf_class class, uint32_t how, struct mbuf_who who)
{
    struct mbuf_cluster *cluster = mbuf_cluster_take(m->system, class, how, who);

    if (cluster == NULL) {
        m->flags &= ~(uint32_t)MBUF_EXT;
        return false;
    }
    m->cluster = cluster;
    m->flags |= MBUF_EXT;
    m->data = cluster->buffer;
    return true;
}

void
mbuf_share_cluster(struct __mbuf *taker, struct __mbuf *m)
{
    taker->cluster = m->cluster;
    taker->flags |= MBUF_EXT;
    m->cluster->references++;
    m->cluster->shared_once = true;
}

static errno_t
cluster_get(mbuf_how_t how, mbuf_type_t type, enum mbuf_class class, mbuf_t *mbuf, struct mbuf_who who)
{
    bool created = *mbuf == NULL;

    if (created) {
        *mbuf = mbuf_take(how, type, 0, who);
        if (*mbuf == NULL)
            goto fail;
    }
    mbuf_require(*mbuf, who.name);
    if (!mbuf_take_cluster(*mbuf, class, how, who))
        goto free_created;
    return 0;

free_created:
    if (created) {
        (void)mbuf_release(*mbuf, who.name);
        *mbuf = NULL;
    }
fail:
    return ENOMEM;
}

errno_t
mbuf_mclget(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf)
{
    ksim_kpi_enter("mbuf_mclget", rule_for(how));
    if (mbuf == NULL)
        return EINVAL;
    return cluster_get(how, type, MBUF_CLASS_2K, mbuf, MBUF_WHO("mbuf_mclget"));
}

errno_t
mbuf_getcluster(mbuf_how_t how, mbuf_type_t type, size_t size, mbuf_t *mbuf)
{
    enum mbuf_class class = mbuf_class_for(size);

    ksim_kpi_enter("mbuf_getcluster", rule_for(how));
    if (mbuf == NULL || class == MBUF_CLASS_ATTACHED || mbuf_class_bytes(class) != size)
        return EINVAL;
    return cluster_get(how, type, class, mbuf, MBUF_WHO("mbuf_getcluster"));
}

errno_t
mbuf_alloccluster(mbuf_how_t how, size_t *size, char **addr)
{
    struct mbuf_cluster *cluster;
    enum mbuf_class class;

    ksim_kpi_enter("mbuf_alloccluster", rule_for(how));
    if (size == NULL || *size == 0 || addr == NULL)
        return EINVAL;
    *addr = NULL;
    class = mbuf_class_for(*size);
    if (class == MBUF_CLASS_ATTACHED)
        goto fail;
    cluster = mbuf_cluster_take(ksim_current()->mbufs, class, how, MBUF_WHO("mbuf_alloccluster"));
    if (cluster == NULL)
        goto fail;
    *size = cluster->size_bytes;
    *addr = (char *)cluster->buffer;
    return 0;

fail:
    *size = 0;
    return ENOMEM;
}

void
mbuf_freecluster(char *addr, size_t size)
{
    struct mbuf_cluster *cluster;

    ksim_kpi_enter("mbuf_freecluster", KPI_ANY_CONTEXT);
    if (size != 2048 && size != 4096 && size != 16384)
        panic("mbuf_freecluster: invalid size (%lu) for cluster %p", (unsigned long)size, (void *)addr);
    cluster = mbuf_cluster_of_buffer(addr, "mbuf_freecluster");
    if (cluster->size_bytes != size)
        machine_fail(MACHINE_CONTRACT, "mbuf_freecluster: size %lu, the cluster has %u bytes",
                     (unsigned long)size, cluster->size_bytes);
    mbuf_cluster_release(cluster, "mbuf_freecluster");
}

errno_t
mbuf_attachcluster(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf, caddr_t extbuf,
                   void (*extfree)(caddr_t, u_int, caddr_t), size_t extsize, caddr_t extarg)
{
    struct mbuf_who who = MBUF_WHO("mbuf_attachcluster");
    struct mbuf_cluster *cluster;

    ksim_kpi_enter("mbuf_attachcluster", rule_for(how));
    if (extbuf == NULL || extfree == NULL || extsize == 0)
        return EINVAL;
    if (*mbuf == NULL)
        *mbuf = mbuf_take(how, type, MBUF_PKTHDR, who);
    if (*mbuf == NULL)
        goto fail;
    mbuf_require(*mbuf, who.name);
    if (mbuf_is_external(*mbuf)) {
        mbuf_cluster_release((*mbuf)->cluster, who.name);
        (*mbuf)->flags &= ~(uint32_t)MBUF_EXT;
    }
    cluster = mbuf_cluster_take((*mbuf)->system, MBUF_CLASS_ATTACHED, how, who);
    if (cluster == NULL)
        goto free_mbuf;
    cluster->buffer = (uint8_t *)extbuf;
    cluster->size_bytes = (uint32_t)extsize;
    cluster->release = extfree;
    cluster->release_argument = extarg;
    (*mbuf)->cluster = cluster;
    (*mbuf)->flags |= MBUF_EXT;
    (*mbuf)->data = cluster->buffer;
    return 0;

free_mbuf: /* also an mbuf of the caller: XNU does that */
    (void)mbuf_release(*mbuf, who.name);
    *mbuf = NULL;
fail:
    return ENOMEM;
}

int
mbuf_mclhasreference(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_mclhasreference", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_mclhasreference");
    return mbuf_is_shared(mbuf);
}

/* An address that is the same in each run: the place of the byte in the order of the slabs. */
static addr64_t
physical_in(const struct mbuf_slab *slab, uintptr_t address)
{
    for (; slab != NULL; slab = slab->next) {
        uintptr_t first = (uintptr_t)slab->first;

        if (slab->class == MBUF_CLASS_ATTACHED || address < first ||
            address >= first + slab->stride_bytes * slab->count)
            continue;
        return (addr64_t)PHYSICAL_BASE + (addr64_t)slab->number * PHYSICAL_SLAB_BYTES + (address - first);
    }
    return 0;
}

addr64_t
mbuf_data_to_physical(void *ptr)
{
    struct mbuf_system *system = ksim_current()->mbufs;
    addr64_t physical;

    ksim_kpi_enter("mbuf_data_to_physical", KPI_ANY_CONTEXT);
    physical = physical_in(system->cluster_slabs, (uintptr_t)ptr);
    return physical != 0 ? physical : physical_in(system->slabs, (uintptr_t)ptr);
}
