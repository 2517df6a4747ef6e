/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What the parts of the module know of each other. They mean the same as their counterparts among the eBPF programs. */
#ifndef KYMO_MODULE_H
#define KYMO_MODULE_H

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/uaccess.h>
#include <net/sock.h>
#include "../include/wire.h"
#include "../include/arch.h"

/* ring.c: one ring a CPU, written with interrupts off, so that what interrupts a writer finds it whole. */
struct reservation {
	unsigned long irq;
	struct ring *ring;
	u64 at;
};
int rings_make(u64 bytes);
void rings_free(void);
u64 rings_region_bytes(void);
int rings_map(struct vm_area_struct *vma);
/* Room for an event of at most `bytes`, NULL when there is none; then nothing needs to be undone. */
void *ring_reserve(struct reservation *reservation, u32 bytes);
/* Hands over the event, of which `bytes` are used. */
void ring_commit(struct reservation *reservation, u32 bytes);
void count(enum kymo_counter which, u64 by);
void counters_sum(unsigned int cpu, struct kymo_counters *into);
/* Puts an event that is complete; counts it when there is no room. */
bool ring_put(const struct kymo_header *event);
void head(struct kymo_header *header, u32 size, u16 type, u16 flags, u64 time_ns, u64 inode);

struct work;

/* scope.c: settings and filters. */
int scope_make(void);
void scope_free(void);
void scope_set(const struct kymo_settings *settings);
int scope_add(const struct kymo_member *member);
int scope_remove(const struct kymo_member *member);
int scope_clear(u32 set);
const struct kymo_settings *knobs(void);
bool in_scope(void);
bool netns_in_scope(u32 inum);
/* named: the call names the peer, which read_peer has read. */
bool ports_in_scope(const struct work *work, u16 remote, bool named);
void pids_follow(u32 parent, u32 child);
void pids_forget(u32 pid);
u32 task_netns(struct task_struct *task);
u64 cgroup_of(struct task_struct *task);
void task_name(struct task_struct *task, u8 comm[16]);

/* states.c: what is remembered of each socket. */
enum state_flag {
	STATE_TOLD = 1,          /* SOCKET was put into the ring */
	STATE_PREEXISTING = 2,
	STATE_CONNECTING = 4,    /* connect was called, its result is not known */
	STATE_OPENED = 8,        /* OPENED was told */
	STATE_END_READ = 16,     /* SHUTDOWN_INGRESS was told */
	STATE_PEER_UNKNOWN = 32, /* Unix: the other end had no inode yet */
	STATE_FIN_SENT = 64,     /* TCP: write_seq counts our FIN, also when the socket is TCP_CLOSE by now */
};
/* TCP sockets */
enum state_tcp {
	STATE_ATTEMPT = 1, /* connect is under way and has not returned: not told yet */
	STATE_ORPHAN = 2,  /* CLOSED was told, TCP goes on without the process */
};
enum state_window {
	WINDOW_ZERO_RECEIVED = 1, /* the peer's window was 0 when last looked at */
	WINDOW_ZERO_SENT = 2,     /* so was this end's */
};
#define DIRECTION_NONE 2
struct state {
	struct sock *sock; /* the key; NULL: this place is free */
	u64 inode;         /* differs from the socket's: the memory serves another socket now */
	u64 position[2];   /* by enum kymo_direction; transports without sequence numbers only */
	u64 last_ns;       /* of the last data */
	u64 used_ns;       /* when it was looked up last */
	u32 budget;        /* payload bytes left of this burst */
	u32 owner;         /* tgid that SOCKET told last */
	u8 direction;      /* of the last data, DIRECTION_NONE before any */
	u8 role;
	u8 flags;          /* enum state_flag */
	u8 retold;         /* how often SOCKET was told again */
	u8 transport;
	bool sequenced;    /* a TCP socket: its place is given up when TCP destroys it, at the latest; written with the key and never again */
	u8 tcp;            /* enum state_tcp */
	u8 windows;        /* enum state_window; the sampler's own */
	u8 refused;        /* errno that a packet told while connect had the socket, 0 when none */
	u32 figures;       /* TCP: sum over what was told last, to see what changed; the sampler's own */
};
int states_make(u32 wanted);
void states_free(void);
struct state *state_find(struct sock *sock);
/* The place of a socket that has none; what stood there goes into `before` (its sock is NULL when nothing did). */
struct state *state_take(const struct state *fresh, struct state *before);
/* The socket has ended. */
void state_forget(struct state *state, struct sock *sock);
/* A copy of each TCP socket's state, one after the other, with the socket held; what the look changes of windows and figures is kept. */
void states_look(void (*look)(struct sock *sock, struct state *copy));

/* One system call, its socket, and the message at hand. */
struct work {
	u64 time_ns;
	s64 result;
	unsigned long args[6];
	u32 call; /* enum kymo_source or enum kymo_call */
	struct file *file;
	struct sock *sock;
	u64 inode;
	u32 netns;
	u16 local_port;
	u16 remote_port;
	u16 family;
	u16 protocol;
	u8 transport;
	bool sequenced; /* positions are TCP sequence numbers */
	bool sizes_only;
	u8 direction;
	u16 flags;       /* enum kymo_flag */
	u8 peer_length;
	u16 peer_port;
	u8 peer[16];
	u64 position;    /* of the first byte not yet told */
	u64 left;        /* bytes not yet told */
	u32 budget;      /* payload bytes that the burst has left */
	bool faulted;
	const char __user *base; /* the buffer that is being read */
	u64 base_left;
	const struct iovec __user *iov; /* buffers after it */
	u64 iov_left;
	const char __user *name; /* the peer's address, NULL when the call has none */
	struct kymo_datagram peer_told; /* the datagram's peer as it is told */
	struct state spare;             /* a new socket's first state */
};

/* socket.c */
bool find_socket(struct work *work, int fd);
void let_go(struct work *work);
u64 inode_of(struct sock *sock);
u64 socket_inode(struct sock *sock);
struct sock *hold_peer(struct sock *sock);
u32 read_position(struct sock *sock);
u32 written_position(struct sock *sock, int tcp_state, bool fin);
bool is_sequenced(struct sock *sock);
u8 tcp_state_of(const struct work *work);
bool peer_unknown(struct sock *sock);
struct state *state_of(struct work *work, u8 flags, u8 role);
void tell_inferred(const struct state *before, u64 time_ns);
void keep_told(struct state *state, const struct work *work);
bool tell_socket(struct work *work, u8 role, u16 flags, u64 ingress, u64 egress);

/* message.c */
bool read_user(void *into, const void __user *from, size_t bytes);
void read_peer(struct work *work);
void tell_message(struct work *work);
bool use_header(struct work *work, const struct user_msghdr __user *header);
u32 sum_messages(const struct mmsghdr __user *vector, u32 messages);
void tell_messages(struct work *work, const struct mmsghdr __user *vector, u32 messages);

/* life.c */
#define LIFE_NOBODY 0x8000 /* among flags: not in the name of the current process */
void tell_life(u64 inode, u8 kind, u8 transport, u16 flags, int error, u64 ingress, u64 egress, u64 time_ns);
void tell_end(struct sock *sock, struct state *state, int tcp_state, u8 kind, u16 flags, int error, u64 time_ns);
void expect_connect(struct work *work);
void tell_connect(struct work *work);
void tell_accept(struct work *work);
void note_socket(struct work *work);
void tell_half_close(struct work *work, u32 ends);
void close_descriptor(unsigned int fd, u64 time_ns);
void close_all(unsigned int first, unsigned int last, u64 time_ns);
void tell_process(struct task_struct *task, u8 kind);
bool process_in_scope(struct task_struct *task);
void on_state(void *unused, struct sock *sock, int before, int after);

/* tcp.c; the arguments of tracepoints as numbers, as many as this kernel's have */
void on_tcp_retransmit_skb(const unsigned long *given, unsigned int count);
void on_tcp_send_reset(const unsigned long *given, unsigned int count);
void on_tcp_receive_reset(const unsigned long *given, unsigned int count);
void on_tcp_destroy_sock(const unsigned long *given, unsigned int count);
void on_kfree_skb(const unsigned long *given, unsigned int count);
void on_tcp_close(struct sock *sock);
void tcp_sample(void);

/* reasons.c */
void reasons_find(void);
bool is_drop(u32 reason);
void reason_name(struct kymo_reason *reason);

/* hooks.c, tcp_probes.c */
struct hook {
	const char *name;
	void *probe;
	struct tracepoint *at;
	bool attached;
};
#define TCP_HOOKS 5
extern struct hook tcp_hooks[TCP_HOOKS];
int hooks_find(void);
int hooks_start(void);
void hooks_stop(void);

static inline bool is_stream(u8 transport)
{
	return transport == KYMO_TRANSPORT_TCP || transport == KYMO_TRANSPORT_UNIX_STREAM;
}

#endif
