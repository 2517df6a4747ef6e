/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* From a file descriptor to the socket, its facts and its state. */
#ifndef KYMO_SOCKET_H
#define KYMO_SOCKET_H

#include "filter.h"
#include "include/arch.h"

/* What one system call is about: one for each CPU, used by the sys_exit program only (programs of other hooks may interrupt it). */
struct work {
	/* the call */
	__u64 time_ns;
	__s64 result;
	__u64 args[6];
	__u32 call; /* enum kymo_source or enum kymo_call */
	__u32 tgid;
	/* its socket */
	__u64 sock; /* struct sock */
	__u64 inode;
	__u32 netns;
	__u16 local_port;
	__u16 remote_port;
	__u16 family;
	__u16 protocol;
	__u8 transport;
	__u8 sequenced; /* positions are TCP sequence numbers */
	__u8 direction;
	__u8 reserved0;
	/* the message at hand */
	__u32 wanted;   /* payload bytes to copy next */
	__u32 budget;   /* payload bytes that the burst has left */
	__u32 segment;  /* payload of one event at most */
	__u32 reserved1;
	__u64 position; /* of its first byte not yet told */
	__u64 left;     /* bytes not yet told */
	__u64 base;     /* the buffer that is being read */
	__u64 base_left;
	__u64 iov;      /* buffers after it */
	__u64 iov_left;
	__u64 name;     /* the peer's address in user memory, 0 when the call has none */
	__u8 peer[16];  /* … as it was read from there */
	__u16 peer_port;
	__u8 peer_length;
	__u8 reserved[5];
	__u32 copied;  /* payload bytes copied last */
	__u32 faulted; /* … and the copy stopped at memory that could not be read */
	__u16 flags;    /* enum kymo_flag */
	__u8 sizes_only;
	__u8 pad;
	struct user_msghdr header;
	struct state spare; /* a new socket's first state; also used when the map has no place */
	/* the event that goes out; both kinds end where the payload begins */
	union {
		struct kymo_datagram datagram;
		struct {
			__u8 skipped[sizeof(struct kymo_datagram) - sizeof(struct kymo_data)];
			struct kymo_data data;
		} data;
	} event;
	__u8 payload[2 * KYMO_PAYLOAD_MAX]; /* twice, so that offset + length is always inside for the verifier */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct work);
} works SEC(".maps");

/* At 127.0.0.1 in the collector's network namespace? (The kernel writes 127.0.0.6 where addresses are IPv6.) */
static __always_inline int is_own(const struct work *work, int named)
{
	__u32 inum = work->netns, host = bpf_htonl(0x7f000001);
	__u32 *rule = bpf_map_lookup_elem(&netns, &inum);
	if (!rule || !(*rule & KYMO_NETNS_OWN))
		return 0;
	struct sock *sock = (void *)work->sock;
	return BPF_CORE_READ(sock, __sk_common.skc_rcv_saddr) == host || BPF_CORE_READ(sock, __sk_common.skc_daddr) == host ||
	       (named && work->peer_length == 4 && *(__u32 *)work->peer == host);
}

/* named: the call names the peer, which read_peer has read. */
static __always_inline int ports_in_scope(const struct kymo_settings *knob, const struct work *work, __u16 remote, int named)
{
	if (!(knob->filters & (KYMO_FILTER_PORT | KYMO_FILTER_EXCLUDED_PORT)))
		return 1;
	__u16 local = work->local_port;
	__u32 *local_rule = bpf_map_lookup_elem(&ports, &local);
	__u32 *remote_rule = bpf_map_lookup_elem(&ports, &remote);
	__u32 rules = (local_rule ? *local_rule : 0) | (remote_rule ? *remote_rule : 0);
	if (rules & KYMO_PORT_EXCLUDED || (rules & KYMO_PORT_OWN && is_own(work, named)))
		return 0;
	return !(knob->filters & KYMO_FILTER_PORT) || rules & KYMO_PORT_ONLY;
}

static __always_inline struct file *file_of(__u32 fd)
{
	struct file **files, *file = 0;
	if (has_typed_task()) {
		struct task_struct *task = (void *)bpf_get_current_task_btf();
		struct files_struct *holder = task->files;
		if (!holder)
			return 0;
		struct fdtable *table = holder->fdt;
		if (!table || fd >= table->max_fds)
			return 0;
		files = table->fd;
	} else {
		struct fdtable *table = BPF_CORE_READ(current_task(), files, fdt);
		if (!table || fd >= BPF_CORE_READ(table, max_fds))
			return 0;
		files = BPF_CORE_READ(table, fd);
	}
	bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	return file;
}

/* The socket of a file, 0 when the file is none. */
static __always_inline struct sock *sock_of(struct file *file, __u64 *inode)
{
	struct inode *node = BPF_CORE_READ(file, f_inode);
	if ((BPF_CORE_READ(node, i_mode) & S_IFMT) != S_IFSOCK)
		return 0;
	*inode = BPF_CORE_READ(node, i_ino);
	struct socket *socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

/* The inode of a socket that some process holds open, else 0. */
static __always_inline __u64 inode_of(struct sock *sock)
{
	return sock ? BPF_CORE_READ(sock, sk_socket, file, f_inode, i_ino) : 0;
}

/* References of a file: > 1 others hold it too, 1 the last one, <= 0 it is being released. */
static __always_inline long references(struct file *file)
{
	struct file___ref *newer = (void *)file;
	struct file___count *older = (void *)file;
	if (bpf_core_field_exists(newer->f_ref))
		return BPF_CORE_READ(newer, f_ref.refcnt.counter) + 1;
	return BPF_CORE_READ(older, f_count.counter);
}

static __always_inline __u8 transport_of(__u16 family, __u16 type, __u16 protocol)
{
	if (family == AF_UNIX)
		return type == SOCK_STREAM ? KYMO_TRANSPORT_UNIX_STREAM : KYMO_TRANSPORT_UNIX_DATAGRAM;
	if (family != AF_INET && family != AF_INET6)
		return 0;
	if (type == SOCK_STREAM && (protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP))
		return KYMO_TRANSPORT_TCP;
	return type == SOCK_DGRAM && protocol == IPPROTO_UDP ? KYMO_TRANSPORT_UDP : 0;
}

static __always_inline int is_stream(__u8 transport)
{
	return transport == KYMO_TRANSPORT_TCP || transport == KYMO_TRANSPORT_UNIX_STREAM;
}

/* Sequence number after the last byte read. The kernel counts the peer's FIN when the reader passes it. */
static __always_inline __u32 read_position(struct sock *sock)
{
	struct tcp_sock *tcp = (void *)sock;
	__u32 copied = BPF_CORE_READ(tcp, copied_seq);
	if (BPF_CORE_READ(sock, __sk_common.skc_flags) >> SOCK_DONE_BIT & 1 && copied == BPF_CORE_READ(tcp, rcv_nxt))
		return copied - 1;
	return copied;
}

/* Sequence number after the last byte written. In these states the kernel has counted our own FIN. */
static __always_inline __u32 written_position(struct sock *sock, int tcp_state, int fin)
{
	struct tcp_sock *tcp = (void *)sock;
	fin = (tcp_state == TCP_CLOSE && fin) || tcp_state == TCP_FIN_WAIT1 || tcp_state == TCP_FIN_WAIT2 || tcp_state == TCP_CLOSING || tcp_state == TCP_LAST_ACK;
	return BPF_CORE_READ(tcp, write_seq) - fin;
}

/* Fills in the work's socket. Returns 0 when the descriptor is no socket that Kymo looks at, or is out of scope. */
__noinline int find_socket(__u32 cpu, int fd)
{
	struct work *work = bpf_map_lookup_elem(&works, &cpu);
	if (!work)
		return 0;
	struct kymo_settings *knob = knobs();
	struct file *file = file_of(fd);
	if (!file || !knob)
		return 0;
	__u64 inode = 0;
	struct sock *sock = sock_of(file, &inode);
	if (!sock)
		return 0;
	work->sock = (__u64)sock;
	work->inode = inode;
	if (work->call < CALL_CONNECT) {
		__u64 key = (__u64)sock;
		struct state *state = bpf_map_lookup_elem(&sockets, &key);
		if (state && state->inode == inode && state->flags & STATE_TOLD) {
			work->netns = state->netns;
			work->family = state->family;
			work->protocol = state->protocol;
			work->transport = state->transport;
			work->sequenced = state->sequenced;
			work->local_port = state->local_port;
			work->remote_port = state->remote_port;
			return netns_in_scope(knob, work->netns) ? work->transport : 0;
		}
	}
	__u16 family = BPF_CORE_READ(sock, __sk_common.skc_family);
	__u16 protocol = BPF_CORE_READ(sock, sk_protocol);
	__u8 transport = transport_of(family, BPF_CORE_READ(sock, sk_type), protocol);
	if (!transport)
		return 0;
	__u32 inum = BPF_CORE_READ(sock, __sk_common.skc_net.net, ns.inum);
	if (!netns_in_scope(knob, inum))
		return 0;
	work->netns = inum;
	work->family = family;
	work->protocol = protocol;
	work->transport = transport;
	work->sequenced = transport == KYMO_TRANSPORT_TCP && protocol == IPPROTO_TCP;
	work->local_port = 0;
	work->remote_port = 0;
	if (family != AF_UNIX) {
		work->local_port = BPF_CORE_READ(sock, __sk_common.skc_num);
		work->remote_port = bpf_ntohs(BPF_CORE_READ(sock, __sk_common.skc_dport));
	}
	return transport;
}

/* The kernel's TCP_ESTABLISHED and so on, 0 for other transports. */
static __always_inline __u8 tcp_state_of(const struct work *work, struct sock *sock)
{
	return work->transport == KYMO_TRANSPORT_TCP ? BPF_CORE_READ(sock, __sk_common.skc_state) : 0;
}

/* What was told of the work's socket. */
static __always_inline void keep_told(struct state *state, const struct work *work)
{
	state->owner = work->tgid;
	state->transport = work->transport;
	state->sequenced = work->sequenced;
	state->family = work->family;
	state->protocol = work->protocol;
	state->local_port = work->local_port;
	state->remote_port = work->remote_port;
	state->netns = work->netns;
	state->flags |= STATE_TOLD;
}

/* State of the work's socket, made when there is none; the work's spare one when the map has no place. */
static __always_inline struct state *state_of(struct work *work, __u8 flags, __u8 role)
{
	__u64 key = work->sock;
	struct state *state = bpf_map_lookup_elem(&sockets, &key);
	if (state && state->inode == work->inode)
		return state;
	if (state && state->flags & STATE_TOLD)
		tell_life(state->inode, LIFE(KYMO_LIFE_CLOSED, state->transport, KYMO_FLAG_INFERRED | LIFE_NOBODY, 0), KYMO_NO_POSITION, KYMO_NO_POSITION, work->time_ns);
	__builtin_memset(&work->spare, 0, sizeof(work->spare));
	work->spare.inode = work->inode;
	work->spare.owner = work->tgid;
	work->spare.direction = DIRECTION_NONE;
	work->spare.role = role;
	work->spare.flags = flags;
	work->spare.transport = work->transport;
	if (bpf_map_update_elem(&sockets, &key, &work->spare, BPF_ANY) == 0) {
		if (!state)
			count(KYMO_COUNT_SOCKETS_KEPT, 1);
		state = bpf_map_lookup_elem(&sockets, &key);
		if (state)
			return state;
	}
	count(KYMO_COUNT_LOST_SOCKET_MAP, 1);
	return &work->spare;
}

static __always_inline int is_mapped(const __u8 address[16])
{
	const __u64 *high = (const __u64 *)address;
	return *high == 0 && *(const __u32 *)(address + 8) == bpf_htonl(0xFFFF);
}

static __always_inline int is_zero(const __u8 address[16])
{
	const __u64 *words = (const __u64 *)address;
	return !(words[0] | words[1]);
}

static __always_inline void shorten(__u8 address[16])
{
	__u64 *words = (__u64 *)address;
	words[0] = is_mapped(address) ? *(__u32 *)(address + 12) : 0;
	words[1] = 0;
}

/* A connect that failed has left the socket without addresses: the call still has the peer's. */
static __always_inline void tell_wanted_peer(struct kymo_socket *event, const struct work *work)
{
	if (work->call != CALL_CONNECT || event->remote_port || !work->peer_port)
		return;
	__u64 *local = (void *)event->local_address, *remote = (void *)event->remote_address;
	const __u64 *peer = (const void *)work->peer;
	local[0] = local[1] = 0;
	remote[0] = work->peer_length == 4 ? *(const __u32 *)peer : peer[0];
	remote[1] = work->peer_length == 4 ? 0 : peer[1];
	event->address_length = work->peer_length == 4 ? 4 : 16;
	event->remote_port = work->peer_port;
}

static __always_inline void tell_addresses(struct kymo_socket *event, struct sock *sock, __u16 family)
{
	if (family == AF_INET) {
		*(__u32 *)event->local_address = BPF_CORE_READ(sock, __sk_common.skc_rcv_saddr);
		*(__u32 *)event->remote_address = BPF_CORE_READ(sock, __sk_common.skc_daddr);
		event->address_length = 4;
		return;
	}
	BPF_CORE_READ_INTO((struct in6_addr *)event->local_address, sock, __sk_common.skc_v6_rcv_saddr);
	BPF_CORE_READ_INTO((struct in6_addr *)event->remote_address, sock, __sk_common.skc_v6_daddr);
	event->address_length = 16;
	if (is_mapped(event->remote_address) || (is_mapped(event->local_address) && is_zero(event->remote_address))) {
		shorten(event->local_address);
		shorten(event->remote_address);
		event->address_length = 4;
	}
}

/* The name of the listening end: an accepted socket carries it itself, a client finds it on its peer. */
static __always_inline void tell_path(struct kymo_socket *event, struct sock *sock, struct sock *peer)
{
	struct unix_sock *mine = (void *)sock, *other = (void *)peer;
	struct unix_address *address = BPF_CORE_READ(mine, addr);
	if (!address && other)
		address = BPF_CORE_READ(other, addr);
	if (!address)
		return;
	__u32 length = BPF_CORE_READ(address, len) - 2;
	if (length == 0 || length > 108)
		return;
	struct sockaddr_un *name = __builtin_preserve_access_index(&address->name[0]);
	bpf_probe_read_kernel(event->path, length, __builtin_preserve_access_index(&name->sun_path));
	if (!event->path[0])
		event->path[0] = '@';
	event->path_length = length;
}

/* Tells the facts of the work's socket. Returns 1 when they went out. */
__noinline int tell_socket(__u32 cpu, __u32 role, __u32 flags, __u64 ingress, __u64 egress)
{
	struct work *work = bpf_map_lookup_elem(&works, &cpu);
	if (!work)
		return 0;
	struct kymo_socket *event = event_reserve(sizeof(*event));
	if (!event) {
		count(KYMO_COUNT_LOST_RING_EVENTS, 1);
		return 0;
	}
	__builtin_memset(event, 0, sizeof(*event));
	struct sock *sock = (void *)work->sock;
	struct task_struct *task = current_task();
	head(&event->header, sizeof(*event), KYMO_TYPE_SOCKET, flags, work->time_ns, work->inode);
	event->cgroup = task_cgroup(task);
	event->ingress_position = ingress;
	event->egress_position = egress;
	event->netns = work->netns;
	event->transport = work->transport;
	event->role = role;
	event->tcp_state = tcp_state_of(work, sock);
	event->family = work->family;
	event->protocol = work->protocol;
	event->owner = work->tgid;
	task_comm(task, event->comm);
	if (work->family == AF_UNIX) {
		struct sock *peer = BPF_CORE_READ((struct unix_sock *)sock, peer);
		event->peer_socket = inode_of(peer);
		tell_path(event, sock, peer);
	} else {
		tell_addresses(event, sock, work->family);
		event->local_port = work->local_port;
		event->remote_port = work->remote_port;
		tell_wanted_peer(event, work);
	}
	event_submit(event);
	count(KYMO_COUNT_EVENTS, 1);
	return 1;
}

#endif
