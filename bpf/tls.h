/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Plaintext of TLS, taken where programs hand it to their library and get it from there. User space attaches these programs to the functions of each
 * library or program that it finds in use.
 *
 *   a session   what the library calls its connection: SSL *, gnutls_session_t; known by its address and process
 *   a call      of the library, by one thread: from its first instruction to its return
 *
 * A session is tied to its socket by the system calls that a thread makes inside of a call: on_data asks tls_tie. Programs of user space's
 * functions may be interrupted by others on the same CPU, so nothing here uses the CPU's work; what must be remembered stands in the call.
 *
 * Names that begin with tls_ belong to the optional group; maps that sys_exit looks into are needed.
 */
#ifndef KYMO_TLS_H
#define KYMO_TLS_H

#include "message.h"

enum tls_call_kind {
	TLS_HANDSHAKE = 0, /* moves no plaintext, but ties */
	TLS_RETURNS_SIZE = 1,
	TLS_STORES_SIZE = 2, /* through a pointer, when it returns other than 0 */
};

enum tls_session_flag {
	TLS_FROM_START = 1, /* seen before any plaintext passed */
	TLS_SPOKE = 2,      /* plaintext was told */
};

struct tls_id { __u64 session; __u64 tgid; };

struct tls_session {
	__u64 sock; /* struct sock, as of `inode` */
	__u64 inode; /* 0: not tied yet */
	__u64 untied[2]; /* plaintext that passed before it was tied, by enum kymo_direction */
	__u64 flags; /* enum tls_session_flag */
};

/* The plaintext of one socket: a stream of its own, whose positions count its bytes. */
struct tls_stream {
	__u64 inode;
	__u64 position[2];
	__u64 last_ns[2];
	__u32 budget[2]; /* payload bytes left of each direction's burst */
	__u32 turned[2]; /* the next event of this direction begins a burst */
	__u32 direction; /* of the last data; writing counts from when it begins */
	__u32 flags; /* enum kymo_flag, of its events */
};

/* One thread's call under way. */
struct tls_call {
	struct tls_id id;
	__u64 stack; /* stack pointer at its first instruction */
	__u64 time_ns;
	__u64 buffer;
	__u64 size; /* where the size is stored */
	__u32 kind; /* enum tls_call_kind */
	__u32 direction;
	__u32 entered; /* its beginning was noted in the stream */
	__u32 depth; /* calls that the library makes of itself, below this one */
	/* on return: what is still to be told */
	__u32 budget;
	__u64 left;
	__u64 position;
	__u64 inode;
	__u32 flags;
	__u32 segment;
	__u32 transport;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct tls_id);
	__type(value, struct tls_session);
} sessions_of_tls SEC(".maps");

/* By address of the struct sock. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct tls_stream);
} tls_streams SEC(".maps");

/* By bpf_get_current_pid_tgid. A thread that was killed within a call leaves one behind. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct tls_call);
} calls_in_tls SEC(".maps");

enum tls_switch {
	TLS_WANTED = 1, /* user space wants to know which files are mapped to be run */
	TLS_CALLED = 2, /* a call was seen: until then system calls need not look for one */
};

/* enum tls_switch */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} switches_of_tls SEC(".maps");

static __always_inline struct tls_call *tls_call_here(void)
{
	__u32 zero = 0;
	__u32 *switches = bpf_map_lookup_elem(&switches_of_tls, &zero);
	if (!switches || !(*switches & TLS_CALLED))
		return 0;
	__u64 thread = bpf_get_current_pid_tgid();
	return bpf_map_lookup_elem(&calls_in_tls, &thread);
}

/* A thread has moved bytes of the work's socket: if it did so for a session, that is the session's socket. */
static __always_inline void tls_tie(struct work *work)
{
	struct tls_call *call = tls_call_here();
	if (!call || !is_stream(work->transport))
		return;
	struct tls_id id = call->id;
	struct tls_session *session = bpf_map_lookup_elem(&sessions_of_tls, &id);
	if (!session)
		return;
	session->sock = work->sock;
	session->inode = work->inode;
	if (session->flags & TLS_SPOKE)
		work->sizes_only = 1; /* past the handshake: its plaintext is told */
}

/* The inode of the file that mmap has mapped to be run, 0 when nobody wants to know or there is none. */
static __always_inline __u64 tls_mapped(__u64 protection, __u64 flags, int fd)
{
	__u32 zero = 0;
	__u32 *switches = bpf_map_lookup_elem(&switches_of_tls, &zero);
	if (!switches || !*switches || !(protection & PROT_EXEC) || flags & MAP_ANONYMOUS)
		return 0;
	struct file *file = file_of(fd);
	return file ? BPF_CORE_READ(file, f_inode, i_ino) : 0;
}

static __always_inline void tls_forget_thread(void)
{
	__u64 thread = bpf_get_current_pid_tgid();
	if (tls_call_here())
		bpf_map_delete_elem(&calls_in_tls, &thread);
}

static __always_inline int tls_in_scope(void)
{
	struct kymo_settings *knob = knobs();
	return in_scope(knob) && netns_in_scope(knob, task_netns(current_task()));
}

static __always_inline struct tls_session *tls_session_of(struct tls_id *id, __u64 flags)
{
	struct tls_session *session = bpf_map_lookup_elem(&sessions_of_tls, id);
	if (session)
		return session;
	struct tls_session fresh = { .flags = flags };
	bpf_map_update_elem(&sessions_of_tls, id, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&sessions_of_tls, id);
}

static __always_inline struct tls_id tls_id_of(__u64 session)
{
	return (struct tls_id){ .session = session, .tgid = bpf_get_current_pid_tgid() >> 32 };
}

/* A session begins, or begins anew: no plaintext has passed. */
static __always_inline int tls_begin(__u64 address)
{
	if (!tls_in_scope())
		return 0;
	struct tls_id id = tls_id_of(address);
	struct tls_session fresh = { .flags = TLS_FROM_START };
	bpf_map_update_elem(&sessions_of_tls, &id, &fresh, BPF_ANY);
	return 0;
}

static __always_inline int tls_end(__u64 address)
{
	struct tls_id id = tls_id_of(address);
	bpf_map_delete_elem(&sessions_of_tls, &id);
	return 0;
}

static __always_inline void tls_turn(struct tls_stream *stream, __u32 direction)
{
	if (stream->direction != direction)
		stream->turned[direction & 1] = 1;
	stream->direction = direction;
}

/*
 * A write begins: the direction turns now, not when it returns, because another thread may have read the answer by then. Returns whether
 * the stream is known.
 */
static __always_inline __u32 tls_write_begins(struct tls_session *session)
{
	__u64 key = session->sock;
	struct tls_stream *stream = bpf_map_lookup_elem(&tls_streams, &key);
	if (!stream || stream->inode != session->inode)
		return 0;
	tls_turn(stream, KYMO_EGRESS);
	return 1;
}

static __always_inline int tls_enter(__u64 address, __u32 kind, __u32 direction, __u64 buffer, __u64 size, __u64 stack)
{
	if (!tls_in_scope())
		return 0;
	__u64 thread = bpf_get_current_pid_tgid();
	struct tls_call *outer = bpf_map_lookup_elem(&calls_in_tls, &thread);
	if (outer && stack < outer->stack) {
		outer->depth++; /* the library calls itself; or TLS within TLS, of which the innermost plaintext counts */
		return 0;
	}
	struct tls_call call = {
		.id = { .session = address, .tgid = thread >> 32 },
		.stack = stack,
		.time_ns = bpf_ktime_get_ns(),
		.buffer = buffer,
		.size = size,
		.kind = kind,
		.direction = direction,
	};
	struct tls_session *session = tls_session_of(&call.id, kind == TLS_HANDSHAKE ? TLS_FROM_START : 0);
	if (session && kind != TLS_HANDSHAKE && direction == KYMO_EGRESS)
		call.entered = tls_write_begins(session);
	bpf_map_update_elem(&calls_in_tls, &thread, &call, BPF_ANY);
	__u32 zero = 0;
	__u32 *switches = bpf_map_lookup_elem(&switches_of_tls, &zero);
	if (switches && !(*switches & TLS_CALLED))
		*switches |= TLS_CALLED;
	return 0;
}

/* Reserves room for a payload of up to `room` bytes, which must be a constant, and fills it. */
#define TLS_PUT(room)                                                                                         \
	do {                                                                                                  \
		struct kymo_data *event = bpf_ringbuf_reserve(&ring, sizeof(struct kymo_data) + (room), 0);   \
		if (!event)                                                                                   \
			break;                                                                                \
		failed = 0;                                                                                   \
		if (copied && (copied > (room) || bpf_probe_read_user(event + 1, copied, (void *)call->buffer))) { \
			copied = 0;                                                                           \
			call->budget = 0;                                                                     \
			length = call->left;                                                                  \
			call->flags |= KYMO_FLAG_FAULT;                                                       \
		}                                                                                             \
		head(&event->header, sizeof(*event) + copied, KYMO_TYPE_DATA, call->flags, call->time_ns, call->inode); \
		event->position = call->position;                                                             \
		event->length = length;                                                                       \
		event->captured = copied;                                                                     \
		event->direction = call->direction;                                                           \
		event->source = call->direction == KYMO_EGRESS ? KYMO_SOURCE_TLS_WRITE : KYMO_SOURCE_TLS_READ; \
		event->transport = call->transport;                                                           \
		event->reserved0 = 0;                                                                         \
		event->reserved1 = 0;                                                                         \
		bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);                                                  \
	} while (0)

/* One event of the thread's call. Returns 0 when it was the last one. */
__noinline int tls_piece(int last)
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
	int failed = 1;
	asm volatile("" : "+r"(copied));
	if (copied <= 256)
		TLS_PUT(256);
	else if (copied <= 1024)
		TLS_PUT(1024);
	else if (copied <= 4096)
		TLS_PUT(4096);
	else
		TLS_PUT(KYMO_PAYLOAD_MAX);
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

/* Where the plaintext of the session's socket stands; 0 when nothing of this socket may be told. */
static __always_inline struct tls_stream *tls_stream_of(struct tls_session *session, __u32 *transport)
{
	__u64 key = session->sock;
	struct state *state = bpf_map_lookup_elem(&sockets, &key);
	if (!session->inode || !state || state->inode != session->inode || !(state->flags & STATE_TOLD))
		return 0;
	*transport = state->transport;
	struct tls_stream *stream = bpf_map_lookup_elem(&tls_streams, &key);
	if (stream && stream->inode == session->inode)
		return stream;
	struct tls_stream fresh = { .inode = session->inode, .direction = DIRECTION_NONE, .flags = KYMO_FLAG_PLAINTEXT };
	if (session->flags & TLS_FROM_START) {
		fresh.position[KYMO_INGRESS] = session->untied[KYMO_INGRESS];
		fresh.position[KYMO_EGRESS] = session->untied[KYMO_EGRESS];
	} else {
		fresh.flags |= KYMO_FLAG_PREEXISTING;
	}
	bpf_map_update_elem(&tls_streams, &key, &fresh, BPF_ANY);
	return bpf_map_lookup_elem(&tls_streams, &key);
}

/* Tells the plaintext that the thread's call has moved. */
static __always_inline void tls_tell(struct tls_call *call, __u64 bytes)
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
	for (int i = 0; i < PIECES; i++)
		if (!tls_piece(i == PIECES - 1))
			break;
	stream->budget[direction] = call->budget;
}

static __always_inline int tls_leave(__s64 result)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct tls_call *call = bpf_map_lookup_elem(&calls_in_tls, &thread);
	if (!call)
		return 0;
	if (call->depth) {
		call->depth--;
		return 0;
	}
	__u64 bytes = 0;
	if (call->kind == TLS_STORES_SIZE && (__s32)result > 0) {
		if (bpf_probe_read_user(&bytes, sizeof(bytes), (void *)call->size))
			count(KYMO_COUNT_UNREADABLE_CALLS, 1);
	} else if (call->kind == TLS_RETURNS_SIZE && result > 0) {
		bytes = result;
	}
	if (bytes)
		tls_tell(call, bytes);
	bpf_map_delete_elem(&calls_in_tls, &thread);
	return 0;
}

/* int SSL_read(SSL *, void *, int), ssize_t gnutls_record_recv(gnutls_session_t, void *, size_t), and the like */
SEC("uprobe") int tls_read(struct pt_regs *ctx)
{
	return tls_enter(ctx->KYMO_ARGUMENT_0, TLS_RETURNS_SIZE, KYMO_INGRESS, ctx->KYMO_ARGUMENT_1, 0, ctx->KYMO_STACK);
}

SEC("uprobe") int tls_write(struct pt_regs *ctx)
{
	return tls_enter(ctx->KYMO_ARGUMENT_0, TLS_RETURNS_SIZE, KYMO_EGRESS, ctx->KYMO_ARGUMENT_1, 0, ctx->KYMO_STACK);
}

/* int SSL_read_ex(SSL *, void *, size_t, size_t *) and the like */
SEC("uprobe") int tls_read_ex(struct pt_regs *ctx)
{
	return tls_enter(ctx->KYMO_ARGUMENT_0, TLS_STORES_SIZE, KYMO_INGRESS, ctx->KYMO_ARGUMENT_1, ctx->KYMO_ARGUMENT_3, ctx->KYMO_STACK);
}

SEC("uprobe") int tls_write_ex(struct pt_regs *ctx)
{
	return tls_enter(ctx->KYMO_ARGUMENT_0, TLS_STORES_SIZE, KYMO_EGRESS, ctx->KYMO_ARGUMENT_1, ctx->KYMO_ARGUMENT_3, ctx->KYMO_STACK);
}

/* int SSL_do_handshake(SSL *), int gnutls_handshake(gnutls_session_t) */
SEC("uprobe") int tls_handshake(struct pt_regs *ctx)
{
	return tls_enter(ctx->KYMO_ARGUMENT_0, TLS_HANDSHAKE, KYMO_EGRESS, 0, 0, ctx->KYMO_STACK);
}

/* The return of each of these, whose result is an int … */
SEC("uretprobe") int tls_return_int(struct pt_regs *ctx)
{
	return tls_leave((__s32)ctx->KYMO_RESULT);
}

/* … or a ssize_t. */
SEC("uretprobe") int tls_return_long(struct pt_regs *ctx)
{
	return tls_leave(ctx->KYMO_RESULT);
}

/* void SSL_set_connect_state(SSL *), void SSL_set_accept_state(SSL *) */
SEC("uprobe") int tls_start(struct pt_regs *ctx)
{
	return tls_begin(ctx->KYMO_ARGUMENT_0);
}

/* void SSL_free(SSL *), void gnutls_deinit(gnutls_session_t) */
SEC("uprobe") int tls_free(struct pt_regs *ctx)
{
	return tls_end(ctx->KYMO_ARGUMENT_0);
}

#endif
