/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* One message of a data call: peer, scope, facts, budget, then its events. */
#ifndef KYMO_MESSAGE_H
#define KYMO_MESSAGE_H

#include "payload.h"

/* Reads the socket address that the call gave or got. */
static __always_inline void read_peer(struct work *work)
{
	__u16 family = 0;
	work->peer_length = 0;
	work->peer_port = 0;
	if (!work->name || bpf_probe_read_user(&family, sizeof(family), (void *)work->name))
		return;
	if (family == AF_INET) { /* struct sockaddr_in: family, port, 4 bytes of address */
		if (bpf_probe_read_user(work->peer, 4, (void *)(work->name + 4)))
			return;
		work->peer_length = 4;
	} else if (family == AF_INET6) { /* struct sockaddr_in6: family, port, flow, 16 bytes of address */
		if (bpf_probe_read_user(work->peer, 16, (void *)(work->name + 8)))
			return;
		work->peer_length = 16;
		if (is_mapped(work->peer)) {
			shorten(work->peer);
			work->peer_length = 4;
		}
	} else {
		return;
	}
	__u16 port = 0;
	bpf_probe_read_user(&port, sizeof(port), (void *)(work->name + 2));
	work->peer_port = bpf_ntohs(port);
}

/* The datagram's peer: whom the call named, else to whom the socket is connected. */
static __always_inline void tell_peer(struct work *work, struct sock *sock)
{
	struct kymo_datagram *event = &work->event.datagram;
	__builtin_memset(event->peer_address, 0, sizeof(event->peer_address));
	event->peer_socket = 0;
	event->peer_port = 0;
	event->peer_address_length = 0;
	__builtin_memset(event->reserved2, 0, sizeof(event->reserved2));
	if (work->family == AF_UNIX) {
		event->peer_socket = inode_of(BPF_CORE_READ((struct unix_sock *)sock, peer));
		return;
	}
	if (work->peer_length) {
		__builtin_memcpy(event->peer_address, work->peer, 16);
		event->peer_port = work->peer_port;
		event->peer_address_length = work->peer_length;
		return;
	}
	if (!work->remote_port)
		return;
	event->peer_port = work->remote_port;
	event->peer_address_length = 4;
	if (work->family == AF_INET) {
		*(__u32 *)event->peer_address = BPF_CORE_READ(sock, __sk_common.skc_daddr);
		return;
	}
	BPF_CORE_READ_INTO((struct in6_addr *)event->peer_address, sock, __sk_common.skc_v6_daddr);
	if (is_mapped(event->peer_address))
		shorten(event->peer_address);
	else
		event->peer_address_length = 16;
}

/* Tells the facts before the first data, when another process took the socket over, and when a Unix peer became known. */
static __always_inline void tell_facts(__u32 cpu, struct work *work, struct state *state, struct sock *sock)
{
	int due = !(state->flags & STATE_TOLD);
	if (!due && state->retold < 3) {
		due = state->owner != work->tgid;
		if (state->flags & STATE_PEER_UNKNOWN && inode_of(BPF_CORE_READ((struct unix_sock *)sock, peer)))
			due = 1;
		state->retold += due;
	}
	if (!due)
		return;
	__u64 ingress = state->position[KYMO_INGRESS], egress = state->position[KYMO_EGRESS];
	if (work->sequenced) {
		ingress = read_position(sock);
		egress = written_position(sock, tcp_state_of(work, sock), state->flags & STATE_FIN_SENT);
	}
	if (work->direction == KYMO_INGRESS)
		ingress = work->position;
	else
		egress = work->position;
	__u32 flags = (state->flags & STATE_PREEXISTING ? KYMO_FLAG_PREEXISTING : 0) | (work->sequenced ? 0 : KYMO_FLAG_COUNTED);
	if (!tell_socket(cpu, state->role, flags, ingress, egress))
		return;
	keep_told(state, work);
	if (work->family == AF_UNIX && !inode_of(BPF_CORE_READ((struct unix_sock *)sock, peer)))
		state->flags |= STATE_PEER_UNKNOWN;
	else
		state->flags &= ~STATE_PEER_UNKNOWN;
}

/* Tells the message that stands in the work. */
__noinline int tell_message(__u32 cpu)
{
	struct work *work = bpf_map_lookup_elem(&works, &cpu);
	struct kymo_settings *knob = knobs();
	if (!work || !knob)
		return 0;
	struct sock *sock = (void *)work->sock;
	__u64 total = work->left;
	__u32 direction = work->direction & 1;
	__u16 remote = work->remote_port;
	int stream = is_stream(work->transport);
	if (!stream) {
		read_peer(work);
		tell_peer(work, sock);
		remote = work->event.datagram.peer_port;
	}
	if (!ports_in_scope(knob, work, remote, 0))
		return 0;
	struct state *state = state_of(work, STATE_PREEXISTING, KYMO_ROLE_UNKNOWN);
	if (!work->sequenced) {
		work->position = state->position[direction];
		state->position[direction] += total;
	}
	tell_facts(cpu, work, state, sock);
	work->flags = state->direction == direction ? 0 : KYMO_FLAG_BURST_START;
	work->segment = knob->segment_bytes < KYMO_PAYLOAD_MAX ? knob->segment_bytes : KYMO_PAYLOAD_MAX;
	work->budget = state->budget;
	if (work->flags || !stream || (knob->burst_pause_ns && work->time_ns - state->last_ns > knob->burst_pause_ns))
		work->budget = knob->burst_bytes;
	state->direction = direction;
	state->last_ns = work->time_ns;
	if (work->sizes_only) {
		work->copied = 0;
		put_piece(cpu, total);
		count(KYMO_COUNT_SIZE_ONLY_BYTES, total);
	} else {
		for (int i = 0; i < PIECES; i++)
			if (!put_step(cpu, i == PIECES - 1))
				break;
	}
	state->budget = work->budget;
	return 0;
}

/* Points the work's cursor at the buffers of a struct user_msghdr. Returns 0 when it can not be read. */
static __always_inline int use_header(struct work *work, __u64 address)
{
	if (bpf_probe_read_user(&work->header, sizeof(work->header), (void *)address)) {
		count(KYMO_COUNT_UNREADABLE_CALLS, 1);
		return 0;
	}
	work->name = work->header.name_length ? work->header.name : 0;
	work->iov = work->header.iov;
	work->iov_left = work->header.iov_count;
	work->base_left = 0;
	return 1;
}

#define MESSAGES 1024 /* UIO_MAXIOV: the kernel takes no more in one sendmmsg or recvmmsg */

__noinline int message_length(__u64 address)
{
	__u32 length = 0;
	struct user_mmsghdr *message = (void *)address;
	if (bpf_probe_read_user(&length, sizeof(length), &message->length))
		count(KYMO_COUNT_UNREADABLE_CALLS, 1);
	return length;
}

/* Bytes of all the messages of a sendmmsg or recvmmsg: on TCP the first one's position lies that far back. */
__noinline int sum_messages(__u64 vector, __u32 messages)
{
	__u32 sum = 0;
	for (__u32 i = 0; i < MESSAGES; i++) {
		if (i >= messages)
			break;
		sum += message_length(vector + (__u64)i * sizeof(struct user_mmsghdr));
	}
	return sum;
}

/* One of the messages of a sendmmsg or recvmmsg. */
__noinline int tell_one_of(__u32 cpu, __u64 address)
{
	struct work *work = bpf_map_lookup_elem(&works, &cpu);
	if (!work)
		return 0;
	work->left = (__u32)message_length(address);
	if (work->left && use_header(work, address))
		tell_message(cpu);
	return 0;
}

__noinline int tell_messages(__u32 cpu, __u64 vector, __u32 messages)
{
	for (__u32 i = 0; i < MESSAGES; i++) {
		if (i >= messages)
			break;
		tell_one_of(cpu, vector + (__u64)i * sizeof(struct user_mmsghdr));
	}
	return 0;
}

#endif
