/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Plaintext of TLS, taken where programs hand it to their library and get it from there. User space attaches these programs to the functions of each
 * library or program that it finds in use.
 *
 *   a session   what the library calls its connection: SSL *, gnutls_session_t; known by its address and process
 *   a call      of the library, by one thread: from its first instruction to its return
 *
 * A session is tied to its socket by the system calls that a thread makes inside of a call: on_data asks tls_tie. Where the program itself carries
 * the library's bytes to the socket (memory BIOs), the random bytes of the hello tell: the library hands them out within a call, and sooner or later
 * the process writes them to the socket. Programs of user space's functions may be interrupted by others on the same CPU, so nothing here uses the
 * CPU's work; what must be remembered stands in the call.
 *
 * Since Linux 6.13 programs may have their stack in memory of the CPU, also those of functions, which the kernel lets preempt each other: then one
 * runs on with what another one left. So the object for new kernels (kymo-held.bpf.o) turns preemption off.
 *
 * Names that begin with tls_ belong to the optional group; maps that sys_exit looks into are needed.
 */
#ifndef KYMO_TLS_H
#define KYMO_TLS_H

#include "held.h"
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

/* The first half of a hello's random bytes. */
struct tls_random { __u64 words[2]; };

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
	__u32 greeted; /* it handed out a hello */
	struct tls_random random;
	/* on return: what is still to be told */
	__u32 budget;
	__u64 left;
	__u64 length; /* of the event that is being made */
	__u64 copied; /* payload bytes of it */
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
} streams_of_tls SEC(".maps");

/* By bpf_get_current_pid_tgid. A thread that was killed within a call leaves one behind. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct tls_call);
} calls_in_tls SEC(".maps");

/* Hellos that were handed out within a call which did not write them to a socket; by struct tls_random. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct tls_random);
	__type(value, struct tls_id);
} hellos_of_tls SEC(".maps");

enum tls_switch {
	TLS_WANTED = 1,  /* user space wants to know which files are mapped to be run */
	TLS_CALLED = 2,  /* a call was seen: until then system calls need not look for one */
	TLS_CARRIED = 4, /* a process carries its library's bytes itself: until then they need not look for hellos */
};

/* enum tls_switch */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} switches_of_tls SEC(".maps");

static __always_inline __u32 tls_switches(void)
{
	__u32 zero = 0;
	__u32 *switches = bpf_map_lookup_elem(&switches_of_tls, &zero);
	return switches ? *switches : 0;
}

static __always_inline struct tls_call *tls_call_here(void)
{
	if (!(tls_switches() & TLS_CALLED))
		return 0;
	__u64 thread = bpf_get_current_pid_tgid();
	return bpf_map_lookup_elem(&calls_in_tls, &thread);
}

/* From a record on: type, version, length (2), then a handshake message: type, length (3), version, random (32). RFC 5246, RFC 8446. */
#define TLS_HELLO_SIZE 43
#define TLS_RECORD_FIRST 20
#define TLS_RECORD_HANDSHAKE 22
#define TLS_RECORD_LAST 23
#define TLS_RECORD_MAJOR 3

struct tls_hello {
	__u8 record, major, minor, record_length[2];
	__u8 message, message_length[3];
	__u8 version[2];
	struct tls_random random;
} __attribute__((packed));

/* Reads the random bytes of a ClientHello or ServerHello; returns 0 when there is none. */
static __always_inline int tls_random_at(__u64 address, __u64 size, struct tls_random *random)
{
	/* A server that asks for another ClientHello: the same for all (RFC 8446, 4.1.3), as they stand in memory. */
	static const __u8 retry[8] = { 0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11 };
	struct tls_hello hello;
	if (size < TLS_HELLO_SIZE || bpf_probe_read_user(&hello, sizeof(hello), (void *)address))
		return 0;
	if (hello.record != TLS_RECORD_HANDSHAKE || hello.major != TLS_RECORD_MAJOR || (hello.message != 1 && hello.message != 2))
		return 0;
	__builtin_memcpy(random, &hello.random, sizeof(*random));
	__u64 first;
	__builtin_memcpy(&first, retry, sizeof(first));
	return random->words[0] != first;
}

static __always_inline int tls_first_buffer(const struct work *work, struct user_iovec *first)
{
	first->base = work->base;
	first->length = work->base_left;
	return work->base_left || (work->iov_left && !bpf_probe_read_user(first, sizeof(*first), (void *)work->iov));
}

/* What was moved begins with a record's header. */
static __always_inline int tls_moves_record(const struct work *work)
{
	struct user_iovec first;
	__u8 header[3]; /* type, version */
	return tls_first_buffer(work, &first) && first.length >= sizeof(header) && !bpf_probe_read_user(header, sizeof(header), (void *)first.base) &&
	       header[0] >= TLS_RECORD_FIRST && header[0] <= TLS_RECORD_LAST && header[1] == TLS_RECORD_MAJOR;
}

/* No call of a library is under way: a process that carries the bytes itself writes a session's hello now, or what follows one. */
static __always_inline void tls_tie_carried(struct work *work)
{
	__u64 key = work->sock;
	struct tls_stream *stream = bpf_map_lookup_elem(&streams_of_tls, &key);
	if (stream && stream->inode == work->inode) {
		work->sizes_only = 1; /* past the handshake: its plaintext is told */
		return;
	}
	if (work->direction != KYMO_EGRESS)
		return;
	struct user_iovec first;
	struct tls_random random;
	if (!tls_first_buffer(work, &first) || !tls_random_at(first.base, first.length, &random))
		return;
	struct tls_id *id = bpf_map_lookup_elem(&hellos_of_tls, &random);
	if (!id || id->tgid != bpf_get_current_pid_tgid() >> 32)
		return;
	struct tls_id owner = *id;
	bpf_map_delete_elem(&hellos_of_tls, &random);
	struct tls_session *session = bpf_map_lookup_elem(&sessions_of_tls, &owner);
	if (!session || session->inode)
		return;
	session->sock = work->sock;
	session->inode = work->inode;
}

static __always_inline int tls_socket_lives(const struct tls_session *session)
{
	__u64 key = session->sock;
	struct state *state = bpf_map_lookup_elem(&sockets, &key);
	return state && state->inode == session->inode && state->flags & STATE_TOLD;
}

/*
 * A thread has moved bytes of the work's socket: if it did so for a session, that is the session's socket. Libraries call back, and then a program may
 * move other bytes, to a log or a cache of sessions: only a record ties, and a session stays with its socket as long as that lives.
 */
static __always_inline void tls_tie(struct work *work)
{
	if (!is_stream(work->transport))
		return;
	struct tls_call *call = tls_call_here();
	if (!call) {
		if (tls_switches() & TLS_CARRIED)
			tls_tie_carried(work);
		return;
	}
	struct tls_id id = call->id;
	struct tls_session *session = bpf_map_lookup_elem(&sessions_of_tls, &id);
	if (!session)
		return;
	if (session->sock != work->sock || session->inode != work->inode) {
		if ((session->inode && tls_socket_lives(session)) || !tls_moves_record(work))
			return;
		session->sock = work->sock;
		session->inode = work->inode;
	}
	if (session->flags & TLS_SPOKE)
		work->sizes_only = 1; /* past the handshake: its plaintext is told */
}

/* The file that mmap has mapped to be run, 0 when nobody wants to know or there is none. */
static __always_inline struct inode *tls_mapped(__u64 protection, __u64 flags, int fd)
{
	__u32 zero = 0;
	__u32 *switches = bpf_map_lookup_elem(&switches_of_tls, &zero);
	if (!switches || !*switches || !(protection & PROT_EXEC) || flags & MAP_ANONYMOUS)
		return 0;
	struct file *file = file_of(fd);
	return file ? BPF_CORE_READ(file, f_inode) : 0;
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
	struct tls_stream *stream = bpf_map_lookup_elem(&streams_of_tls, &key);
	if (!stream || stream->inode != session->inode)
		return 0;
	tls_turn(stream, KYMO_EGRESS);
	return 1;
}

#endif
