/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * From a call's buffers to DATA and DATAGRAM events. The verifier of 5.10 follows each path through each turn of a loop. So
 * a loop here does nothing but call a global function, which is looked at once and for itself; what its turns must
 * remember stands in the work.
 */
#ifndef KYMO_PAYLOAD_H
#define KYMO_PAYLOAD_H

#include "socket.h"

#define BUFFERS_PER_PIECE 128 /* of the 1024 that one call may have (UIO_MAXIOV) */
#define PIECES 64             /* events that one message may become */

/* Goes on to the next buffer, or copies from the present one. Returns 0 when there is nothing more to do. */
__noinline int copy_step(__u32 cpu)
{
	struct work *work = bpf_map_lookup_elem(&works, &cpu);
	if (!work)
		return 0;
	__u64 at = work->copied, wanted = work->wanted;
	if (at >= wanted)
		return 0;
	if (!work->base_left) {
		struct user_iovec next;
		if (!work->iov_left)
			return 0;
		if (bpf_probe_read_user(&next, sizeof(next), (void *)work->iov)) {
			work->faulted = 1;
			return 0;
		}
		work->iov += sizeof(next);
		work->iov_left--;
		work->base = next.base;
		work->base_left = next.length;
		return 1;
	}
	__u64 length = wanted - at;
	if (length > work->base_left)
		length = work->base_left;
	asm volatile("" : "+r"(length), "+r"(at)); /* else the compiler drops the bounds that the verifier wants to see */
	if (length > KYMO_PAYLOAD_MAX || at >= KYMO_PAYLOAD_MAX)
		return 0;
	if (bpf_probe_read_user(work->payload + at, length, (void *)work->base)) {
		work->faulted = 1;
		return 0;
	}
	work->base += length;
	work->base_left -= length;
	work->copied = at + length;
	return 1;
}

/* Copies up to work->wanted payload bytes, across as many buffers as it takes; the cursor moves on. */
__noinline int copy_payload(__u32 cpu)
{
	for (int i = 0; i < 2 * BUFFERS_PER_PIECE; i++)
		if (!copy_step(cpu))
			break;
	return 0;
}

static __always_inline void fill_data(struct kymo_data *data, const struct work *work, __u16 type, __u32 size, __u32 length)
{
	head(&data->header, size + work->copied, type, work->flags, work->time_ns, work->inode);
	data->position = work->position;
	data->length = length;
	data->captured = work->copied;
	data->direction = work->direction;
	data->source = work->call;
	data->transport = work->transport;
	data->reserved0 = 0;
	data->reserved1 = 0;
}

/* Puts `length` bytes from the work's position on into the ring, with the payload that was copied. */
__noinline int put_piece(__u32 cpu, __u32 length)
{
	struct work *work = bpf_map_lookup_elem(&works, &cpu);
	if (!work)
		return 0;
	__u32 copied = work->copied;
	long failed;
	if (copied > KYMO_PAYLOAD_MAX)
		return 0;
	if (is_stream(work->transport)) {
		fill_data(&work->event.data.data, work, KYMO_TYPE_DATA, sizeof(struct kymo_data), length);
		failed = event_output(&work->event.data.data, sizeof(struct kymo_data) + copied);
	} else {
		fill_data(&work->event.datagram.data, work, KYMO_TYPE_DATAGRAM, sizeof(struct kymo_datagram), length);
		failed = event_output(&work->event.datagram, sizeof(struct kymo_datagram) + copied);
	}
	count(KYMO_COUNT_SEEN_SEGMENTS, 1);
	count(KYMO_COUNT_SEEN_BYTES, length);
	if (failed) {
		count(KYMO_COUNT_LOST_RING_EVENTS, 1);
		count(KYMO_COUNT_LOST_RING_SEGMENTS, 1);
		count(KYMO_COUNT_LOST_RING_BYTES, length);
	} else {
		count(KYMO_COUNT_EVENTS, 1);
		count(KYMO_COUNT_PAYLOAD_BYTES, copied);
	}
	return 0;
}

/* One event of the work's message. Returns 0 when it was the last one. */
__noinline int put_step(__u32 cpu, int last)
{
	struct work *work = bpf_map_lookup_elem(&works, &cpu);
	if (!work)
		return 0;
	__u64 left = work->left;
	__u32 room = work->budget;
	if (room > work->segment)
		room = work->segment;
	if (room > left)
		room = left;
	work->wanted = room;
	work->copied = 0;
	work->faulted = 0;
	if (room)
		copy_payload(cpu);
	__u32 copied = work->copied;
	work->budget -= copied;
	int spent = !work->budget || work->faulted || !(work->base_left | work->iov_left);
	if (!spent && !copied && !last)
		return 1; /* nothing but empty buffers: look at the next ones */
	__u64 length = spent || last ? left : copied;
	put_piece(cpu, length);
	if (length > copied) {
		if (work->faulted)
			count(KYMO_COUNT_FAULT_BYTES, length - copied);
		else if (!work->budget)
			count(KYMO_COUNT_BUDGET_BYTES, length - copied);
		else if (work->iov_left)
			count(KYMO_COUNT_IOVEC_BYTES, length - copied);
	}
	work->left = left - length;
	work->position += length;
	if (work->sequenced)
		work->position = (__u32)work->position;
	work->flags = (work->flags & ~KYMO_FLAG_BURST_START) | KYMO_FLAG_CONTINUED;
	return work->left != 0;
}

#endif
