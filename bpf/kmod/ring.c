// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * One ring a CPU in memory that user space maps. Where the kernel writes next stands in memory of its own; what user
 * space says to have consumed is compared only, so that a wrong value can lose events and do nothing else.
 */
#include <linux/cpumask.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/vmalloc.h>
#include "kymo.h"

struct ring {
	struct kymo_ring *shared;
	char *data;
	u64 produced;
	struct kymo_counters counters;
};

static struct ring __percpu *rings;
static u64 ring_bytes;

#define RING_BYTES_MIN (64 << 10) /* more than two of the largest events */
#define RING_BYTES_MAX (1ULL << 30)
#define RECORD_ALIGN sizeof(struct kymo_record) /* what is left at the end always has room for a record's head */

u64 rings_region_bytes(void)
{
	return ring_bytes + PAGE_SIZE;
}

int rings_make(u64 bytes)
{
	unsigned int cpu;

	if (bytes < RING_BYTES_MIN || bytes > RING_BYTES_MAX || !is_power_of_2(bytes))
		return -EINVAL;
	ring_bytes = bytes;
	rings = alloc_percpu(struct ring);
	if (!rings)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct ring *ring = per_cpu_ptr(rings, cpu);

		ring->shared = vmalloc_user(rings_region_bytes());
		if (!ring->shared) {
			rings_free();
			return -ENOMEM;
		}
		ring->data = (char *)ring->shared + PAGE_SIZE;
	}
	return 0;
}

void rings_free(void)
{
	unsigned int cpu;

	if (!rings)
		return;
	for_each_possible_cpu(cpu)
		vfree(per_cpu_ptr(rings, cpu)->shared);
	free_percpu(rings);
	rings = NULL;
}

int rings_map(struct vm_area_struct *vma)
{
	unsigned long pages = rings_region_bytes() >> PAGE_SHIFT, cpu = vma->vm_pgoff / pages;

	if (!rings || vma->vm_pgoff % pages || cpu >= nr_cpu_ids || !cpu_possible(cpu))
		return -EINVAL;
	if (vma->vm_end - vma->vm_start != rings_region_bytes())
		return -EINVAL;
	return remap_vmalloc_range(vma, per_cpu_ptr(rings, cpu)->shared, 0);
}

void count(enum kymo_counter which, u64 by)
{
	this_cpu_add(rings->counters.value[which], by);
}

void counters_sum(unsigned int cpu, struct kymo_counters *into)
{
	memset(into, 0, sizeof(*into));
	if (rings && cpu_possible(cpu))
		*into = per_cpu_ptr(rings, cpu)->counters;
}

static void put_record(struct ring *ring, u64 at, u32 bytes, u32 kind)
{
	struct kymo_record *record = (void *)(ring->data + (at & (ring_bytes - 1)));

	record->bytes = bytes;
	record->kind = kind;
	record->time_ns = ktime_get_ns();
}

void *ring_reserve(struct reservation *reservation, u32 bytes)
{
	u32 whole = ALIGN(sizeof(struct kymo_record) + bytes, RECORD_ALIGN);
	struct ring *ring;
	u64 at, used, to_end, padding;

	local_irq_save(reservation->irq);
	ring = this_cpu_ptr(rings);
	at = ring->produced;
	used = at - smp_load_acquire(&ring->shared->consumed);
	to_end = ring_bytes - (at & (ring_bytes - 1));
	padding = to_end < whole ? to_end : 0;
	if (used > ring_bytes || padding + whole > ring_bytes - used) {
		local_irq_restore(reservation->irq);
		return NULL;
	}
	if (padding)
		put_record(ring, at, padding, KYMO_RECORD_PADDING);
	at += padding;
	reservation->ring = ring;
	reservation->at = at;
	return ring->data + (at & (ring_bytes - 1)) + sizeof(struct kymo_record);
}

void ring_commit(struct reservation *reservation, u32 bytes)
{
	struct ring *ring = reservation->ring;
	u32 whole = ALIGN(sizeof(struct kymo_record) + bytes, RECORD_ALIGN);

	put_record(ring, reservation->at, whole, 0);
	ring->produced = reservation->at + whole;
	smp_store_release(&ring->shared->produced, ring->produced);
	local_irq_restore(reservation->irq);
	count(KYMO_COUNT_EVENTS, 1);
}

bool ring_put(const struct kymo_header *event)
{
	struct reservation reservation;
	void *to = ring_reserve(&reservation, event->size);

	if (!to) {
		count(KYMO_COUNT_LOST_RING_EVENTS, 1);
		return false;
	}
	memcpy(to, event, event->size);
	ring_commit(&reservation, event->size);
	return true;
}

void head(struct kymo_header *header, u32 size, u16 type, u16 flags, u64 time_ns, u64 inode)
{
	header->size = size;
	header->type = type;
	header->flags = flags;
	header->time_ns = time_ns;
	header->socket = inode;
	header->tgid = current->tgid;
	header->tid = current->pid;
}
