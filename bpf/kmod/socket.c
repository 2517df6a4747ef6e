// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* From a file descriptor to the socket, its facts and its state. */
#include <linux/in.h>
#include <linux/ktime.h>
#include <linux/tcp.h>
#include <linux/un.h>
#include <net/af_unix.h>
#include <net/ipv6.h>
#include <net/tcp_states.h>
#include "kymo.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static u8 transport_of(u16 family, u16 type, u16 protocol)
{
	if (family == AF_UNIX)
		return type == SOCK_STREAM ? KYMO_TRANSPORT_UNIX_STREAM : KYMO_TRANSPORT_UNIX_DATAGRAM;
	if (family != AF_INET && family != AF_INET6)
		return 0;
	if (type == SOCK_STREAM && (protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP))
		return KYMO_TRANSPORT_TCP;
	return type == SOCK_DGRAM && protocol == IPPROTO_UDP ? KYMO_TRANSPORT_UDP : 0;
}

bool is_sequenced(struct sock *sock)
{
	return sock->sk_family != AF_UNIX && sock->sk_protocol == IPPROTO_TCP;
}

/* The inode of a socket that some process holds open, else 0. */
u64 inode_of(struct sock *sock)
{
	return sock ? sock_i_ino(sock) : 0;
}

/*
 * The same for a TCP socket that is held, in any context. What sk_socket points to is freed by RCU, a grace period after it no longer does so; it lies
 * within its inode.
 */
u64 socket_inode(struct sock *sock)
{
	struct socket *socket;
	u64 inode;

	rcu_read_lock();
	socket = READ_ONCE(sock->sk_socket);
	inode = socket ? SOCK_INODE(socket)->i_ino : 0;
	rcu_read_unlock();
	return inode;
}

/* The other end of a Unix socket, held; NULL when there is none. The kernel's own function for it is not for modules everywhere. */
struct sock *hold_peer(struct sock *sock)
{
	struct sock *peer;

	unix_state_lock(sock);
	peer = unix_sk(sock)->peer;
	if (peer)
		sock_hold(peer);
	unix_state_unlock(sock);
	return peer;
}

/* Inode of the other end of a Unix socket, 0 when there is none or it has none yet. */
static u64 peer_inode(struct sock *sock)
{
	struct sock *peer = hold_peer(sock);
	u64 inode = inode_of(peer);

	if (peer)
		sock_put(peer);
	return inode;
}

bool peer_unknown(struct sock *sock)
{
	return sock->sk_family == AF_UNIX && !peer_inode(sock);
}

/* Sequence number after the last byte read. The kernel counts the peer's FIN when the reader passes it. */
u32 read_position(struct sock *sock)
{
	u32 copied = READ_ONCE(tcp_sk(sock)->copied_seq);

	if (sock_flag(sock, SOCK_DONE) && copied == READ_ONCE(tcp_sk(sock)->rcv_nxt))
		return copied - 1;
	return copied;
}

/* Sequence number after the last byte written. In these states the kernel has counted our own FIN. */
u32 written_position(struct sock *sock, int tcp_state, bool fin)
{
	bool counted = (tcp_state == TCP_CLOSE && fin) || tcp_state == TCP_FIN_WAIT1 || tcp_state == TCP_FIN_WAIT2 || tcp_state == TCP_CLOSING ||
		       tcp_state == TCP_LAST_ACK;

	return READ_ONCE(tcp_sk(sock)->write_seq) - counted;
}

/* The kernel's TCP_ESTABLISHED and so on, 0 for other transports. */
u8 tcp_state_of(const struct work *work)
{
	return work->transport == KYMO_TRANSPORT_TCP ? READ_ONCE(work->sock->sk_state) : 0;
}

/* Fills in the work's socket and holds it. Returns false when the descriptor is none that Kymo looks at, or is out of scope. */
bool find_socket(struct work *work, int fd)
{
	struct file *file = fget(fd);
	struct sock *sock;

	if (!file)
		return false;
	if (!S_ISSOCK(file_inode(file)->i_mode))
		goto not_ours;
	sock = ((struct socket *)file->private_data)->sk;
	if (!sock)
		goto not_ours;
	work->family = sock->sk_family;
	work->protocol = sock->sk_protocol;
	work->transport = transport_of(work->family, sock->sk_type, work->protocol);
	work->netns = sock_net(sock)->ns.inum;
	if (!work->transport || !netns_in_scope(work->netns))
		goto not_ours;
	work->file = file;
	work->sock = sock;
	work->inode = file_inode(file)->i_ino;
	work->sequenced = work->transport == KYMO_TRANSPORT_TCP && work->protocol == IPPROTO_TCP;
	work->local_port = 0;
	work->remote_port = 0;
	if (work->family != AF_UNIX) {
		work->local_port = READ_ONCE(sock->sk_num);
		work->remote_port = ntohs(READ_ONCE(sock->sk_dport));
	}
	return true;
not_ours:
	fput(file);
	return false;
}

void let_go(struct work *work)
{
	if (work->file)
		fput(work->file);
	work->file = NULL;
}

/* What was told of the work's socket. */
void keep_told(struct state *state, const struct work *work)
{
	state->owner = current->tgid;
	state->transport = work->transport;
	state->flags |= STATE_TOLD;
}

/* It was told, and has ended unseen. */
void tell_inferred(const struct state *before, u64 time_ns)
{
	if (before->sock && before->flags & STATE_TOLD)
		tell_life(before->inode, KYMO_LIFE_CLOSED, before->transport, KYMO_FLAG_INFERRED | LIFE_NOBODY, 0, KYMO_NO_POSITION, KYMO_NO_POSITION, time_ns);
}

/* State of the work's socket, made when there is none. */
struct state *state_of(struct work *work, u8 flags, u8 role)
{
	struct state *state = state_find(work->sock), before;

	if (state && state->inode == work->inode)
		return state;
	memset(&work->spare, 0, sizeof(work->spare));
	work->spare.sock = work->sock;
	work->spare.inode = work->inode;
	work->spare.owner = current->tgid;
	work->spare.direction = DIRECTION_NONE;
	work->spare.role = role;
	work->spare.flags = flags;
	work->spare.transport = work->transport;
	work->spare.sequenced = work->sequenced;
	state = state_take(&work->spare, &before);
	if (before.sock == work->sock) { /* one that merely gave way is not closed: its facts are told again when it moves */
		tell_inferred(&before, work->time_ns);
		return state;
	}
	count(KYMO_COUNT_SOCKETS_KEPT, 1);
	if (before.sock)
		count(KYMO_COUNT_LOST_SOCKETS, 1);
	return state;
}

static void shorten(u8 address[16])
{
	struct in6_addr *whole = (void *)address;
	__be32 short_one = ipv6_addr_v4mapped(whole) ? whole->s6_addr32[3] : 0;

	memset(address, 0, 16);
	memcpy(address, &short_one, 4);
}

static void tell_addresses(struct kymo_socket *event, struct sock *sock)
{
	struct in6_addr *local = (void *)event->local_address, *remote = (void *)event->remote_address;

	if (sock->sk_family == AF_INET) {
		memcpy(event->local_address, &sock->sk_rcv_saddr, 4);
		memcpy(event->remote_address, &sock->sk_daddr, 4);
		event->address_length = 4;
		return;
	}
	*local = sock->sk_v6_rcv_saddr;
	*remote = sock->sk_v6_daddr;
	event->address_length = 16;
	if (ipv6_addr_v4mapped(remote) || (ipv6_addr_v4mapped(local) && ipv6_addr_any(remote))) {
		shorten(event->local_address);
		shorten(event->remote_address);
		event->address_length = 4;
	}
}

/* A connect that failed has left the socket without addresses: the call still has the peer's. */
static void tell_wanted_peer(struct kymo_socket *event, const struct work *work)
{
	if (work->call != CALL_CONNECT || event->remote_port || !work->peer_port)
		return;
	memset(event->local_address, 0, sizeof(event->local_address));
	memcpy(event->remote_address, work->peer, sizeof(event->remote_address));
	event->address_length = work->peer_length;
	event->remote_port = work->peer_port;
}

/* The name of the listening end: an accepted socket carries it itself, a client finds it on its peer. */
static void tell_path(struct kymo_socket *event, struct sock *sock, struct sock *peer)
{
	struct unix_address *address = smp_load_acquire(&unix_sk(sock)->addr);
	int length;

	if (!address && peer)
		address = smp_load_acquire(&unix_sk(peer)->addr);
	if (!address)
		return;
	length = address->len - (int)offsetof(struct sockaddr_un, sun_path);
	if (length <= 0 || length > UNIX_PATH_MAX)
		return;
	memcpy(event->path, address->name[0].sun_path, length);
	if (!event->path[0])
		event->path[0] = '@';
	event->path_length = length;
}

static void tell_unix(struct kymo_socket *event, struct sock *sock)
{
	struct sock *peer = hold_peer(sock);

	event->peer_socket = inode_of(peer);
	tell_path(event, sock, peer);
	if (peer)
		sock_put(peer);
}

/* Tells the facts of the work's socket. Returns true when they went out. */
bool tell_socket(struct work *work, u8 role, u16 flags, u64 ingress, u64 egress)
{
	struct kymo_socket event = {};

	head(&event.header, sizeof(event), KYMO_TYPE_SOCKET, flags, work->time_ns, work->inode);
	event.cgroup = cgroup_of(current);
	event.ingress_position = ingress;
	event.egress_position = egress;
	event.netns = work->netns;
	event.transport = work->transport;
	event.role = role;
	event.tcp_state = tcp_state_of(work);
	event.family = work->family;
	event.protocol = work->protocol;
	event.owner = current->tgid;
	task_name(current, event.comm);
	if (work->family == AF_UNIX) {
		tell_unix(&event, work->sock);
	} else {
		tell_addresses(&event, work->sock);
		event.local_port = work->local_port;
		event.remote_port = work->remote_port;
		tell_wanted_peer(&event, work);
	}
	return ring_put(&event.header);
}
