/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Maps and what all programs need. Sizes of 1 are set by user space before the load. */
#ifndef KYMO_MAPS_H
#define KYMO_MAPS_H

#include "transport.h"

struct stamp { __u64 pid_tgid; __u64 time_ns; };

enum state_flag {
	STATE_TOLD = 1,         /* SOCKET was put into the ring */
	STATE_PREEXISTING = 2,
	STATE_CONNECTING = 4,   /* connect was called, its result is not known */
	STATE_OPENED = 8,       /* OPENED was told */
	STATE_END_READ = 16,    /* SHUTDOWN_INGRESS was told */
	STATE_PEER_UNKNOWN = 32, /* Unix: the other end had no inode yet */
	STATE_FIN_SENT = 64,     /* TCP: write_seq counts our FIN, also when the socket is TCP_CLOSE by now */
};

/* TCP sockets */
enum state_tcp {
	STATE_ATTEMPT = 1,          /* connect is under way and has not returned: not told yet */
	STATE_ORPHAN = 2,           /* CLOSED was told, TCP goes on without the process */
	STATE_ZERO_RECEIVED = 4,    /* the peer's window was 0 when last looked at */
	STATE_ZERO_SENT = 8,        /* so was this end's */
};

/* What must be remembered of one socket; key: the address of its struct sock. */
struct state {
	__u64 inode;       /* differs from the socket's: the memory serves another socket now */
	__u64 position[2]; /* by enum kymo_direction; transports without sequence numbers only */
	__u64 last_ns;     /* of the last data */
	__u32 budget;      /* payload bytes left of this burst */
	__u32 owner;       /* tgid that SOCKET told last */
	__u8 direction;    /* of the last data, DIRECTION_NONE before any */
	__u8 role;
	__u8 flags;        /* enum state_flag */
	__u8 retold;       /* how often SOCKET was told again */
	/* what SOCKET told last, so that known sockets need not be read again */
	__u8 transport;
	__u8 sequenced;
	__u8 tcp; /* enum state_tcp */
	__u8 refused; /* errno that a packet told while connect had the socket, 0 when none */
	__u16 family;
	__u16 protocol;
	__u16 local_port;
	__u16 remote_port;
	__u32 netns;
	__u32 figures; /* TCP: sum over what was told last, to see what changed */
};
#define DIRECTION_NONE 2

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kymo_settings);
} settings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, __u64);
	__type(value, struct state);
} sockets SEC(".maps");

/* When a thread entered its latest writing call. Direct mapped by tid: colliding threads lose precision, nothing else. */
#define STAMPS 65536
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, STAMPS);
	__type(key, __u32);
	__type(value, struct stamp);
} stamps SEC(".maps");

#define SET(name, key_type, entries)                   \
	struct {                                       \
		__uint(type, BPF_MAP_TYPE_HASH);       \
		__uint(max_entries, entries);          \
		__type(key, key_type);                 \
		__type(value, __u32);                  \
	} name SEC(".maps")

struct comm { char text[16]; };
SET(netns, __u32, 1024); /* value: enum kymo_netns_rule */
SET(pids, __u32, 16384);
SET(excluded_pids, __u32, 1024);
SET(comms, struct comm, 256);
SET(ports, __u16, 1024); /* value: enum kymo_port_rule */

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, KYMO_CGROUPS_MAX);
	__uint(key_size, 4);
	__uint(value_size, 4);
} cgroups SEC(".maps");

/* Which process's end was told last, by tgid: several threads may see that all are gone. */
#define EXITS 4096
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, EXITS);
	__type(key, __u32);
	__type(value, __u64);
} exits SEC(".maps");

static __always_inline struct kymo_settings *knobs(void)
{
	__u32 zero = 0;
	return bpf_map_lookup_elem(&settings, &zero);
}

/* The socket of this address has ended. */
static __always_inline void forget(__u64 key)
{
	if (!bpf_map_delete_elem(&sockets, &key))
		count(KYMO_COUNT_SOCKETS_FORGOTTEN, 1);
}

static __always_inline void head(struct kymo_header *header, __u32 size, __u16 type, __u16 flags, __u64 time_ns, __u64 inode)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	header->size = size;
	header->type = type;
	header->flags = flags;
	header->time_ns = time_ns;
	header->socket = inode;
	header->tgid = pid_tgid >> 32;
	header->tid = (__u32)pid_tgid;
}

/* What tell_life needs besides the positions, in one scalar: functions of their own take scalars only on 5.10. */
#define LIFE(kind, transport, flags, error) \
	((__u64)(kind) | (__u64)(transport) << 8 | (__u64)(flags) << 16 | (__u64)(__u32)(error) << 32)
#define LIFE_NOBODY 0x8000 /* among flags: not in the name of the current process */

__noinline int tell_life(__u64 inode, __u64 what, __u64 ingress, __u64 egress, __u64 time_ns)
{
	struct kymo_life *event = event_reserve(sizeof(*event));
	if (!event) {
		count(KYMO_COUNT_LOST_RING_EVENTS, 1);
		return 0;
	}
	__u16 flags = what >> 16;
	head(&event->header, sizeof(*event), KYMO_TYPE_LIFE, flags & ~LIFE_NOBODY, time_ns, inode);
	if (flags & LIFE_NOBODY)
		event->header.tgid = event->header.tid = 0;
	event->ingress_position = ingress;
	event->egress_position = egress;
	event->error = what >> 32;
	event->kind = what;
	event->transport = what >> 8;
	event->reserved0 = 0;
	event_submit(event);
	count(KYMO_COUNT_EVENTS, 1);
	return 1;
}

#endif
