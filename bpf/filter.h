/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The scope. First the current task, which is cheap; then, when the socket is known, its namespace and ports. */
#ifndef KYMO_FILTER_H
#define KYMO_FILTER_H

#include "maps.h"

static __always_inline struct task_struct *current_task(void)
{
	return (struct task_struct *)bpf_get_current_task();
}

/*
 * bpf_get_current_task_btf (5.11) gives a pointer that can be followed with plain loads, which is cheaper than a call of a
 * helper for each step. Where it is missing, the relocation is false and the verifier never sees that branch.
 */
static __always_inline int has_typed_task(void)
{
	return bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf);
}

static __always_inline int is_compat(void)
{
	if (has_typed_task()) {
		struct task_struct *task = (void *)bpf_get_current_task_btf();
		return !!(task->thread_info.KYMO_COMPAT_FIELD & KYMO_COMPAT_MASK);
	}
	return !!(BPF_CORE_READ(current_task(), thread_info.KYMO_COMPAT_FIELD) & KYMO_COMPAT_MASK);
}

static __always_inline __u32 task_netns(struct task_struct *task)
{
	return BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
}

static __always_inline __u64 task_cgroup(struct task_struct *task)
{
	return BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
}

/* Name of the process: threads name themselves as they like. */
static __always_inline void task_comm(struct task_struct *task, __u8 comm[16])
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	bpf_probe_read_kernel(comm, 16, __builtin_preserve_access_index(&leader->comm));
}

static __always_inline int in_cgroups(__u32 cgroups_set)
{
	for (__u32 i = 0; i < KYMO_CGROUPS_MAX; i++) {
		if (i >= cgroups_set)
			return 0;
		if (bpf_current_task_under_cgroup(&cgroups, i) == 1)
			return 1;
	}
	return 0;
}

/* May what the current task does be told? All filters that need no socket. */
static __always_inline int in_scope(const struct kymo_settings *knob)
{
	if (!knob || knob->version != KYMO_WIRE_VERSION)
		return 0;
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	__u32 filters = knob->filters;
	if (tgid == knob->own_tgid)
		return 0;
	if (filters & KYMO_FILTER_PID && !bpf_map_lookup_elem(&pids, &tgid))
		return 0;
	if (filters & KYMO_FILTER_EXCLUDED_PID && bpf_map_lookup_elem(&excluded_pids, &tgid))
		return 0;
	if (filters & KYMO_FILTER_COMM) {
		struct comm comm = {};
		task_comm(current_task(), (__u8 *)comm.text);
		if (!bpf_map_lookup_elem(&comms, &comm))
			return 0;
	}
	if (filters & KYMO_FILTER_CGROUP && !in_cgroups(knob->cgroups))
		return 0;
	return 1;
}

static __always_inline int netns_in_scope(const struct kymo_settings *knob, __u32 inum)
{
	if (!(knob->filters & KYMO_FILTER_NETNS))
		return 1;
	__u32 *rule = bpf_map_lookup_elem(&netns, &inum);
	return rule && *rule & KYMO_NETNS_ONLY;
}

#endif
