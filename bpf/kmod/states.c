// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The sockets that are kept in mind: buckets of a few places each, all made at once. In a full bucket the one that was
 * not used for longest gives way. Readers take no lock: places stay where they are until the module ends, and a place
 * that changes hands meanwhile is known by its inode.
 */
#include <linux/hash.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include "kymo.h"

#define WAYS 8
#define STATES_MAX (4U << 20)

struct bucket {
	raw_spinlock_t lock;
	struct state places[WAYS];
};

static struct bucket *buckets;
static u32 bits;

int states_make(u32 wanted)
{
	u32 i;

	if (!wanted || wanted > STATES_MAX)
		return -EINVAL;
	bits = max(ilog2(roundup_pow_of_two(DIV_ROUND_UP(wanted, WAYS))), 1);
	buckets = vzalloc(sizeof(*buckets) << bits);
	if (!buckets)
		return -ENOMEM;
	for (i = 0; i < 1U << bits; i++)
		raw_spin_lock_init(&buckets[i].lock);
	return 0;
}

void states_free(void)
{
	vfree(buckets);
	buckets = NULL;
}

static struct bucket *bucket_of(struct sock *sock)
{
	return &buckets[hash_ptr(sock, bits)];
}

struct state *state_find(struct sock *sock)
{
	struct bucket *bucket = bucket_of(sock);
	int i;

	for (i = 0; i < WAYS; i++) {
		struct state *state = &bucket->places[i];

		if (READ_ONCE(state->sock) == sock) {
			state->used_ns = ktime_get_ns();
			return state;
		}
	}
	return NULL;
}

struct state *state_take(const struct state *fresh, struct state *before)
{
	struct bucket *bucket = bucket_of(fresh->sock);
	struct state *best = &bucket->places[0];
	unsigned long irq;
	int i;

	raw_spin_lock_irqsave(&bucket->lock, irq);
	for (i = 0; i < WAYS; i++) {
		struct state *state = &bucket->places[i];

		if (state->sock == fresh->sock) {
			best = state;
			break;
		}
		if (best->sock && (!state->sock || state->used_ns < best->used_ns))
			best = state;
	}
	*before = *best;
	WRITE_ONCE(best->sock, NULL);
	smp_wmb(); /* a reader sees the place as free, or as it will be, not the old socket's name on new contents */
	memcpy((char *)best + sizeof(best->sock), (const char *)fresh + sizeof(fresh->sock), sizeof(*best) - sizeof(best->sock));
	best->used_ns = ktime_get_ns();
	smp_store_release(&best->sock, fresh->sock);
	raw_spin_unlock_irqrestore(&bucket->lock, irq);
	return best;
}

void state_forget(struct state *state, struct sock *sock)
{
	struct bucket *bucket = bucket_of(sock);
	unsigned long irq;

	raw_spin_lock_irqsave(&bucket->lock, irq);
	if (state->sock == sock) {
		WRITE_ONCE(state->sock, NULL);
		count(KYMO_COUNT_SOCKETS_FORGOTTEN, 1);
	}
	raw_spin_unlock_irqrestore(&bucket->lock, irq);
}

/*
 * Copies the state of a place and holds its TCP socket; false when there is none that is followed. The memory is the socket's: as long as its place is not
 * given up, which tcp_destroy_sock does under the same lock, TCP has not let go of it. What is written without the lock (flags) may be another socket's that had
 * the place before; that it is a TCP socket is written with it.
 */
static bool hold(struct bucket *bucket, const struct state *state, struct state *copy)
{
	unsigned long irq;
	bool held;

	raw_spin_lock_irqsave(&bucket->lock, irq);
	*copy = *state;
	held = copy->sock && copy->sequenced && (copy->flags & STATE_TOLD || copy->tcp & STATE_ORPHAN) && refcount_inc_not_zero(&copy->sock->sk_refcnt);
	raw_spin_unlock_irqrestore(&bucket->lock, irq);
	return held;
}

static void keep(struct bucket *bucket, struct state *state, const struct state *copy)
{
	unsigned long irq;

	raw_spin_lock_irqsave(&bucket->lock, irq);
	if (state->sock == copy->sock && state->inode == copy->inode) {
		state->windows = copy->windows;
		state->figures = copy->figures;
	}
	raw_spin_unlock_irqrestore(&bucket->lock, irq);
}

void states_look(void (*look)(struct sock *sock, struct state *copy))
{
	u32 i;
	int j;

	for (i = 0; i < 1U << bits; i++) {
		for (j = 0; j < WAYS; j++) {
			struct state *state = &buckets[i].places[j], copy;

			if (!READ_ONCE(state->sock) || !READ_ONCE(state->sequenced) || !hold(&buckets[i], state, &copy))
				continue;
			look(copy.sock, &copy);
			keep(&buckets[i], state, &copy);
			sock_put(copy.sock);
		}
		cond_resched();
	}
}
