// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* One message of a data call: peer, scope, facts, budget, then its events. */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ktime.h>
#include <linux/socket.h>
#include <linux/uio.h>
#include <net/af_unix.h>
#include <net/ipv6.h>
#include "kymo.h"

/* Never sleeps: what is not in memory can not be read. Returns how many bytes could. */
static size_t copy_user(void *into, const void __user *from, size_t bytes)
{
	size_t missing = bytes;

	pagefault_disable();
	if (access_ok(from, bytes))
		missing = __copy_from_user_inatomic(into, from, bytes);
	pagefault_enable();
	return bytes - missing;
}

bool read_user(void *into, const void __user *from, size_t bytes)
{
	return copy_user(into, from, bytes) == bytes;
}

static u8 set_address(u8 address[16], const void *from, u8 length)
{
	memset(address, 0, 16);
	if (length == 16 && ipv6_addr_v4mapped(from)) {
		from += 12;
		length = 4;
	}
	memcpy(address, from, length);
	return length;
}

/* Reads the socket address that the call gave or got. */
void read_peer(struct work *work)
{
	union {
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} name = {};

	work->peer_length = 0;
	work->peer_port = 0;
	if (!work->name || !read_user(&name, work->name, sizeof(name.four)))
		return;
	if (name.four.sin_family == AF_INET)
		work->peer_length = set_address(work->peer, &name.four.sin_addr, 4);
	else if (name.four.sin_family == AF_INET6 && read_user(&name, work->name, sizeof(name.six)))
		work->peer_length = set_address(work->peer, &name.six.sin6_addr, 16);
	else
		return;
	work->peer_port = ntohs(name.four.sin_port);
}

/* The datagram's peer: whom the call named, else to whom the socket is connected. */
static void tell_peer(struct kymo_datagram *event, const struct work *work)
{
	struct sock *sock = work->sock, *peer;

	memset(event, 0, sizeof(*event));
	if (work->family == AF_UNIX) {
		peer = hold_peer(sock);
		event->peer_socket = inode_of(peer);
		if (peer)
			sock_put(peer);
	} else if (work->peer_length) {
		memcpy(event->peer_address, work->peer, 16);
		event->peer_port = work->peer_port;
		event->peer_address_length = work->peer_length;
	} else if (work->remote_port) {
		event->peer_port = work->remote_port;
		event->peer_address_length = work->family == AF_INET ? set_address(event->peer_address, &sock->sk_daddr, 4) :
								       set_address(event->peer_address, &sock->sk_v6_daddr, 16);
	}
}

/* Tells the facts before the first data, when another process took the socket over, and when a Unix peer became known. */
static void tell_facts(struct work *work, struct state *state)
{
	bool due = !(state->flags & STATE_TOLD);
	u64 ingress = state->position[KYMO_INGRESS], egress = state->position[KYMO_EGRESS];
	u16 flags;

	if (!due && state->retold < 3) {
		due = state->owner != current->tgid || (state->flags & STATE_PEER_UNKNOWN && !peer_unknown(work->sock));
		state->retold += due;
	}
	if (!due)
		return;
	if (work->sequenced) {
		ingress = read_position(work->sock);
		egress = written_position(work->sock, tcp_state_of(work), state->flags & STATE_FIN_SENT);
	}
	if (work->direction == KYMO_INGRESS)
		ingress = work->position;
	else
		egress = work->position;
	flags = (state->flags & STATE_PREEXISTING ? KYMO_FLAG_PREEXISTING : 0) | (work->sequenced ? 0 : KYMO_FLAG_COUNTED);
	if (!tell_socket(work, state->role, flags, ingress, egress))
		return;
	keep_told(state, work);
	if (peer_unknown(work->sock))
		state->flags |= STATE_PEER_UNKNOWN;
	else
		state->flags &= ~STATE_PEER_UNKNOWN;
}

/* Copies up to `wanted` payload bytes, across as many buffers as it takes; the cursor moves on. Returns how many. */
static u32 copy_payload(struct work *work, char *into, u32 wanted)
{
	u32 at = 0;

	while (at < wanted && (work->base_left || work->iov_left)) {
		size_t length, copied;

		if (!work->base_left) {
			struct iovec next;

			if (!read_user(&next, work->iov, sizeof(next))) {
				work->faulted = true;
				break;
			}
			work->iov++;
			work->iov_left--;
			work->base = next.iov_base;
			work->base_left = next.iov_len;
			continue;
		}
		length = min_t(u64, wanted - at, work->base_left);
		copied = copy_user(into + at, work->base, length);
		work->base += copied;
		work->base_left -= copied;
		at += copied;
		if (copied < length) {
			work->faulted = true;
			break;
		}
	}
	return at;
}

static void fill_data(struct kymo_data *data, const struct work *work, u16 type, u32 size, u32 length, u32 copied)
{
	head(&data->header, size + copied, type, work->flags, work->time_ns, work->inode);
	data->position = work->position;
	data->length = length;
	data->captured = copied;
	data->direction = work->direction;
	data->source = work->call;
	data->transport = work->transport;
	data->reserved0 = 0;
	data->reserved1 = 0;
}

/* Puts the work's next bytes into the ring as one event. Returns how many bytes it told of. */
static u32 put_piece(struct work *work, u32 segment_bytes)
{
	bool stream = is_stream(work->transport);
	u32 size = stream ? sizeof(struct kymo_data) : sizeof(struct kymo_datagram);
	u32 wanted = work->sizes_only ? 0 : min3((u64)work->budget, (u64)segment_bytes, work->left);
	struct reservation reservation;
	void *event = ring_reserve(&reservation, size + wanted);
	u32 copied, length;

	if (!event) {
		count(KYMO_COUNT_SEEN_SEGMENTS, 1);
		count(KYMO_COUNT_SEEN_BYTES, work->left);
		count(KYMO_COUNT_LOST_RING_EVENTS, 1);
		count(KYMO_COUNT_LOST_RING_SEGMENTS, 1);
		count(KYMO_COUNT_LOST_RING_BYTES, work->left);
		return work->left;
	}
	copied = copy_payload(work, event + size, wanted);
	work->budget -= copied;
	length = !work->budget || work->faulted || work->sizes_only || !(work->base_left || work->iov_left) || !copied ? work->left : copied;
	fill_data(event, work, stream ? KYMO_TYPE_DATA : KYMO_TYPE_DATAGRAM, size, length, copied);
	if (!stream)
		memcpy(event + sizeof(struct kymo_data), (char *)&work->peer_told + sizeof(struct kymo_data), sizeof(struct kymo_datagram) - sizeof(struct kymo_data));
	ring_commit(&reservation, size + copied);
	count(KYMO_COUNT_SEEN_SEGMENTS, 1);
	count(KYMO_COUNT_SEEN_BYTES, length);
	count(KYMO_COUNT_PAYLOAD_BYTES, copied);
	if (work->sizes_only)
		count(KYMO_COUNT_SIZE_ONLY_BYTES, length);
	else if (length > copied && work->faulted)
		count(KYMO_COUNT_FAULT_BYTES, length - copied);
	else if (length > copied && !work->budget)
		count(KYMO_COUNT_BUDGET_BYTES, length - copied);
	return length;
}

/* Tells the message that stands in the work. */
void tell_message(struct work *work)
{
	const struct kymo_settings *knob = knobs();
	u32 segment_bytes = READ_ONCE(knob->segment_bytes), burst_bytes = READ_ONCE(knob->burst_bytes);
	bool stream = is_stream(work->transport);
	u16 remote = work->remote_port;
	struct state *state;

	if (!stream) {
		read_peer(work);
		tell_peer(&work->peer_told, work);
		remote = work->peer_told.peer_port;
	}
	if (!ports_in_scope(work, remote, false))
		return;
	state = state_of(work, STATE_PREEXISTING, KYMO_ROLE_UNKNOWN);
	if (!work->sequenced) {
		work->position = state->position[work->direction];
		state->position[work->direction] += work->left;
	}
	tell_facts(work, state);
	work->flags = state->direction == work->direction ? 0 : KYMO_FLAG_BURST_START;
	work->budget = state->budget;
	work->faulted = false;
	if (work->flags || !stream || (knob->burst_pause_ns && work->time_ns - state->last_ns > knob->burst_pause_ns))
		work->budget = burst_bytes;
	state->direction = work->direction;
	state->last_ns = work->time_ns;
	while (work->left) {
		u32 told = put_piece(work, segment_bytes);

		work->left -= told;
		work->position += told;
		if (work->sequenced)
			work->position = (u32)work->position;
		work->flags = (work->flags & ~KYMO_FLAG_BURST_START) | KYMO_FLAG_CONTINUED;
	}
	state->budget = work->budget;
}

/* Points the work's cursor at the buffers of a message. Returns false when it can not be read. */
bool use_header(struct work *work, const struct user_msghdr __user *header)
{
	struct user_msghdr message;

	if (!read_user(&message, header, sizeof(message))) {
		count(KYMO_COUNT_UNREADABLE_CALLS, 1);
		return false;
	}
	work->name = message.msg_namelen ? message.msg_name : NULL;
	work->iov = message.msg_iov;
	work->iov_left = min_t(u64, message.msg_iovlen, UIO_MAXIOV);
	work->base_left = 0;
	return true;
}

static u32 message_length(const struct mmsghdr __user *message)
{
	u32 length = 0;

	if (!read_user(&length, &message->msg_len, sizeof(length)))
		count(KYMO_COUNT_UNREADABLE_CALLS, 1);
	return length;
}

/* Bytes of all the messages of a sendmmsg or recvmmsg: on TCP the first one's position lies that far back. */
u32 sum_messages(const struct mmsghdr __user *vector, u32 messages)
{
	u32 i, sum = 0;

	for (i = 0; i < min_t(u32, messages, UIO_MAXIOV); i++)
		sum += message_length(vector + i);
	return sum;
}

void tell_messages(struct work *work, const struct mmsghdr __user *vector, u32 messages)
{
	u32 i;

	for (i = 0; i < min_t(u32, messages, UIO_MAXIOV); i++) {
		work->left = message_length(vector + i);
		if (work->left && use_header(work, &vector[i].msg_hdr))
			tell_message(work);
	}
}
