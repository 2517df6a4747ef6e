// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Opening, half closing and closing of sockets; beginning and end of processes. */
#include <linux/errno.h>
#include <linux/fdtable.h>
#include <linux/in.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <net/tcp_states.h>
#include "kymo.h"

#define DESCRIPTORS 4096 /* looked at when many are closed at once */

void tell_life(u64 inode, u8 kind, u8 transport, u16 flags, int error, u64 ingress, u64 egress, u64 time_ns)
{
	struct kymo_life event = {};

	head(&event.header, sizeof(event), KYMO_TYPE_LIFE, flags & ~LIFE_NOBODY, time_ns, inode);
	if (flags & LIFE_NOBODY)
		event.header.tgid = event.header.tid = 0;
	event.ingress_position = ingress;
	event.egress_position = egress;
	event.error = error;
	event.kind = kind;
	event.transport = transport;
	ring_put(&event.header);
}

/* Tells what happened to a socket; positions from TCP where there are any, else counted. */
void tell_end(struct sock *sock, struct state *state, int tcp_state, u8 kind, u16 flags, int error, u64 time_ns)
{
	u64 ingress = state->position[KYMO_INGRESS], egress = state->position[KYMO_EGRESS];

	if (is_sequenced(sock)) {
		ingress = read_position(sock);
		egress = written_position(sock, tcp_state, state->flags & STATE_FIN_SENT);
	}
	tell_life(state->inode, kind, state->transport, flags, error, ingress, egress, time_ns);
}

/* Flag of CLOSED. */
static u16 lingers(const struct state *state)
{
	return state->sequenced ? KYMO_FLAG_LINGERS : 0;
}

/* After CLOSED was told: TCP may have bytes or a FIN under way, and is followed until it ends. */
static void leave(struct state *state, struct sock *sock)
{
	if (state->sequenced && state->flags & STATE_TOLD) {
		WRITE_ONCE(state->tcp, STATE_ORPHAN);
		WRITE_ONCE(state->flags, 0);
	} else {
		state_forget(state, sock);
	}
}

/*
 * Why a connection is given up that was not made, 0 when nobody knows. What comes while connect has the socket is kept there (sk_err_soft), and is gone
 * when the process has asked for it (SO_ERROR).
 */
static int given_up(const struct state *state)
{
	return state->flags & STATE_CONNECTING ? state->refused : 0;
}

static void tell_failed(struct state *state, int error, u16 nobody, u64 time_ns)
{
	tell_life(state->inode, KYMO_LIFE_CONNECT_FAILED, state->transport, nobody, error, KYMO_NO_POSITION, KYMO_NO_POSITION, time_ns);
	state->flags &= ~(STATE_CONNECTING | STATE_TOLD); /* another attempt is told anew */
}

/* Before a descriptor goes: tells CLOSED when it is the last reference of a socket that was told. */
void close_descriptor(unsigned int fd, u64 time_ns)
{
	struct file *file = fget(fd);
	struct state *state;
	struct sock *sock;

	if (!file)
		return;
	if (!S_ISSOCK(file_inode(file)->i_mode) || file_count(file) > 2) /* ours is one of them */
		goto out;
	sock = ((struct socket *)file->private_data)->sk;
	state = sock ? state_find(sock) : NULL;
	if (!state || state->inode != file_inode(file)->i_ino)
		goto out;
	if (state->flags & STATE_TOLD) {
		int tcp_state = READ_ONCE(sock->sk_state);
		int error = given_up(state);

		if (error)
			tell_failed(state, error, 0, time_ns);
		else
			tell_end(sock, state, tcp_state, KYMO_LIFE_CLOSED, lingers(state), 0, time_ns);
	}
	leave(state, sock);
out:
	fput(file);
}

void close_all(unsigned int first, unsigned int last, u64 time_ns)
{
	unsigned int looked = 0, fd = first;

	while (current->files) {
		struct fdtable *table;

		rcu_read_lock();
		table = files_fdtable(current->files);
		fd = find_next_bit(table->open_fds, table->max_fds, fd);
		if (fd >= table->max_fds)
			fd = UINT_MAX;
		rcu_read_unlock();
		if (fd > last || fd == UINT_MAX)
			return;
		if (++looked > DESCRIPTORS)
			break;
		close_descriptor(fd++, time_ns);
	}
	if (current->files)
		count(KYMO_COUNT_EXIT_FDS, 1);
}

/* Tells the facts of a socket that connect or accept made, and keeps its state. */
static void tell_new(struct work *work, struct state *state)
{
	u64 ingress = state->position[KYMO_INGRESS], egress = state->position[KYMO_EGRESS];

	if (work->sequenced) {
		ingress = read_position(work->sock);
		egress = written_position(work->sock, tcp_state_of(work), state->flags & STATE_FIN_SENT);
	}
	state->flags &= ~(STATE_TOLD | STATE_CONNECTING | STATE_OPENED | STATE_END_READ);
	state->tcp = 0;
	state->refused = 0;
	if (tell_socket(work, state->role, work->sequenced ? 0 : KYMO_FLAG_COUNTED, ingress, egress))
		keep_told(state, work);
	if (peer_unknown(work->sock))
		state->flags |= STATE_PEER_UNKNOWN;
}

/* connect begins: packets and timers may have something to tell before it returns. */
void expect_connect(struct work *work)
{
	struct state *state;

	if (!find_socket(work, work->args[0]) || !work->sequenced)
		return;
	work->name = (void __user *)work->args[1];
	read_peer(work);
	if (!ports_in_scope(work, work->peer_port, true))
		return;
	state = state_of(work, 0, KYMO_ROLE_CLIENT);
	if (!(state->flags & STATE_TOLD))
		state->tcp = STATE_ATTEMPT;
}

/* connect has returned: 0, still under way, or failed. */
void tell_connect(struct work *work)
{
	int error = -work->result;
	bool under_way = error == EINPROGRESS || error == EINTR || error == ERESTARTSYS;
	struct state *state;
	u64 now;

	switch (error) {
	case 0:
	case EINPROGRESS:
	case EINTR:
	case ERESTARTSYS:
	case ECONNREFUSED:
	case ETIMEDOUT:
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ECONNRESET:
	case ENOENT:
	case EACCES:
	case EADDRNOTAVAIL:
		break;
	case EINVAL: /* of a whole address: the route to the peer is a black hole */
		if (work->transport == KYMO_TRANSPORT_TCP && work->args[2] >= sizeof(struct sockaddr_in))
			break;
		return;
	default:
		return; /* not an attempt that failed: a wrong argument, or asked again while one was under way */
	}
	work->name = (void __user *)work->args[1];
	read_peer(work);
	if (!ports_in_scope(work, work->remote_port ? work->remote_port : work->peer_port, true))
		return;
	state = state_of(work, 0, KYMO_ROLE_CLIENT);
	state->role = KYMO_ROLE_CLIENT;
	if (!(state->flags & STATE_CONNECTING))
		tell_new(work, state);
	if (!is_stream(work->transport))
		return;
	now = ktime_get_ns();
	if (under_way) {
		u8 tcp_state;

		state->flags |= STATE_CONNECTING; /* before the look at the state: the tracepoint takes over from here */
		tcp_state = READ_ONCE(work->sock->sk_state);
		if (work->transport != KYMO_TRANSPORT_TCP)
			return;
		if (tcp_state == TCP_SYN_SENT) {
			state->refused = READ_ONCE(work->sock->sk_err_soft);
			return;
		}
		error = tcp_state == TCP_CLOSE ? READ_ONCE(work->sock->sk_err) : 0;
	}
	state->flags &= ~STATE_CONNECTING;
	if (error) {
		tell_failed(state, error, 0, now);
	} else if (!(state->flags & STATE_OPENED)) {
		state->flags |= STATE_OPENED;
		tell_end(work->sock, state, tcp_state_of(work), KYMO_LIFE_OPENED, 0, 0, now);
	}
}

void tell_accept(struct work *work)
{
	struct state *state;

	if (!ports_in_scope(work, work->remote_port, false))
		return;
	state = state_of(work, 0, KYMO_ROLE_SERVER);
	tell_new(work, state);
	state->flags |= STATE_OPENED;
	tell_end(work->sock, state, tcp_state_of(work), KYMO_LIFE_OPENED, 0, 0, work->time_ns);
}

/* A socket whose bytes must be counted from the first on. */
void note_socket(struct work *work)
{
	if (!work->sequenced)
		state_of(work, 0, KYMO_ROLE_UNKNOWN);
}

/* shutdown, or a read that returned 0 (ends: a bit for each enum kymo_direction). */
void tell_half_close(struct work *work, u32 ends)
{
	struct state *state = is_stream(work->transport) ? state_find(work->sock) : NULL;

	if (!state || state->inode != work->inode || !(state->flags & STATE_TOLD))
		return;
	if (ends & 1 << KYMO_EGRESS)
		tell_end(work->sock, state, tcp_state_of(work), KYMO_LIFE_SHUTDOWN_EGRESS, 0, 0, work->time_ns);
	if (ends & 1 << KYMO_INGRESS && !(state->flags & STATE_END_READ) && READ_ONCE(work->sock->sk_shutdown) & RCV_SHUTDOWN) {
		state->flags |= STATE_END_READ;
		tell_end(work->sock, state, tcp_state_of(work), KYMO_LIFE_SHUTDOWN_INGRESS, 0, 0, work->time_ns);
	}
}

/* Packets, timers and calls move a TCP socket on. Only sockets that were told matter, so the scope holds here too. */
void on_state(void *unused, struct sock *sock, int before, int after)
{
	struct state *state;
	struct socket *socket;
	struct file *file;
	u64 inode, now;
	u16 nobody;
	bool released;
	int error;

	if (after == TCP_CLOSE)
		on_tcp_close(sock);
	state = state_find(sock);
	if (!state || !(state->flags & STATE_TOLD))
		return;
	rcu_read_lock(); /* keeps the memory of both */
	socket = READ_ONCE(sock->sk_socket);
	file = socket ? READ_ONCE(socket->file) : NULL;
	released = !file || (long)file_count(file) <= 0;
	rcu_read_unlock();
	inode = socket_inode(sock);
	if (inode && inode != state->inode)
		return;
	now = ktime_get_ns();
	error = READ_ONCE(sock->sk_err);
	/* A packet or a timer interrupts whoever is running, unless the process itself is closing. */
	nobody = file && released ? 0 : LIFE_NOBODY;
	if (state->flags & STATE_CONNECTING && before == TCP_SYN_SENT) {
		if (!error && released)
			error = given_up(state);
		if (after == TCP_ESTABLISHED) {
			state->flags = (state->flags & ~STATE_CONNECTING) | STATE_OPENED;
			tell_end(sock, state, after, KYMO_LIFE_OPENED, LIFE_NOBODY, 0, now);
		} else if (after == TCP_CLOSE && error) {
			tell_failed(state, error, LIFE_NOBODY, now);
			if (released)
				leave(state, sock);
			return;
		}
	} else if (after == TCP_CLOSE && !released && error) {
		tell_end(sock, state, before, KYMO_LIFE_RESET, LIFE_NOBODY, error, now);
	}
	if (released) {
		tell_end(sock, state, before, KYMO_LIFE_CLOSED, nobody | lingers(state), 0, now);
		leave(state, sock);
	} else if (after == TCP_FIN_WAIT1 || after == TCP_LAST_ACK) {
		state->flags |= STATE_FIN_SENT; /* as soon as this call is over */
	}
}

/* Scope of a process without a socket at hand: its own namespace counts. */
bool process_in_scope(struct task_struct *task)
{
	return in_scope() && netns_in_scope(task_netns(task));
}

void tell_process(struct task_struct *task, u8 kind)
{
	struct kymo_process event = {};

	head(&event.header, sizeof(event), KYMO_TYPE_PROCESS, 0, ktime_get_ns(), 0);
	event.header.tgid = task->tgid;
	event.header.tid = task->pid;
	event.cgroup = cgroup_of(task);
	event.netns = task_netns(task);
	event.exit_code = kind == KYMO_PROCESS_EXIT ? task->exit_code : 0;
	event.kind = kind;
	rcu_read_lock();
	event.start_ns = READ_ONCE(task->group_leader)->start_boottime;
	event.parent = rcu_dereference(task->real_parent)->tgid;
	rcu_read_unlock();
	task_name(task, event.comm);
	ring_put(&event.header);
}
