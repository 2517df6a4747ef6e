/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * How the network treats TCP connections. Only sockets in the map of states are followed: those that were told, those whose
 * connect is under way, and those that TCP still closes; so the scope holds where no process is at hand (packets, timers).
 */
#ifndef KYMO_TCP_H
#define KYMO_TCP_H

#include "maps.h"

/* What tell_tcp needs besides the socket. */
#define TCP_REPORT(kind, reason) ((__u64)(kind) | (__u64)(__u32)(reason) << 32)

/* Bytes that this end takes: what was advertised less what came since (tcp_receive_window). */
static __always_inline __u32 receive_window(const struct tcp_sock *tcp)
{
	__s32 left = BPF_CORE_READ(tcp, rcv_wup) + BPF_CORE_READ(tcp, rcv_wnd) - BPF_CORE_READ(tcp, rcv_nxt);
	return left < 0 ? 0 : left;
}

/* tcp_get_info_chrono_stats: ticks, with the stretch under way. */
static __always_inline __u32 receiver_limited(struct tcp_sock *tcp, __u64 jiffies)
{
	__u32 ticks = BPF_CORE_READ(tcp, chrono_stat[TCP_CHRONO_RWND_LIMITED - 1]);
	if (BPF_CORE_READ_BITFIELD_PROBED(tcp, chrono_type) == TCP_CHRONO_RWND_LIMITED)
		ticks += (__u32)jiffies - BPF_CORE_READ(tcp, chrono_start);
	return ticks;
}

__noinline int tell_tcp(__u64 address, __u64 inode, __u64 what)
{
	struct sock *sock = (void *)address;
	struct tcp_sock *tcp = (void *)address;
	struct kymo_tcp *event = event_reserve(sizeof(*event));
	if (!event) {
		count(KYMO_COUNT_LOST_RING_EVENTS, 1);
		return 0;
	}
	head(&event->header, sizeof(*event), KYMO_TYPE_TCP, 0, bpf_ktime_get_ns(), inode);
	event->header.tgid = event->header.tid = 0;
	event->bytes_acked = BPF_CORE_READ(tcp, bytes_acked);
	event->bytes_received = BPF_CORE_READ(tcp, bytes_received);
	event->bytes_sent = BPF_CORE_READ(tcp, bytes_sent);
	event->bytes_retransmitted = BPF_CORE_READ(tcp, bytes_retrans);
	event->jiffies = bpf_jiffies64();
	event->srtt_us = BPF_CORE_READ(tcp, srtt_us) >> 3;
	event->rtt_variance_us = BPF_CORE_READ(tcp, mdev_us) >> 2;
	__u32 rtt_min = BPF_CORE_READ(tcp, rtt_min.s[0].v);
	event->rtt_min_us = rtt_min == ~0U ? 0 : rtt_min;
	event->retransmits = BPF_CORE_READ(tcp, total_retrans);
	event->lost = BPF_CORE_READ(tcp, lost);
	event->out_of_order = BPF_CORE_READ(tcp, rcv_ooopack);
	event->reordered = BPF_CORE_READ(tcp, reord_seen);
	event->segments_out = BPF_CORE_READ(tcp, segs_out);
	event->segments_in = BPF_CORE_READ(tcp, segs_in);
	event->send_window = BPF_CORE_READ(tcp, snd_wnd);
	event->receive_window = receive_window(tcp);
	event->congestion_window = BPF_CORE_READ(tcp, snd_cwnd);
	event->receiver_limited = receiver_limited(tcp, event->jiffies);
	event->error = BPF_CORE_READ(sock, sk_err);
	event->reason = what >> 32;
	event->kind = what;
	event->state = BPF_CORE_READ(sock, __sk_common.skc_state);
	event->reserved0 = 0;
	event_submit(event);
	count(KYMO_COUNT_EVENTS, 1);
	return 1;
}

/* State of a TCP socket that is followed, else 0. */
static __always_inline struct state *followed(struct sock *sock)
{
	__u64 key = (__u64)sock;
	struct state *state = key ? bpf_map_lookup_elem(&sockets, &key) : 0;
	if (!state || !state->sequenced || !(state->flags & STATE_TOLD || state->tcp & (STATE_ATTEMPT | STATE_ORPHAN)))
		return 0;
	__u64 inode = BPF_CORE_READ(sock, sk_socket, file, f_inode, i_ino);
	if (inode && inode != state->inode)
		return 0; /* the memory serves another socket now */
	return state;
}

/* A tracepoint's argument as a number: functions of their own take no typed pointers. */
static __always_inline struct sock *untyped(__u64 argument)
{
	__u64 address = 0;
	bpf_probe_read_kernel(&address, sizeof(address), &argument);
	return (struct sock *)address;
}

static __always_inline int on_tcp(struct sock *sock, enum kymo_tcp_kind kind, __u32 reason)
{
	struct state *state = followed(sock);
	if (state)
		tell_tcp((__u64)sock, state->inode, TCP_REPORT(kind, reason));
	return 0;
}

/* From 6.17 on also what this host could not send: the kernel counts it as sent again, and as lost. */
static __always_inline int on_retransmit(const __u64 *ctx)
{
	return on_tcp(untyped(ctx[0]), KYMO_TCP_RETRANSMIT, 0);
}

/* Where a kernel's tracepoint lacks an argument, the verifier never sees the branch that reads it. */
static __always_inline int on_reset_sent(const __u64 *ctx)
{
	struct trace_event_raw_tcp_send_reset *record = 0;
	__u32 reason = 0;
	if (bpf_core_field_exists(record->reason))
		reason = ctx[2];
	return on_tcp(untyped(ctx[0]), KYMO_TCP_RESET_SENT, reason);
}

/* Until 5.17 the kernel gives no reason and calls it for much that is no drop. */
static __always_inline int on_drop(const __u64 *ctx)
{
	struct trace_event_raw_kfree_skb___reason *reasoned = 0;
	struct trace_event_raw_kfree_skb___socket *received = 0;
	if (!bpf_core_field_exists(reasoned->reason))
		return 0;
	__u32 reason = ctx[2];
	if (reason <= bpf_core_enum_value(enum skb_drop_reason___any, SKB_DROP_REASON_NOT_SPECIFIED))
		return 0;
	struct sock *sock = 0;
	if (bpf_core_field_exists(received->rx_sk))
		sock = untyped(ctx[3]);
	if (!sock) {
		struct sk_buff *packet = (void *)ctx[0];
		sock = BPF_CORE_READ(packet, sk);
	}
	return on_tcp(sock, KYMO_TCP_DROP, reason);
}

/* The last figures, while they are there: closing with a reset clears them. */
static __always_inline void on_tcp_close(struct sock *sock)
{
	struct state *state = followed(sock);
	if (state && !(state->tcp & STATE_ORPHAN && !BPF_CORE_READ(sock, sk_socket)))
		tell_tcp((__u64)sock, state->inode, TCP_REPORT(KYMO_TCP_STATISTICS, 0));
}

/* Nothing more comes of this socket. */
static __always_inline int on_destroy(struct sock *sock)
{
	struct state *state = followed(sock);
	if (!state || !(state->tcp & STATE_ORPHAN))
		return 0;
	tell_tcp((__u64)sock, state->inode, TCP_REPORT(KYMO_TCP_ENDED, 0));
	forget((__u64)sock);
	return 0;
}

/* Flag of CLOSED. */
#define LINGERS(state) ((state)->sequenced ? KYMO_FLAG_LINGERS : 0)

/* After CLOSED was told: TCP may have bytes or a FIN under way, and is followed until it ends. */
static __always_inline void leave(__u64 key, struct state *state)
{
	if (state->sequenced && state->flags & STATE_TOLD) {
		state->flags = 0;
		state->tcp = STATE_ORPHAN;
	} else {
		forget(key);
	}
}

/* One socket of the map, by the interval: what windows say, and figures that changed. */
static __always_inline int on_sample(const __u64 *ctx)
{
	__u64 *key = (void *)ctx[2];
	struct state *state = (void *)ctx[3];
	if (!key || !state)
		return 0;
	struct sock *sock = (void *)*key;
	struct tcp_sock *tcp = (void *)sock;
	if (!state->sequenced || !(state->flags & STATE_TOLD || state->tcp & STATE_ORPHAN))
		return 0;
	__u64 inode = BPF_CORE_READ(sock, sk_socket, file, f_inode, i_ino);
	if (inode != state->inode && (inode || !(state->tcp & STATE_ORPHAN)))
		return 0;
	__u8 now = BPF_CORE_READ(sock, __sk_common.skc_state), zero = 0, before = state->tcp;
	if (now == TCP_ESTABLISHED || now == TCP_CLOSE_WAIT || now == TCP_FIN_WAIT1)
		zero |= BPF_CORE_READ(tcp, snd_wnd) ? 0 : STATE_ZERO_RECEIVED;
	if (now == TCP_ESTABLISHED || now == TCP_FIN_WAIT1 || now == TCP_FIN_WAIT2)
		zero |= receive_window(tcp) ? 0 : STATE_ZERO_SENT;
	state->tcp = (before & ~(STATE_ZERO_RECEIVED | STATE_ZERO_SENT)) | zero;
	if (zero & ~before & STATE_ZERO_RECEIVED)
		tell_tcp((__u64)sock, state->inode, TCP_REPORT(KYMO_TCP_ZERO_WINDOW_RECEIVED, 0));
	if (zero & ~before & STATE_ZERO_SENT)
		tell_tcp((__u64)sock, state->inode, TCP_REPORT(KYMO_TCP_ZERO_WINDOW_SENT, 0));
	/* each of them only grows */
	__u32 figures = BPF_CORE_READ(tcp, bytes_acked) + BPF_CORE_READ(tcp, bytes_received) + BPF_CORE_READ(tcp, total_retrans) + BPF_CORE_READ(tcp, segs_in);
	if (figures != state->figures) {
		state->figures = figures;
		tell_tcp((__u64)sock, state->inode, TCP_REPORT(KYMO_TCP_STATISTICS, 0));
	}
	return 0;
}

#endif
