/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The plaintext that a call has moved becomes DATA events.
 *
 * With perf buffers each event is made in a box before. Programs of user space's functions can be interrupted at any place by others on the same CPU (from
 * 6.0 on, 8c7dcb84e3b7), so a box belongs to whom has claimed it. Linux 5.10 has no atomic operation for programs but to add: who adds 1 to the claims and then
 * reads 1 is alone; whoever reads more takes it back and tries the CPU's next box. When all are taken the event is lost, and counted.
 */
#ifndef KYMO_TLS_TELL_H
#define KYMO_TLS_TELL_H

#include "tls.h"

#define TLS_BOXES 4 /* of a CPU: as many programs may have interrupted each other there while they tell */
#define TLS_EVENT_MAX (sizeof(struct kymo_data) + KYMO_PAYLOAD_MAX)

struct tls_box {
	__u8 event[TLS_EVENT_MAX]; /* struct kymo_data and its payload */
	__u64 claims;
};

/* By CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TLS_BOXES);
	__type(key, __u32);
	__type(value, struct tls_box);
} tls_boxes SEC(".maps");

/* Returns the box's number, counted from 1 on; 0 when all are taken. */
__noinline int tls_claim(void)
{
	if (!use_perf)
		return 0;
	__u32 first = bpf_get_smp_processor_id() * TLS_BOXES;
	for (__u32 i = 0; i < TLS_BOXES; i++) {
		__u32 number = first + i;
		struct tls_box *box = bpf_map_lookup_elem(&tls_boxes, &number);
		if (!box)
			return 0;
		__sync_fetch_and_add(&box->claims, 1);
		if (*(volatile __u64 *)&box->claims == 1)
			return number + 1;
		__sync_fetch_and_add(&box->claims, -1);
	}
	return 0;
}

static __always_inline struct tls_box *tls_box_of(__u32 number)
{
	number--;
	return bpf_map_lookup_elem(&tls_boxes, &number);
}

__noinline int tls_release(__u32 number)
{
	struct tls_box *box = use_perf ? tls_box_of(number) : 0;
	if (box)
		__sync_fetch_and_add(&box->claims, -1);
	return 0;
}

/* Fills an event that has room for a payload of up to `room` bytes, a constant, with the call's next piece. Returns the event's size. */
static __always_inline __u32 tls_fill(struct kymo_data *event, struct tls_call *call, const __u64 room)
{
	__u64 copied = call->copied;
	asm volatile("" : "+r"(copied)); /* else the compiler drops the bound that the verifier wants to see */
	if (copied && (copied > room || bpf_probe_read_user(event + 1, copied, (void *)call->buffer))) {
		copied = 0;
		call->copied = 0;
		call->budget = 0;
		call->length = call->left;
		call->flags |= KYMO_FLAG_FAULT;
	}
	head(&event->header, sizeof(*event) + copied, KYMO_TYPE_DATA, call->flags, call->time_ns, call->inode);
	event->position = call->position;
	event->length = call->length;
	event->captured = copied;
	event->direction = call->direction;
	event->source = call->direction == KYMO_EGRESS ? KYMO_SOURCE_TLS_WRITE : KYMO_SOURCE_TLS_READ;
	event->transport = call->transport;
	event->reserved0 = 0;
	event->reserved1 = 0;
	return sizeof(*event) + copied;
}

/* Room in the ring must be a constant, too. */
static __always_inline int tls_put(struct tls_call *call, const __u64 room)
{
	struct kymo_data *event = bpf_ringbuf_reserve(&ring, sizeof(*event) + room, 0);
	if (!event)
		return 0;
	int size = tls_fill(event, call, room);
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	return size;
}

/*
 * Makes the next event of the thread's call: in the ring, or in the box of this number. Returns its size, 0 when there was no room. tls_told must follow.
 */
__noinline int tls_piece(int last, __u32 number)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct tls_call *call = bpf_map_lookup_elem(&calls_in_tls, &thread);
	if (!call)
		return 0;
	__u64 length = call->left, copied = length;
	if (copied > call->budget)
		copied = call->budget;
	if (copied > call->segment)
		copied = call->segment;
	if (copied && !last && copied < call->budget)
		length = copied; /* else nothing more can be captured: this event tells the rest's length */
	call->copied = copied;
	call->length = length;
	if (use_perf) {
		struct tls_box *box = tls_box_of(number);
		return box ? tls_fill((struct kymo_data *)box->event, call, KYMO_PAYLOAD_MAX) : 0;
	}
	if (copied <= 256)
		return tls_put(call, 256);
	if (copied <= 1024)
		return tls_put(call, 1024);
	if (copied <= 4096)
		return tls_put(call, 4096);
	return tls_put(call, KYMO_PAYLOAD_MAX);
}

/* Counts the event that tls_piece has made, and goes on to the next one. Returns 0 when it was the last one. */
__noinline int tls_told(int failed)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct tls_call *call = bpf_map_lookup_elem(&calls_in_tls, &thread);
	if (!call)
		return 0;
	__u64 length = call->length, copied = call->copied;
	count(KYMO_COUNT_SEEN_SEGMENTS, 1);
	count(KYMO_COUNT_SEEN_BYTES, length);
	if (failed) {
		count(KYMO_COUNT_LOST_RING_EVENTS, 1);
		count(KYMO_COUNT_LOST_RING_SEGMENTS, 1);
		count(KYMO_COUNT_LOST_RING_BYTES, length);
	} else {
		count(KYMO_COUNT_EVENTS, 1);
		count(KYMO_COUNT_PAYLOAD_BYTES, copied);
		if (length > copied)
			count(call->flags & KYMO_FLAG_FAULT ? KYMO_COUNT_FAULT_BYTES : KYMO_COUNT_BUDGET_BYTES, length - copied);
	}
	call->left -= length;
	call->position += length;
	call->buffer += copied;
	call->budget -= copied;
	call->flags = (call->flags & ~(KYMO_FLAG_BURST_START | KYMO_FLAG_FAULT)) | KYMO_FLAG_CONTINUED;
	return call->left != 0;
}

/* Tells the call's bytes, event by event. Only the program itself has the context that a perf buffer wants. */
static __always_inline void tls_pieces(void *ctx)
{
	__u32 number = use_perf ? tls_claim() : 0;
	struct tls_box *box = number ? tls_box_of(number) : 0;
	for (int i = 0; i < PIECES; i++) {
		__u64 size = (__u32)tls_piece(i == PIECES - 1, number);
		int failed = !size;
		if (use_perf && size)
			failed = !box || size > TLS_EVENT_MAX || bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, box->event, size);
		if (!tls_told(failed))
			break;
	}
	if (use_perf)
		tls_release(number);
}

/* Where the plaintext of the session's socket stands; 0 when nothing of this socket may be told. */
static __always_inline struct tls_stream *tls_stream_of(struct tls_session *session, __u32 *transport)
{
	__u64 key = session->sock;
	struct state *state = bpf_map_lookup_elem(&sockets, &key);
	if (!session->inode || !state || state->inode != session->inode || !(state->flags & STATE_TOLD))
		return 0;
	*transport = state->transport;
	struct tls_stream *stream = bpf_map_lookup_elem(&streams_of_tls, &key);
	if (stream && stream->inode == session->inode)
		return stream;
	struct tls_stream fresh = { .inode = session->inode, .direction = DIRECTION_NONE, .flags = KYMO_FLAG_PLAINTEXT };
	if (session->flags & TLS_FROM_START) {
		fresh.position[KYMO_INGRESS] = session->untied[KYMO_INGRESS];
		fresh.position[KYMO_EGRESS] = session->untied[KYMO_EGRESS];
	} else {
		fresh.flags |= KYMO_FLAG_PREEXISTING;
	}
	bpf_map_update_elem(&streams_of_tls, &key, &fresh, BPF_ANY);
	return bpf_map_lookup_elem(&streams_of_tls, &key);
}

/* Tells the plaintext that the thread's call has moved. */
static __always_inline void tls_tell(void *ctx, struct tls_call *call, __u64 bytes)
{
	struct kymo_settings *knob = knobs();
	struct tls_session *session = tls_session_of(&call->id, 0);
	__u32 direction = call->direction & 1;
	if (!knob || !session)
		return;
	struct tls_stream *stream = tls_stream_of(session, &call->transport);
	if (!stream) {
		session->untied[direction] += bytes;
		count(KYMO_COUNT_TLS_UNTIED_BYTES, bytes);
		return;
	}
	session->flags |= TLS_SPOKE;
	if (direction == KYMO_INGRESS)
		call->time_ns = bpf_ktime_get_ns();
	call->inode = session->inode;
	call->left = bytes;
	call->position = stream->position[direction];
	stream->position[direction] += bytes;
	if (!call->entered)
		tls_turn(stream, direction);
	call->flags = stream->flags | (stream->turned[direction] ? KYMO_FLAG_BURST_START : 0);
	stream->turned[direction] = 0;
	call->segment = knob->segment_bytes < KYMO_PAYLOAD_MAX ? knob->segment_bytes : KYMO_PAYLOAD_MAX;
	call->budget = stream->budget[direction];
	if (call->flags & KYMO_FLAG_BURST_START || (knob->burst_pause_ns && call->time_ns - stream->last_ns[direction] > knob->burst_pause_ns))
		call->budget = knob->burst_bytes;
	if (!call->buffer)
		call->budget = 0;
	stream->last_ns[direction] = call->time_ns;
	tls_pieces(ctx);
	stream->budget[direction] = call->budget;
}

#endif
