/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Opening, half closing and closing of sockets. */
#ifndef KYMO_LIFE_H
#define KYMO_LIFE_H

#include "message.h"
#include "tcp.h"

/* Tells what happened to a socket; positions from TCP where there are any, else counted. */
static __always_inline void tell_end(struct sock *sock, struct state *state, int sequenced, int tcp_state, __u64 what, __u64 time_ns)
{
	__u64 ingress = state->position[KYMO_INGRESS], egress = state->position[KYMO_EGRESS];
	if (sequenced) {
		ingress = read_position(sock);
		egress = written_position(sock, tcp_state, state->flags & STATE_FIN_SENT);
	}
	tell_life(state->inode, what, ingress, egress, time_ns);
}

static __always_inline int is_sequenced(struct sock *sock)
{
	return BPF_CORE_READ(sock, __sk_common.skc_family) != AF_UNIX && BPF_CORE_READ(sock, sk_protocol) == IPPROTO_TCP;
}

/*
 * Why a connection is given up that was not made, 0 when nobody knows. What comes while connect has the socket is kept there (sk_err_soft), and is gone
 * when the process has asked for it (SO_ERROR).
 */
static __always_inline int given_up(const struct state *state)
{
	return state->flags & STATE_CONNECTING ? state->refused : 0;
}

static __always_inline void tell_failed(struct state *state, int error, __u32 nobody, __u64 time_ns)
{
	tell_life(state->inode, LIFE(KYMO_LIFE_CONNECT_FAILED, state->transport, nobody, error), KYMO_NO_POSITION, KYMO_NO_POSITION, time_ns);
	state->flags &= ~(STATE_CONNECTING | STATE_TOLD); /* another attempt is told anew */
}

/* Before a descriptor goes: tells CLOSED when it is the last reference of a socket that was told. */
__noinline int close_descriptor(int fd, __u64 time_ns)
{
	struct file *file = file_of(fd);
	if (!file || references(file) != 1)
		return 0;
	__u64 inode = 0;
	struct sock *sock = sock_of(file, &inode);
	if (!sock)
		return 0;
	__u64 key = (__u64)sock;
	struct state *state = bpf_map_lookup_elem(&sockets, &key);
	if (!state || state->inode != inode)
		return 0;
	if (state->flags & STATE_TOLD) {
		__u8 tcp_state = BPF_CORE_READ(sock, __sk_common.skc_state);
		int error = given_up(state);
		if (error)
			tell_failed(state, error, 0, time_ns);
		else
			tell_end(sock, state, is_sequenced(sock), tcp_state, LIFE(KYMO_LIFE_CLOSED, state->transport, LINGERS(state), 0), time_ns);
	}
	leave(key, state);
	return 1;
}

/* Closes the descriptor, if it is open. Returns the next one to look at, -1 when there is none up to last. */
__noinline int close_step(__u32 fd, __u32 last, __u64 time_ns)
{
	struct fdtable *table = BPF_CORE_READ(current_task(), files, fdt);
	__u64 bits = 0;
	if (!table || fd > last || fd >= BPF_CORE_READ(table, max_fds))
		return -1;
	bpf_probe_read_kernel(&bits, sizeof(bits), BPF_CORE_READ(table, open_fds) + (fd >> 6));
	bits >>= fd & 63;
	if (bits & 1)
		close_descriptor(fd, time_ns);
	return bits ? fd + 1 : (fd | 63) + 1;
}

#define DESCRIPTORS 4096 /* looked at when many are closed at once */

static __always_inline void close_all(__u32 first, __u32 last, __u64 time_ns)
{
	int fd = first;
	for (int i = 0; i < DESCRIPTORS; i++) {
		fd = close_step(fd, last, time_ns);
		if (fd < 0)
			return;
	}
	count(KYMO_COUNT_EXIT_FDS, 1);
}

/* Tells the facts of a socket that connect or accept made, and keeps its state. */
static __always_inline void tell_new(__u32 cpu, struct work *work, struct state *state, struct sock *sock)
{
	__u64 ingress = state->position[KYMO_INGRESS], egress = state->position[KYMO_EGRESS];
	if (work->sequenced) {
		ingress = read_position(sock);
		egress = written_position(sock, tcp_state_of(work, sock), state->flags & STATE_FIN_SENT);
	}
	state->flags &= ~(STATE_TOLD | STATE_CONNECTING | STATE_OPENED | STATE_END_READ);
	state->tcp = 0;
	state->refused = 0;
	if (tell_socket(cpu, state->role, work->sequenced ? 0 : KYMO_FLAG_COUNTED, ingress, egress))
		keep_told(state, work);
	if (work->family == AF_UNIX && !inode_of(BPF_CORE_READ((struct unix_sock *)sock, peer)))
		state->flags |= STATE_PEER_UNKNOWN;
}

/* connect begins: packets and timers may have something to tell before it returns. */
__noinline int expect_connect(__u32 cpu, int fd, __u64 name)
{
	struct work *work = bpf_map_lookup_elem(&works, &cpu);
	struct kymo_settings *knob = knobs();
	if (!work || !knob)
		return 0;
	work->call = CALL_CONNECT;
	work->tgid = bpf_get_current_pid_tgid() >> 32;
	work->time_ns = bpf_ktime_get_ns();
	if (!find_socket(cpu, fd) || !work->sequenced)
		return 0;
	work->name = name;
	read_peer(work);
	if (!ports_in_scope(knob, work, work->peer_port, 1))
		return 0;
	struct state *state = state_of(work, 0, KYMO_ROLE_CLIENT);
	if (!(state->flags & STATE_TOLD)) {
		state->tcp = STATE_ATTEMPT;
		state->sequenced = 1;
	}
	return 0;
}

#define SOCKADDR_IN 16 /* bytes of struct sockaddr_in; sockaddr_in6 is longer */

/* EINVAL though the address is whole: the route to the peer is a black hole. */
static __always_inline int unroutable(const struct work *work, int error)
{
	return error == EINVAL && work->transport == KYMO_TRANSPORT_TCP && work->args[2] >= SOCKADDR_IN;
}

/* connect has returned: 0, still under way, or failed. */
__noinline int tell_connect(__u32 cpu)
{
	struct work *work = bpf_map_lookup_elem(&works, &cpu);
	struct kymo_settings *knob = knobs();
	if (!work || !knob)
		return 0;
	struct sock *sock = (void *)work->sock;
	int error = -work->result, under_way = error == EINPROGRESS || error == EINTR || error == ERESTARTSYS;
	if (error && !under_way && error != ECONNREFUSED && error != ETIMEDOUT && error != ENETUNREACH && error != EHOSTUNREACH && error != ECONNRESET &&
	    error != ENOENT && error != EACCES && error != EADDRNOTAVAIL && !unroutable(work, error))
		return 0; /* not an attempt that failed: a wrong argument, or asked again while one was under way */
	work->name = work->args[1];
	read_peer(work);
	if (!ports_in_scope(knob, work, work->remote_port ? work->remote_port : work->peer_port, 1))
		return 0;
	struct state *state = state_of(work, 0, KYMO_ROLE_CLIENT);
	state->role = KYMO_ROLE_CLIENT;
	if (!(state->flags & STATE_CONNECTING))
		tell_new(cpu, work, state, sock);
	if (!is_stream(work->transport))
		return 0;
	__u64 now = bpf_ktime_get_ns();
	if (under_way) {
		state->flags |= STATE_CONNECTING; /* before the look at the state: on_state takes over from here */
		__u8 tcp_state = BPF_CORE_READ(sock, __sk_common.skc_state);
		if (work->transport != KYMO_TRANSPORT_TCP)
			return 0;
		if (tcp_state == TCP_SYN_SENT) {
			state->refused = BPF_CORE_READ(sock, sk_err_soft);
			return 0;
		}
		error = tcp_state == TCP_CLOSE ? BPF_CORE_READ(sock, sk_err) : 0;
	}
	state->flags &= ~STATE_CONNECTING;
	if (error) {
		tell_failed(state, error, 0, now);
	} else if (!(state->flags & STATE_OPENED)) {
		state->flags |= STATE_OPENED;
		tell_end(sock, state, work->sequenced, tcp_state_of(work, sock), LIFE(KYMO_LIFE_OPENED, work->transport, 0, 0), now);
	}
	return 0;
}

__noinline int tell_accept(__u32 cpu)
{
	struct work *work = bpf_map_lookup_elem(&works, &cpu);
	struct kymo_settings *knob = knobs();
	if (!work || !knob || !ports_in_scope(knob, work, work->remote_port, 0))
		return 0;
	struct sock *sock = (void *)work->sock;
	struct state *state = state_of(work, 0, KYMO_ROLE_SERVER);
	tell_new(cpu, work, state, sock);
	state->flags |= STATE_OPENED;
	tell_end(sock, state, work->sequenced, tcp_state_of(work, sock), LIFE(KYMO_LIFE_OPENED, work->transport, 0, 0), work->time_ns);
	return 0;
}

/* A socket whose bytes must be counted from the first on. */
__noinline int note_socket(__u32 cpu)
{
	struct work *work = bpf_map_lookup_elem(&works, &cpu);
	if (work && !work->sequenced)
		state_of(work, 0, KYMO_ROLE_UNKNOWN);
	return 0;
}

/* shutdown, or a read that returned 0 (kind: the ends that it means, a bit for each enum kymo_direction). */
__noinline int tell_half_close(__u32 cpu, __u32 ends)
{
	struct work *work = bpf_map_lookup_elem(&works, &cpu);
	if (!work || !is_stream(work->transport))
		return 0;
	__u64 key = work->sock;
	struct sock *sock = (void *)key;
	struct state *state = bpf_map_lookup_elem(&sockets, &key);
	if (!state || state->inode != work->inode || !(state->flags & STATE_TOLD))
		return 0;
	if (ends & 1 << KYMO_EGRESS)
		tell_end(sock, state, work->sequenced, tcp_state_of(work, sock), LIFE(KYMO_LIFE_SHUTDOWN_EGRESS, work->transport, 0, 0), work->time_ns);
	if (ends & 1 << KYMO_INGRESS && !(state->flags & STATE_END_READ) && BPF_CORE_READ(sock, sk_shutdown) & RCV_SHUTDOWN) {
		state->flags |= STATE_END_READ;
		tell_end(sock, state, work->sequenced, tcp_state_of(work, sock), LIFE(KYMO_LIFE_SHUTDOWN_INGRESS, work->transport, 0, 0), work->time_ns);
	}
	return 0;
}

#endif
