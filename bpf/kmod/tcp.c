// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * How the network treats TCP connections. Only sockets that are kept in mind are followed: those that were told, those whose connect is under way, and those
 * that TCP still closes; so the scope holds where no process is at hand (packets, timers). An address that a tracepoint gives is looked into only when it is
 * such a socket's: others may be of a request or of TIME_WAIT, which are smaller.
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/tcp.h>
#include "kymo.h"

/* tcp_get_info_chrono_stats: ticks in which only the peer's window kept data back, with the stretch under way. */
static u32 receiver_limited(const struct tcp_sock *tcp)
{
	u32 ticks = READ_ONCE(tcp->chrono_stat[TCP_CHRONO_RWND_LIMITED - 1]);

	if (tcp->chrono_type == TCP_CHRONO_RWND_LIMITED)
		ticks += tcp_jiffies32 - READ_ONCE(tcp->chrono_start);
	return ticks;
}

static void tell_tcp(struct sock *sock, u64 inode, u8 kind, u32 reason)
{
	const struct tcp_sock *tcp = tcp_sk(sock);
	u32 rtt_min = tcp_min_rtt(tcp);
	struct kymo_tcp event = {};

	head(&event.header, sizeof(event), KYMO_TYPE_TCP, 0, ktime_get_ns(), inode);
	event.header.tgid = event.header.tid = 0;
	event.bytes_acked = READ_ONCE(tcp->bytes_acked);
	event.bytes_received = READ_ONCE(tcp->bytes_received);
	event.bytes_sent = READ_ONCE(tcp->bytes_sent);
	event.bytes_retransmitted = READ_ONCE(tcp->bytes_retrans);
	event.jiffies = get_jiffies_64();
	event.srtt_us = READ_ONCE(tcp->srtt_us) >> 3;
	event.rtt_variance_us = READ_ONCE(tcp->mdev_us) >> 2;
	event.rtt_min_us = rtt_min == ~0U ? 0 : rtt_min;
	event.retransmits = READ_ONCE(tcp->total_retrans);
	event.lost = READ_ONCE(tcp->lost);
	event.out_of_order = READ_ONCE(tcp->rcv_ooopack);
	event.reordered = READ_ONCE(tcp->reord_seen);
	event.segments_out = READ_ONCE(tcp->segs_out);
	event.segments_in = READ_ONCE(tcp->segs_in);
	event.send_window = READ_ONCE(tcp->snd_wnd);
	event.receive_window = tcp_receive_window(tcp);
	event.congestion_window = READ_ONCE(tcp->snd_cwnd);
	event.receiver_limited = receiver_limited(tcp);
	event.error = READ_ONCE(sock->sk_err);
	event.reason = reason;
	event.kind = kind;
	event.state = READ_ONCE(sock->sk_state);
	ring_put(&event.header);
}

/* State of a TCP socket that is followed, else NULL. */
static struct state *followed(struct sock *sock)
{
	struct state *state = sock ? state_find(sock) : NULL;
	u64 inode;

	if (!state || !state->sequenced || !(READ_ONCE(state->flags) & STATE_TOLD || READ_ONCE(state->tcp) & (STATE_ATTEMPT | STATE_ORPHAN)))
		return NULL;
	inode = socket_inode(sock);
	return inode && inode != state->inode ? NULL : state;
}

static void on_tcp(struct sock *sock, u8 kind, u32 reason)
{
	struct state *state;

	rcu_read_lock(); /* TCP's sockets keep their kind so long */
	state = followed(sock);
	if (state)
		tell_tcp(sock, state->inode, kind, reason);
	rcu_read_unlock();
}

void on_tcp_retransmit_skb(const unsigned long *given, unsigned int count)
{
	on_tcp((struct sock *)given[0], KYMO_TCP_RETRANSMIT, 0);
}

void on_tcp_send_reset(const unsigned long *given, unsigned int count)
{
	on_tcp((struct sock *)given[0], KYMO_TCP_RESET_SENT, count > 2 ? given[2] : 0);
}

void on_tcp_receive_reset(const unsigned long *given, unsigned int count)
{
	on_tcp((struct sock *)given[0], KYMO_TCP_RESET_RECEIVED, 0);
}

/* Without a reason the kernel calls it for much that is no drop. */
void on_kfree_skb(const unsigned long *given, unsigned int count)
{
	struct sock *sock;

	if (count < 3 || !is_drop(given[2]))
		return;
	sock = count > 3 ? (struct sock *)given[3] : NULL;
	if (!sock)
		sock = ((struct sk_buff *)given[0])->sk;
	on_tcp(sock, KYMO_TCP_DROP, given[2]);
}

/* The last figures, while they are there: closing with a reset clears them. */
void on_tcp_close(struct sock *sock)
{
	struct state *state = followed(sock);

	if (state && !(state->tcp & STATE_ORPHAN && !READ_ONCE(sock->sk_socket)))
		tell_tcp(sock, state->inode, KYMO_TCP_STATISTICS, 0);
}

/* Nothing more comes of this socket: nothing may look into it any more. */
void on_tcp_destroy_sock(const unsigned long *given, unsigned int count)
{
	struct sock *sock = (struct sock *)given[0];
	struct state *state = state_find(sock);

	if (!state)
		return;
	if (state->tcp & STATE_ORPHAN)
		tell_tcp(sock, state->inode, KYMO_TCP_ENDED, 0);
	else
		tell_inferred(state, ktime_get_ns());
	state_forget(state, sock);
}

/* By the interval: what windows say, and figures that changed. */
static void look(struct sock *sock, struct state *state)
{
	const struct tcp_sock *tcp = tcp_sk(sock);
	u64 inode = socket_inode(sock);
	u8 now = READ_ONCE(sock->sk_state), windows = 0, fresh;
	u32 figures;

	if (inode != state->inode && (inode || !(state->tcp & STATE_ORPHAN)))
		return;
	if ((now == TCP_ESTABLISHED || now == TCP_CLOSE_WAIT || now == TCP_FIN_WAIT1) && !READ_ONCE(tcp->snd_wnd))
		windows |= WINDOW_ZERO_RECEIVED;
	if ((now == TCP_ESTABLISHED || now == TCP_FIN_WAIT1 || now == TCP_FIN_WAIT2) && !tcp_receive_window(tcp))
		windows |= WINDOW_ZERO_SENT;
	fresh = windows & ~state->windows;
	state->windows = windows;
	if (fresh & WINDOW_ZERO_RECEIVED)
		tell_tcp(sock, state->inode, KYMO_TCP_ZERO_WINDOW_RECEIVED, 0);
	if (fresh & WINDOW_ZERO_SENT)
		tell_tcp(sock, state->inode, KYMO_TCP_ZERO_WINDOW_SENT, 0);
	/* each of them only grows */
	figures = (u32)READ_ONCE(tcp->bytes_acked) + (u32)READ_ONCE(tcp->bytes_received) + READ_ONCE(tcp->total_retrans) + READ_ONCE(tcp->segs_in);
	if (figures != state->figures) {
		state->figures = figures;
		tell_tcp(sock, state->inode, KYMO_TCP_STATISTICS, 0);
	}
}

void tcp_sample(void)
{
	states_look(look);
}
