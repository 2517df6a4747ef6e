/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The way out: into the ring buffer, or, where the kernel has none (before 5.8) or the user wants it so, into perf buffers, one a CPU. User space chooses
 * before the load; the verifier never sees the branches of the other way.
 *
 * Only a program itself has the context that a perf buffer wants, its functions have not. So with perf buffers events wait in a box until the program ends.
 * A program may be interrupted by another one on the same CPU: each level has a box of its own.
 */
#ifndef KYMO_TRANSPORT_H
#define KYMO_TRANSPORT_H

#include "include/wire.h"

const volatile bool use_perf SEC(".rodata.transport") = false;

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 8 << 20); } ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} perf SEC(".maps");

#define EVENT_MAX (sizeof(struct kymo_datagram) + KYMO_PAYLOAD_MAX)
#define EVENT_MASK 0x7fff     /* not less than EVENT_MAX */
#define BOX_BYTES (256 << 10) /* what one system call may tell */
#define BOX_EVENTS 2048
#define BOX_LEVELS 2

struct box {
	__u32 length;
	__u32 events;
	__u32 taken; /* bytes of events that were handed on */
	__u32 pad;
	__u8 bytes[BOX_BYTES + EVENT_MASK + 1]; /* so that offset + length is always inside for the verifier */
};

/* By CPU and level. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BOX_LEVELS);
	__type(key, __u32);
	__type(value, struct box);
} boxes SEC(".maps");

/* By CPU: programs that are under way. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} levels SEC(".maps");

/* By CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kymo_counters);
} counters SEC(".maps");

static __always_inline void count(enum kymo_counter which, __u64 by)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct kymo_counters *mine = bpf_map_lookup_elem(&counters, &cpu);
	if (mine)
		__sync_fetch_and_add(&mine->value[which], by);
}

/*
 * The box of the program that is running here, 0 when programs are nested too deep. Before 6.8 (2afae08c9dcb) the verifier follows functions, too, that no
 * program calls: these must not come to maps that are not there.
 */
static __always_inline struct box *box_here(void)
{
	if (!use_perf)
		return 0;
	__u32 cpu = bpf_get_smp_processor_id();
	__u32 *level = bpf_map_lookup_elem(&levels, &cpu);
	if (!level || !*level || *level > BOX_LEVELS)
		return 0;
	__u32 which = cpu * BOX_LEVELS + *level - 1;
	return bpf_map_lookup_elem(&boxes, &which);
}

static __always_inline void *box_reserve(__u32 size)
{
	struct box *box = box_here();
	if (!box)
		return 0;
	__u32 at = box->length;
	asm volatile("" : "+r"(at));
	if (at >= BOX_BYTES || box->events >= BOX_EVENTS)
		return 0;
	box->length = at + ((size + 7) & ~7U);
	box->events++;
	return box->bytes + at;
}

/* Room for an event whose size is known when this is compiled; it must be filled, and submitted. */
static __always_inline void *event_reserve(const __u64 size)
{
	return use_perf ? box_reserve(size) : bpf_ringbuf_reserve(&ring, size, 0);
}

static __always_inline void event_submit(void *event)
{
	if (!use_perf)
		bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
}

/* Copies an event of any size up to EVENT_MAX. Returns other than 0 when it is lost. */
static __always_inline long event_output(void *event, __u64 size)
{
	if (!use_perf)
		return bpf_ringbuf_output(&ring, event, size, BPF_RB_NO_WAKEUP);
	if (size > EVENT_MAX)
		return -1;
	void *copy = box_reserve(size);
	return copy ? bpf_probe_read_kernel(copy, size, event) : -1;
}

/* An event that was counted when it came into the box found no room in the perf buffer. */
static __always_inline void count_lost(const struct kymo_header *event)
{
	count(KYMO_COUNT_EVENTS, -1);
	count(KYMO_COUNT_LOST_RING_EVENTS, 1);
	if (event->type != KYMO_TYPE_DATA && event->type != KYMO_TYPE_DATAGRAM)
		return;
	const struct kymo_data *data = (const void *)event;
	count(KYMO_COUNT_PAYLOAD_BYTES, -(__u64)data->captured);
	count(KYMO_COUNT_LOST_RING_SEGMENTS, 1);
	count(KYMO_COUNT_LOST_RING_BYTES, data->length);
}

/* The next event of the box: its place, in units of 8 bytes, and its length. Returns 0 when there is none, and empties the box. */
__noinline int box_next(void)
{
	struct box *box = box_here();
	if (!box)
		return 0;
	__u32 at = box->taken;
	if (at < box->length && at < BOX_BYTES) {
		__u32 size = ((struct kymo_header *)(box->bytes + at))->size;
		if (size >= sizeof(struct kymo_header) && size <= EVENT_MAX) {
			box->taken = at + ((size + 7) & ~7U);
			return at >> 3 << 15 | size;
		}
	}
	box->taken = 0;
	box->length = 0;
	box->events = 0;
	return 0;
}

__noinline int box_result(int failed, __u32 at)
{
	struct box *box = box_here();
	if (box && failed)
		count_lost((void *)(box->bytes + (at & (BOX_BYTES - 1))));
	return 0;
}

/* First of all in each program that tells events. */
static __always_inline void transport_begin(void)
{
	if (!use_perf)
		return;
	__u32 cpu = bpf_get_smp_processor_id();
	__u32 *level = bpf_map_lookup_elem(&levels, &cpu);
	if (level)
		++*level;
}

/* Last of all in each of them. One branch a turn: the verifier of all kernels follows 8192 at most. */
static __always_inline void transport_end(void *ctx)
{
	if (!use_perf)
		return;
	struct box *box = box_here();
	for (int i = 0; box && i <= BOX_EVENTS; i++) {
		__u32 next = box_next();
		if (!next)
			break;
		__u32 at = next >> 15 << 3 & (BOX_BYTES - 1);
		box_result(bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, box->bytes + at, next & EVENT_MASK), at);
	}
	__u32 cpu = bpf_get_smp_processor_id();
	__u32 *level = bpf_map_lookup_elem(&levels, &cpu);
	if (level && *level)
		--*level;
}

#endif
