// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* The scope. First the current task, which is cheap; then, when the socket is known, its namespace and ports. */
#include <linux/bitmap.h>
#include <linux/cgroup.h>
#include <linux/hash.h>
#include <linux/in.h>
#include <linux/mutex.h>
#include <linux/nsproxy.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include <net/net_namespace.h>
#include "kymo.h"

#define WAYS 16
#define COMMS_MAX 256

/* A set of numbers other than 0; readers take no lock. */
struct numbers {
	u32 bits; /* of the number of buckets */
	raw_spinlock_t lock;
	u32 *places; /* WAYS a bucket */
};

static struct kymo_settings settings; /* version 0: nothing is told */
static struct numbers netns, pids, excluded_pids;
static DECLARE_BITMAP(ports_only, 65536);
static DECLARE_BITMAP(ports_excluded, 65536);
static DECLARE_BITMAP(ports_own, 65536); /* excluded at 127.0.0.1 in the collector's network namespace */
static u32 own_netns;
static u8 comms[COMMS_MAX][16];
static u32 comms_set;
static u64 cgroups[KYMO_CGROUPS_MAX];
static u32 cgroups_set;

static int numbers_make(struct numbers *set, u32 bits)
{
	set->bits = bits;
	raw_spin_lock_init(&set->lock);
	set->places = vzalloc(sizeof(u32) * WAYS << bits);
	return set->places ? 0 : -ENOMEM;
}

static u32 *bucket_of(const struct numbers *set, u32 number)
{
	return set->places + WAYS * hash_32(number, set->bits);
}

static u32 *place_of(const struct numbers *set, u32 sought, u32 number)
{
	u32 *bucket = bucket_of(set, number);
	int i;

	for (i = 0; i < WAYS; i++)
		if (READ_ONCE(bucket[i]) == sought)
			return bucket + i;
	return NULL;
}

static bool numbers_have(const struct numbers *set, u32 number)
{
	return number && place_of(set, number, number);
}

static int numbers_add(struct numbers *set, u32 number)
{
	unsigned long irq;
	u32 *place;

	if (!number)
		return -EINVAL;
	raw_spin_lock_irqsave(&set->lock, irq);
	place = place_of(set, number, number);
	if (!place)
		place = place_of(set, 0, number);
	if (place)
		WRITE_ONCE(*place, number);
	raw_spin_unlock_irqrestore(&set->lock, irq);
	return place ? 0 : -E2BIG;
}

static void numbers_remove(struct numbers *set, u32 number)
{
	unsigned long irq;
	u32 *place;

	raw_spin_lock_irqsave(&set->lock, irq);
	place = number ? place_of(set, number, number) : NULL;
	if (place)
		WRITE_ONCE(*place, 0);
	raw_spin_unlock_irqrestore(&set->lock, irq);
}

int scope_make(void)
{
	memset(&settings, 0, sizeof(settings));
	bitmap_zero(ports_only, 65536);
	bitmap_zero(ports_excluded, 65536);
	bitmap_zero(ports_own, 65536);
	comms_set = 0;
	cgroups_set = 0;
	if (numbers_make(&netns, 7) || numbers_make(&pids, 12) || numbers_make(&excluded_pids, 7)) {
		scope_free();
		return -ENOMEM;
	}
	return 0;
}

static void numbers_free(struct numbers *set)
{
	vfree(set->places);
	set->places = NULL;
}

void scope_free(void)
{
	numbers_free(&netns);
	numbers_free(&pids);
	numbers_free(&excluded_pids);
}

void scope_set(const struct kymo_settings *wanted)
{
	WRITE_ONCE(settings.version, 0);
	smp_wmb();
	settings.filters = wanted->filters;
	settings.own_tgid = current->tgid; /* as it is called here, not in the collector's pid namespace */
	own_netns = task_netns(current);
	settings.cgroups = cgroups_set;
	settings.burst_bytes = wanted->burst_bytes;
	settings.segment_bytes = min_t(u32, wanted->segment_bytes, KYMO_PAYLOAD_MAX);
	settings.burst_pause_ns = wanted->burst_pause_ns;
	smp_store_release(&settings.version, wanted->version);
}

static unsigned long *ports_of(u32 set)
{
	return set == KYMO_FILTER_PORT ? ports_only : set == KYMO_FILTER_EXCLUDED_PORT ? ports_excluded : ports_own;
}

int scope_add(const struct kymo_member *member)
{
	switch (member->set) {
	case KYMO_FILTER_NETNS:
		return numbers_add(&netns, member->number);
	case KYMO_FILTER_PID:
		return numbers_add(&pids, member->number);
	case KYMO_FILTER_EXCLUDED_PID:
		return numbers_add(&excluded_pids, member->number);
	case KYMO_FILTER_PORT:
	case KYMO_FILTER_EXCLUDED_PORT:
	case KYMO_SET_OWN_PORT:
		if (member->number > 65535)
			return -EINVAL;
		set_bit(member->number, ports_of(member->set));
		return 0;
	case KYMO_FILTER_COMM:
		if (comms_set >= COMMS_MAX)
			return -E2BIG;
		memcpy(comms[comms_set], member->text, 16);
		comms[comms_set][15] = 0;
		smp_store_release(&comms_set, comms_set + 1);
		return 0;
	case KYMO_FILTER_CGROUP:
		if (cgroups_set >= KYMO_CGROUPS_MAX)
			return -E2BIG;
		cgroups[cgroups_set] = member->cgroup;
		smp_store_release(&cgroups_set, cgroups_set + 1);
		return 0;
	}
	return -EINVAL;
}

int scope_remove(const struct kymo_member *member)
{
	switch (member->set) {
	case KYMO_FILTER_NETNS:
		numbers_remove(&netns, member->number);
		return 0;
	case KYMO_FILTER_PID:
		numbers_remove(&pids, member->number);
		return 0;
	case KYMO_FILTER_EXCLUDED_PID:
		numbers_remove(&excluded_pids, member->number);
		return 0;
	}
	return -EINVAL;
}

int scope_clear(u32 set)
{
	struct numbers *numbers = NULL;

	switch (set) {
	case KYMO_FILTER_NETNS:
		numbers = &netns;
		break;
	case KYMO_FILTER_PID:
		numbers = &pids;
		break;
	case KYMO_FILTER_EXCLUDED_PID:
		numbers = &excluded_pids;
		break;
	case KYMO_FILTER_PORT:
	case KYMO_FILTER_EXCLUDED_PORT:
	case KYMO_SET_OWN_PORT:
		bitmap_zero(ports_of(set), 65536);
		return 0;
	case KYMO_FILTER_COMM:
		WRITE_ONCE(comms_set, 0);
		return 0;
	case KYMO_FILTER_CGROUP:
		WRITE_ONCE(cgroups_set, 0);
		return 0;
	default:
		return -EINVAL;
	}
	memset(numbers->places, 0, sizeof(u32) * WAYS << numbers->bits);
	return 0;
}

const struct kymo_settings *knobs(void)
{
	return &settings;
}

u32 task_netns(struct task_struct *task)
{
	struct nsproxy *proxy = READ_ONCE(task->nsproxy);

	return proxy && proxy->net_ns ? proxy->net_ns->ns.inum : 0;
}

u64 cgroup_of(struct task_struct *task)
{
	u64 id;

	rcu_read_lock();
	id = cgroup_id(task_dfl_cgroup(task));
	rcu_read_unlock();
	return id;
}

/* Name of the process: threads name themselves as they like. */
void task_name(struct task_struct *task, u8 comm[16])
{
	rcu_read_lock();
	memcpy(comm, READ_ONCE(task->group_leader)->comm, 16);
	rcu_read_unlock();
	comm[15] = 0;
}

static bool in_comms(void)
{
	u32 i, known = smp_load_acquire(&comms_set);
	u8 comm[16];

	task_name(current, comm);
	for (i = 0; i < known; i++)
		if (!strncmp(comm, comms[i], 16))
			return true;
	return false;
}

static bool in_cgroups(void)
{
	u32 i, known = smp_load_acquire(&cgroups_set);
	struct cgroup *cgroup;
	bool found = false;

	rcu_read_lock();
	for (cgroup = task_dfl_cgroup(current); cgroup && !found; cgroup = cgroup_parent(cgroup))
		for (i = 0; i < known; i++)
			if (cgroup_id(cgroup) == cgroups[i])
				found = true;
	rcu_read_unlock();
	return found;
}

bool in_scope(void)
{
	u32 tgid = current->tgid, filters;

	if (smp_load_acquire(&settings.version) != KYMO_WIRE_VERSION || tgid == settings.own_tgid)
		return false;
	filters = READ_ONCE(settings.filters);
	if (filters & KYMO_FILTER_PID && !numbers_have(&pids, tgid))
		return false;
	if (filters & KYMO_FILTER_EXCLUDED_PID && numbers_have(&excluded_pids, tgid))
		return false;
	if (filters & KYMO_FILTER_COMM && !in_comms())
		return false;
	return !(filters & KYMO_FILTER_CGROUP) || in_cgroups();
}

bool netns_in_scope(u32 inum)
{
	return !(READ_ONCE(settings.filters) & KYMO_FILTER_NETNS) || numbers_have(&netns, inum);
}

/* At 127.0.0.1 in the collector's network namespace? (The kernel writes 127.0.0.6 where addresses are IPv6.) */
static bool is_own(const struct work *work, bool named)
{
	__be32 host = htonl(INADDR_LOOPBACK);

	if (work->netns != own_netns || work->family == AF_UNIX)
		return false;
	return work->sock->sk_rcv_saddr == host || work->sock->sk_daddr == host || (named && work->peer_length == 4 && !memcmp(work->peer, &host, 4));
}

bool ports_in_scope(const struct work *work, u16 remote, bool named)
{
	u32 filters = READ_ONCE(settings.filters);
	u16 local = work->local_port;

	if (filters & KYMO_FILTER_EXCLUDED_PORT) {
		if (test_bit(local, ports_excluded) || test_bit(remote, ports_excluded))
			return false;
		if ((test_bit(local, ports_own) || test_bit(remote, ports_own)) && is_own(work, named))
			return false;
	}
	return !(filters & KYMO_FILTER_PORT) || test_bit(local, ports_only) || test_bit(remote, ports_only);
}

void pids_follow(u32 parent, u32 child)
{
	if (smp_load_acquire(&settings.version) != KYMO_WIRE_VERSION)
		return;
	if (READ_ONCE(settings.filters) & KYMO_FILTER_PID && numbers_have(&pids, parent) && numbers_add(&pids, child))
		count(KYMO_COUNT_LOST_PID_MAP, 1);
}

void pids_forget(u32 pid)
{
	if (READ_ONCE(settings.filters) & KYMO_FILTER_PID)
		numbers_remove(&pids, pid);
}
