// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Where the kernel calls: the tracepoints that the eBPF programs use, too. Modules may not link to those of system calls
 * and processes by name, so they are found by looking at all.
 *
 *   sys_enter             stamps writing calls and connect; tells closes, while the descriptor still is there
 *   sys_exit              all else: pt_regs still holds number and arguments
 *   inet_sock_set_state   results of connects under way, resets, and closes that no call of close shows
 *   sched_process_*       children of filtered processes, names, ends
 *   tcp_*, kfree_skb      what the network does to TCP sockets, see tcp.c
 */
#include <linux/compat.h>
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/preempt.h>
#include <linux/sched/signal.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <asm/syscall.h>
#include <net/tcp_states.h>
#include "kymo.h"

#define CLOSE_RANGE_CLOEXEC_FLAG 4
#define STAMPS 65536
#define EXITS 4096

/* When a thread entered its latest writing call. Direct mapped by tid: colliding threads lose precision, nothing else. */
static struct { pid_t pid; u64 time_ns; } stamps[STAMPS];
/* Which process's end was told last, by tgid: several threads may see that all are gone. */
static u64 exits[EXITS];

static u64 entry_time(void)
{
	u32 slot = current->pid & (STAMPS - 1);

	return READ_ONCE(stamps[slot].pid) == current->pid ? READ_ONCE(stamps[slot].time_ns) : ktime_get_ns();
}

static void close_by(u32 call, const unsigned long *args, u64 now)
{
	u32 first = args[0], second = args[1];
	struct file *file;

	if (call == CALL_CLOSE) {
		close_descriptor(first, now);
	} else if (call == CALL_CLOSE_RANGE) {
		if (!(args[2] & CLOSE_RANGE_CLOEXEC_FLAG) && first <= second)
			close_all(first, second, now);
	} else if (first != second && (file = fget(first))) {
		fput(file);
		close_descriptor(second, now);
	}
}

static void on_connect(struct pt_regs *regs)
{
	struct work work;

	memset(&work, 0, sizeof(work));
	work.call = CALL_CONNECT;
	work.time_ns = ktime_get_ns();
	syscall_get_arguments(current, regs, work.args);
	preempt_disable(); /* from 6.13 on, these two tracepoints are not called so */
	expect_connect(&work);
	let_go(&work);
	preempt_enable();
}

static void on_enter(void *unused, struct pt_regs *regs, long number)
{
	unsigned long args[6];
	u32 call;

	if (number < 0 || number >= KYMO_SYSCALLS || !kymo_calls[number])
		return;
	call = kymo_calls[number];
	if (kymo_stamped(call)) {
		u32 slot = current->pid & (STAMPS - 1);

		WRITE_ONCE(stamps[slot].pid, 0);
		WRITE_ONCE(stamps[slot].time_ns, ktime_get_ns());
		WRITE_ONCE(stamps[slot].pid, current->pid);
		if (call == CALL_CONNECT && in_scope() && !in_compat_syscall())
			on_connect(regs);
		return;
	}
	if (call != CALL_CLOSE && call != CALL_DUP && call != CALL_CLOSE_RANGE)
		return;
	if (in_compat_syscall())
		return;
	syscall_get_arguments(current, regs, args);
	preempt_disable();
	close_by(call, args, ktime_get_ns());
	preempt_enable();
}

static bool reads(u32 call)
{
	return call == KYMO_SOURCE_READ || call == KYMO_SOURCE_READV || call == KYMO_SOURCE_RECVFROM || call == KYMO_SOURCE_RECVMSG || call == KYMO_SOURCE_RECVMMSG;
}

/* Fills in where the buffers are. Returns false when the call moved no data of the stream. */
static bool use_buffers(struct work *work)
{
	u64 flags = 0;

	switch (work->call) {
	case KYMO_SOURCE_READ:
	case KYMO_SOURCE_WRITE:
	case KYMO_SOURCE_SENDTO:
	case KYMO_SOURCE_RECVFROM:
		work->base = (void __user *)work->args[1];
		work->base_left = work->args[2];
		if (work->call == KYMO_SOURCE_SENDTO || work->call == KYMO_SOURCE_RECVFROM) {
			work->name = (void __user *)work->args[4];
			flags = work->args[3];
		}
		break;
	case KYMO_SOURCE_READV:
	case KYMO_SOURCE_WRITEV:
		work->iov = (void __user *)work->args[1];
		work->iov_left = min_t(u64, work->args[2], UIO_MAXIOV);
		break;
	case KYMO_SOURCE_SENDMSG:
	case KYMO_SOURCE_RECVMSG:
		flags = work->args[2];
		if (!use_header(work, (void __user *)work->args[1]))
			return false;
		break;
	case KYMO_SOURCE_SENDMMSG:
	case KYMO_SOURCE_RECVMMSG:
		flags = work->args[3];
		break;
	default:
		work->sizes_only = true;
	}
	if (work->direction == KYMO_EGRESS)
		return true;
	if (flags & MSG_TRUNC && work->transport == KYMO_TRANSPORT_TCP)
		work->sizes_only = true; /* tcp(7): the bytes are thrown away */
	return !(flags & (MSG_PEEK | MSG_ERRQUEUE | MSG_OOB));
}

/* A call that moved bytes. */
static void on_data(struct work *work)
{
	u32 call = work->call;
	bool many = call == KYMO_SOURCE_SENDMMSG || call == KYMO_SOURCE_RECVMMSG;
	u64 bytes = work->result;

	work->direction = reads(call) ? KYMO_INGRESS : KYMO_EGRESS;
	if (!find_socket(work, work->args[0])) {
		if (call != KYMO_SOURCE_SPLICE || !find_socket(work, work->args[2]))
			return;
	} else if (call == KYMO_SOURCE_SPLICE) {
		work->direction = KYMO_INGRESS; /* from the socket into a pipe */
	}
	if (!work->result) {
		work->time_ns = ktime_get_ns();
		if (work->direction == KYMO_INGRESS)
			tell_half_close(work, 1 << KYMO_INGRESS);
		return;
	}
	if (!use_buffers(work))
		return;
	if (many && work->sequenced)
		bytes = sum_messages((void __user *)work->args[1], work->result);
	if (work->sequenced) {
		u32 end = work->direction == KYMO_INGRESS ? read_position(work->sock) : written_position(work->sock, 0, false);

		work->position = end - (u32)bytes;
	}
	work->time_ns = work->direction == KYMO_EGRESS ? entry_time() : ktime_get_ns();
	if (many) {
		tell_messages(work, (void __user *)work->args[1], work->result);
		return;
	}
	work->left = bytes;
	tell_message(work);
}

static void on_pair(struct work *work)
{
	int pair[2], i;

	if (!read_user(pair, (void __user *)work->args[3], sizeof(pair)))
		return;
	for (i = 0; i < 2; i++) {
		if (find_socket(work, pair[i]))
			note_socket(work);
		let_go(work);
	}
}

static void on_control(struct work *work)
{
	int how = work->args[1];

	work->time_ns = work->call == CALL_CONNECT ? entry_time() : ktime_get_ns();
	switch (work->call) {
	case CALL_CONNECT:
		if (find_socket(work, work->args[0]))
			tell_connect(work);
		return;
	case CALL_ACCEPT:
		if (find_socket(work, work->result))
			tell_accept(work);
		return;
	case CALL_SOCKET:
		if (find_socket(work, work->result))
			note_socket(work);
		return;
	case CALL_SOCKETPAIR:
		on_pair(work);
		return;
	case CALL_SHUTDOWN:
		if (find_socket(work, work->args[0]))
			tell_half_close(work, how == SHUT_RDWR ? 1 << KYMO_INGRESS | 1 << KYMO_EGRESS : how == SHUT_WR ? 1 << KYMO_EGRESS : 1 << KYMO_INGRESS);
		return;
	}
}

static void on_exit(void *unused, struct pt_regs *regs, long result)
{
	long number = syscall_get_nr(current, regs);
	struct work work;
	u32 call;

	if (number < 0 || number >= KYMO_SYSCALLS)
		return;
	call = kymo_calls[number];
	if (!call || call >= CALL_CLOSE || (result < 0 && call != CALL_CONNECT) || !in_scope())
		return;
	if (in_compat_syscall()) {
		count(KYMO_COUNT_COMPAT_CALLS, 1);
		return;
	}
	memset(&work, 0, sizeof(work));
	work.result = result;
	work.call = call;
	syscall_get_arguments(current, regs, work.args);
	preempt_disable();
	if (call < CALL_CONNECT)
		on_data(&work);
	else
		on_control(&work);
	let_go(&work);
	preempt_enable();
}

static void on_fork(void *unused, struct task_struct *parent, struct task_struct *child)
{
	if (child->tgid != child->pid)
		return; /* a thread */
	pids_follow(parent->tgid, child->tgid);
	if (process_in_scope(parent))
		tell_process(child, KYMO_PROCESS_FORK);
}

static void on_exec(void *unused, struct task_struct *task)
{
	if (process_in_scope(task))
		tell_process(task, KYMO_PROCESS_EXEC);
}

static void on_process_exit(void *unused, struct task_struct *task)
{
	u64 mark = READ_ONCE(task->group_leader)->start_boottime ^ task->tgid;
	u64 *last = &exits[task->tgid & (EXITS - 1)];

	if (atomic_read(&task->signal->live) > 0 || !process_in_scope(task) || xchg(last, mark) == mark)
		return;
	close_all(0, INT_MAX, ktime_get_ns());
	tell_process(task, KYMO_PROCESS_EXIT);
	pids_forget(task->tgid);
}

static struct hook hooks[] = {
	{ "sys_enter", on_enter },
	{ "sys_exit", on_exit },
	{ "inet_sock_set_state", on_state },
	{ "sched_process_fork", on_fork },
	{ "sched_process_exec", on_exec },
	{ "sched_process_exit", on_process_exit },
};

/* In the order of attaching: a TCP socket may only be remembered when its end is certain to be noticed. */
static const struct { struct hook *first; int count; } sets[] = { { tcp_hooks, TCP_HOOKS }, { hooks, ARRAY_SIZE(hooks) } };

static void note_tracepoint(struct tracepoint *at, void *unused)
{
	int set, i;

	for (set = 0; set < ARRAY_SIZE(sets); set++)
		for (i = 0; i < sets[set].count; i++)
			if (!strcmp(at->name, sets[set].first[i].name))
				sets[set].first[i].at = at;
}

int hooks_find(void)
{
	int set, i;

	for_each_kernel_tracepoint(note_tracepoint, NULL);
	for (set = 0; set < ARRAY_SIZE(sets); set++) {
		for (i = 0; i < sets[set].count; i++) {
			if (!sets[set].first[i].at) {
				pr_err("kymo: this kernel has no tracepoint %s\n", sets[set].first[i].name);
				return -ENOENT;
			}
		}
	}
	return 0;
}

static int attach(struct hook *hook)
{
	int error = tracepoint_probe_register(hook->at, hook->probe, NULL);

	hook->attached = !error;
	return error;
}

int hooks_start(void)
{
	int set, i, error = 0;

	memset(stamps, 0, sizeof(stamps));
	memset(exits, 0, sizeof(exits));
	for (set = 0; set < ARRAY_SIZE(sets); set++)
		for (i = 0; i < sets[set].count && !error; i++)
			error = attach(&sets[set].first[i]);
	if (error)
		hooks_stop();
	return error;
}

void hooks_stop(void)
{
	int set, i;

	for (set = ARRAY_SIZE(sets) - 1; set >= 0; set--) {
		for (i = 0; i < sets[set].count; i++) {
			struct hook *hook = &sets[set].first[i];

			if (hook->attached)
				tracepoint_probe_unregister(hook->at, hook->probe, NULL);
			hook->attached = false;
		}
	}
	tracepoint_synchronize_unregister(); /* after it nobody is inside */
}
