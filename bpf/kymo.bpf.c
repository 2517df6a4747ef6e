/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Kymo's capture. Tracepoints, each as tp_btf (cheaper) and as raw_tp (where tp_btf does not load); user space loads
 * one set. Nothing here needs more than Linux 5.10.
 *
 *   sys_enter             stamps writing calls and connect; tells closes, while the descriptor still is there
 *   sys_exit              all else: pt_regs still holds number and arguments
 *   inet_sock_set_state   results of connects under way, resets, and closes that no call of close shows
 *   sched_process_fork    children of filtered processes
 *   sched_process_exec, sched_process_exit
 *   tcp_retransmit_skb, tcp_send_reset, tcp_receive_reset, tcp_destroy_sock, kfree_skb
 *                         what the network does to TCP sockets, see tcp.h; the capture can do without
 *   and the iterator sample_sockets, which user space runs at an interval
 */
#include <linux/bpf.h>
#include <linux/errno.h>
#include <linux/types.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include "include/kernel.h"
#include "include/arch.h"
#include "include/wire.h"
#include "life.h"
#include "tls_library.h"
#include "tls_go.h"

char kymo_license[] SEC("license") = "Dual BSD/GPL";

#define REG(regs, typed, field) ((typed) ? (regs)->field : BPF_CORE_READ(regs, field))

static __always_inline struct stamp *stamp_of(__u64 pid_tgid)
{
	__u32 slot = (__u32)pid_tgid & (STAMPS - 1);
	return bpf_map_lookup_elem(&stamps, &slot);
}

/* When the current thread began the call that it is in: only of stamped calls. */
static __always_inline __u64 entry_time(void)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct stamp *stamp = stamp_of(pid_tgid);
	return stamp && stamp->pid_tgid == pid_tgid ? stamp->time_ns : bpf_ktime_get_ns();
}

static __always_inline int on_enter(const struct pt_regs *regs, __u64 number, bool typed)
{
	if (number >= KYMO_SYSCALLS)
		return 0;
	__u32 call = kymo_calls[number];
	if (kymo_stamped(call)) {
		__u64 pid_tgid = bpf_get_current_pid_tgid();
		struct stamp *stamp = stamp_of(pid_tgid);
		if (stamp) {
			stamp->time_ns = bpf_ktime_get_ns();
			stamp->pid_tgid = pid_tgid;
		}
		if (call == CALL_CONNECT && in_scope(knobs()) && !is_compat())
			expect_connect(bpf_get_smp_processor_id(), REG(regs, typed, KYMO_REGS_0), REG(regs, typed, KYMO_REGS_1));
		return 0;
	}
	if (call != CALL_CLOSE && call != CALL_DUP && call != CALL_CLOSE_RANGE)
		return 0;
	if (is_compat())
		return 0;
	__u64 now = bpf_ktime_get_ns();
	__u32 first = REG(regs, typed, KYMO_REGS_0);
	if (call == CALL_CLOSE) {
		close_descriptor(first, now);
		return 0;
	}
	__u32 second = REG(regs, typed, KYMO_REGS_1);
	if (call == CALL_CLOSE_RANGE) {
		__u32 flags = REG(regs, typed, KYMO_REGS_2);
		if (!(flags & CLOSE_RANGE_CLOEXEC) && first <= second)
			close_all(first, second, now);
	} else if (first != second && file_of(first)) {
		close_descriptor(second, now);
	}
	return 0;
}

static __always_inline bool reads(__u32 call)
{
	return call == KYMO_SOURCE_READ || call == KYMO_SOURCE_READV || call == KYMO_SOURCE_RECVFROM || call == KYMO_SOURCE_RECVMSG || call == KYMO_SOURCE_RECVMMSG;
}

/* Fills in where the buffers are. Returns false when the call moved no data of the stream. */
static __always_inline bool use_buffers(struct work *work)
{
	__u64 flags = 0;
	work->name = 0;
	work->iov_left = 0;
	work->base_left = 0;
	work->sizes_only = 0;
	switch (work->call) {
	case KYMO_SOURCE_READ:
	case KYMO_SOURCE_WRITE:
	case KYMO_SOURCE_SENDTO:
	case KYMO_SOURCE_RECVFROM:
		work->base = work->args[1];
		work->base_left = work->args[2];
		if (work->call == KYMO_SOURCE_SENDTO || work->call == KYMO_SOURCE_RECVFROM) {
			work->name = work->args[4];
			flags = work->args[3];
		}
		break;
	case KYMO_SOURCE_READV:
	case KYMO_SOURCE_WRITEV:
		work->iov = work->args[1];
		work->iov_left = work->args[2];
		break;
	case KYMO_SOURCE_SENDMSG:
	case KYMO_SOURCE_RECVMSG:
		flags = work->args[2];
		if (!use_header(work, work->args[1]))
			return false;
		break;
	case KYMO_SOURCE_SENDMMSG:
	case KYMO_SOURCE_RECVMMSG:
		flags = work->args[3];
		break;
	default:
		work->sizes_only = 1;
	}
	if (work->direction == KYMO_EGRESS)
		return true;
	if (flags & MSG_TRUNC && work->transport == KYMO_TRANSPORT_TCP)
		work->sizes_only = 1; /* tcp(7): the bytes are thrown away */
	return !(flags & (MSG_PEEK | MSG_ERRQUEUE | MSG_OOB));
}

/* A call that moved bytes. */
static __always_inline void on_data(__u32 cpu, struct work *work)
{
	__u32 call = work->call;
	work->direction = reads(call) ? KYMO_INGRESS : KYMO_EGRESS;
	if (!find_socket(cpu, work->args[0])) {
		if (call != KYMO_SOURCE_SPLICE || !find_socket(cpu, work->args[2]))
			return;
	} else if (call == KYMO_SOURCE_SPLICE) {
		work->direction = KYMO_INGRESS; /* from the socket into a pipe */
	}
	if (work->result == 0) {
		work->time_ns = bpf_ktime_get_ns();
		if (work->direction == KYMO_INGRESS)
			tell_half_close(cpu, 1 << KYMO_INGRESS);
		return;
	}
	if (!use_buffers(work))
		return;
	tls_tie(work);
	bool many = call == KYMO_SOURCE_SENDMMSG || call == KYMO_SOURCE_RECVMMSG;
	__u64 bytes = work->result;
	if (many && work->sequenced)
		bytes = (__u32)sum_messages(work->args[1], work->result);
	if (work->sequenced) {
		struct sock *sock = (void *)work->sock;
		struct tcp_sock *tcp = (void *)sock;
		__u32 end = work->direction == KYMO_INGRESS ? read_position(sock) : BPF_CORE_READ(tcp, write_seq);
		work->position = end - (__u32)bytes;
	}
	work->time_ns = work->direction == KYMO_EGRESS ? entry_time() : bpf_ktime_get_ns();
	if (many) {
		tell_messages(cpu, work->args[1], work->result);
		return;
	}
	work->left = bytes;
	tell_message(cpu);
}

static __always_inline void tell_process(struct task_struct *task, __u8 kind, struct inode *mapped);

static __always_inline void on_control(__u32 cpu, struct work *work)
{
	work->time_ns = work->call == CALL_CONNECT ? entry_time() : bpf_ktime_get_ns();
	switch (work->call) {
	case CALL_CONNECT:
		if (find_socket(cpu, work->args[0]))
			tell_connect(cpu);
		return;
	case CALL_ACCEPT:
		if (find_socket(cpu, work->result))
			tell_accept(cpu);
		return;
	case CALL_SOCKET:
		if (find_socket(cpu, work->result))
			note_socket(cpu);
		return;
	case CALL_SOCKETPAIR: {
		int pair[2];
		if (bpf_probe_read_user(pair, sizeof(pair), (void *)work->args[3]))
			return;
		if (find_socket(cpu, pair[0]))
			note_socket(cpu);
		if (find_socket(cpu, pair[1]))
			note_socket(cpu);
		return;
	}
	case CALL_SHUTDOWN: {
		int how = work->args[1];
		if (find_socket(cpu, work->args[0]))
			tell_half_close(cpu, how == SHUT_RDWR ? 1 << KYMO_INGRESS | 1 << KYMO_EGRESS : how == SHUT_WR ? 1 << KYMO_EGRESS : 1 << KYMO_INGRESS);
		return;
	}
	}
}

static __always_inline int on_exit(const struct pt_regs *regs, long result, bool typed)
{
	__u64 number = REG(regs, typed, KYMO_REGS_NR);
	if (number >= KYMO_SYSCALLS)
		return 0;
	__u32 call = kymo_calls[number];
	if (call == CALL_MMAP) {
		struct inode *mapped = tls_mapped(REG(regs, typed, KYMO_REGS_2), REG(regs, typed, KYMO_REGS_3), REG(regs, typed, KYMO_REGS_4));
		if (mapped && tls_in_scope())
			tell_process(current_task(), KYMO_PROCESS_MAP, mapped);
		return 0;
	}
	if (!call || call >= CALL_CLOSE || (result < 0 && call != CALL_CONNECT))
		return 0;
	if (!in_scope(knobs()))
		return 0;
	if (is_compat()) {
		count(KYMO_COUNT_COMPAT_CALLS, 1);
		return 0;
	}
	__u32 cpu = bpf_get_smp_processor_id();
	struct work *work = bpf_map_lookup_elem(&works, &cpu);
	if (!work)
		return 0;
	work->result = result;
	work->call = call;
	work->tgid = bpf_get_current_pid_tgid() >> 32;
	work->args[0] = REG(regs, typed, KYMO_REGS_0);
	work->args[1] = REG(regs, typed, KYMO_REGS_1);
	work->args[2] = REG(regs, typed, KYMO_REGS_2);
	work->args[3] = REG(regs, typed, KYMO_REGS_3);
	work->args[4] = REG(regs, typed, KYMO_REGS_4);
	work->peer_length = 0;
	if (call < CALL_CONNECT)
		on_data(cpu, work);
	else
		on_control(cpu, work);
	return 0;
}

/* Packets, timers and calls move a TCP socket on. Only sockets that were told matter, so the scope holds here too. */
static __always_inline int on_state(struct sock *sock, int before, int after)
{
	__u64 key = (__u64)sock;
	if (after == TCP_CLOSE)
		on_tcp_close(untyped((__u64)sock));
	struct state *state = bpf_map_lookup_elem(&sockets, &key);
	if (!state || !(state->flags & STATE_TOLD))
		return 0;
	struct socket *socket = BPF_CORE_READ(sock, sk_socket);
	struct file *file = BPF_CORE_READ(socket, file);
	__u64 inode = BPF_CORE_READ(file, f_inode, i_ino);
	if (inode && inode != state->inode)
		return 0;
	__u64 now = bpf_ktime_get_ns();
	__u8 transport = state->transport;
	int sequenced = is_sequenced(sock);
	int released = !file || references(file) <= 0;
	/* A packet or a timer interrupts whoever is running, unless the process itself is closing. */
	__u32 nobody = file && released ? 0 : LIFE_NOBODY;
	if (state->flags & STATE_CONNECTING && before == TCP_SYN_SENT) {
		int error = BPF_CORE_READ(sock, sk_err);
		if (!error && released)
			error = given_up(state);
		if (after == TCP_ESTABLISHED) {
			state->flags = (state->flags & ~STATE_CONNECTING) | STATE_OPENED;
			tell_end(sock, state, sequenced, after, LIFE(KYMO_LIFE_OPENED, transport, LIFE_NOBODY, 0), now);
		} else if (after == TCP_CLOSE && error) {
			tell_failed(state, error, LIFE_NOBODY, now);
			if (released)
				leave(key, state);
			return 0;
		}
	} else if (after == TCP_CLOSE && !released) {
		int error = BPF_CORE_READ(sock, sk_err);
		if (error)
			tell_end(sock, state, sequenced, before, LIFE(KYMO_LIFE_RESET, transport, LIFE_NOBODY, error), now);
	}
	if (released) {
		tell_end(sock, state, sequenced, before, LIFE(KYMO_LIFE_CLOSED, transport, nobody | LINGERS(state), 0), now);
		leave(key, state);
	} else if (after == TCP_FIN_WAIT1 || after == TCP_LAST_ACK) {
		state->flags |= STATE_FIN_SENT; /* as soon as this call is over */
	}
	return 0;
}

static __always_inline void tell_process(struct task_struct *task, __u8 kind, struct inode *mapped)
{
	struct kymo_process *event = event_reserve(sizeof(*event));
	if (!event) {
		count(KYMO_COUNT_LOST_RING_EVENTS, 1);
		return;
	}
	__builtin_memset(event, 0, sizeof(*event));
	head(&event->header, sizeof(*event), KYMO_TYPE_PROCESS, 0, bpf_ktime_get_ns(), mapped ? BPF_CORE_READ(mapped, i_ino) : 0);
	event->header.tgid = BPF_CORE_READ(task, tgid);
	event->header.tid = BPF_CORE_READ(task, pid);
	event->cgroup = task_cgroup(task);
	event->start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	event->parent = BPF_CORE_READ(task, real_parent, tgid);
	event->netns = task_netns(task);
	if (mapped)
		event->device = BPF_CORE_READ(mapped, i_sb, s_dev);
	else
		event->exit_code = kind == KYMO_PROCESS_EXIT ? BPF_CORE_READ(task, exit_code) : 0;
	event->kind = kind;
	task_comm(task, event->comm);
	event_submit(event);
	count(KYMO_COUNT_EVENTS, 1);
}

/* Scope of a process without a socket at hand: its own namespace counts. */
static __always_inline bool process_in_scope(struct task_struct *task)
{
	struct kymo_settings *knob = knobs();
	return in_scope(knob) && netns_in_scope(knob, task_netns(task));
}

static __always_inline int on_fork(struct task_struct *parent, struct task_struct *child)
{
	__u32 tgid = BPF_CORE_READ(child, tgid), from = BPF_CORE_READ(parent, tgid), one = 1;
	if (tgid != (__u32)BPF_CORE_READ(child, pid))
		return 0; /* a thread */
	struct kymo_settings *knob = knobs();
	if (!knob || knob->version != KYMO_WIRE_VERSION)
		return 0;
	if (knob->filters & KYMO_FILTER_PID && bpf_map_lookup_elem(&pids, &from) && bpf_map_update_elem(&pids, &tgid, &one, BPF_ANY))
		count(KYMO_COUNT_LOST_PID_MAP, 1);
	if (process_in_scope(parent))
		tell_process(child, KYMO_PROCESS_FORK, 0);
	return 0;
}

static __always_inline int on_exec(struct task_struct *task)
{
	if (process_in_scope(task))
		tell_process(task, KYMO_PROCESS_EXEC, 0);
	return 0;
}

static __always_inline int on_process_exit(struct task_struct *task)
{
	tls_forget_thread();
	if (BPF_CORE_READ(task, signal, live.counter) > 0)
		return 0;
	__u32 tgid = BPF_CORE_READ(task, tgid), slot = tgid & (EXITS - 1);
	if (!process_in_scope(task))
		return 0;
	__u64 mark = BPF_CORE_READ(task, group_leader, start_boottime) ^ tgid;
	__u64 *last = bpf_map_lookup_elem(&exits, &slot);
	if (!last || *last == mark)
		return 0;
	*last = mark;
	close_all(0, ~0U >> 1, bpf_ktime_get_ns());
	tell_process(task, KYMO_PROCESS_EXIT, 0);
	bpf_map_delete_elem(&pids, &tgid);
	return 0;
}

/*
 * A kernel leaves out a run of a program that is under way on the same CPU, and programs share the CPU's work. So they must not be preempted. Up to some
 * 7.x the kernel sees to that itself. Then it lets programs of sys_enter and sys_exit be preempted: while one waits, the calls of all other tasks on that
 * CPU are left out. Turning preemption off inside of a program does not help, because a task is changed just where it goes on again, before
 * the program's end. Only perf events still run without preemption: as such both are attached there (sys_enter_tp, sys_exit_tp).
 *
 * The object for kernels from 6.15 on (kymo-held.bpf.o) turns preemption off nevertheless: for programs of functions, see tls.h, and so that
 * nothing that is shared is spoilt, if other tracepoints should be run so one day. Earlier verifiers do not let that pass.
 */

/* The context is an array of the tracepoint's arguments in both kinds; in tp_btf they are typed. */
#define PROGRAM(section, name, body)                            \
	SEC(section)                                            \
	int name(__u64 *ctx)                                    \
	{                                                       \
		bpf_preempt_disable();                          \
		transport_begin();                              \
		body;                                           \
		transport_end(ctx);                             \
		bpf_preempt_enable();                           \
		return 0;                                       \
	}
#ifdef KYMO_HELD
#define RAW_PROGRAM(section, name, body)
#else
#define RAW_PROGRAM PROGRAM
#endif
#define BOTH(tracepoint, body_typed, body_raw)            \
	PROGRAM("tp_btf/" #tracepoint, tracepoint##_btf, body_typed) \
	RAW_PROGRAM("raw_tp/" #tracepoint, tracepoint##_raw, body_raw)
#define BOTH_SAME(tracepoint, body) BOTH(tracepoint, body, body)

BOTH(sys_enter, on_enter((void *)ctx[0], ctx[1], true), on_enter((void *)ctx[0], ctx[1], false))
BOTH(sys_exit, on_exit((void *)ctx[0], ctx[1], true), on_exit((void *)ctx[0], ctx[1], false))
#ifdef KYMO_HELD
/* struct trace_event_raw_sys_enter and _exit: 8 bytes common to all events, number of the call, its result or arguments. */
#define TASK_REGS() ((void *)bpf_task_pt_regs(bpf_get_current_task_btf()))
PROGRAM("tp/raw_syscalls/sys_enter", sys_enter_tp, on_enter(TASK_REGS(), ctx[1], true))
PROGRAM("tp/raw_syscalls/sys_exit", sys_exit_tp, on_exit(TASK_REGS(), ctx[2], true))
#endif
BOTH_SAME(inet_sock_set_state, on_state((void *)ctx[0], ctx[1], ctx[2]))
BOTH_SAME(sched_process_fork, on_fork((void *)ctx[0], (void *)ctx[1]))
BOTH_SAME(sched_process_exec, on_exec((void *)ctx[0]))
BOTH_SAME(sched_process_exit, on_process_exit((void *)ctx[0]))
BOTH_SAME(tcp_retransmit_skb, on_retransmit(ctx))
BOTH_SAME(tcp_send_reset, on_reset_sent(ctx))
BOTH_SAME(tcp_receive_reset, on_tcp(untyped(ctx[0]), KYMO_TCP_RESET_RECEIVED, 0))
BOTH_SAME(tcp_destroy_sock, on_destroy(untyped(ctx[0])))
PROGRAM("tp_btf/kfree_skb", tcp_drop_btf, on_drop(ctx))
RAW_PROGRAM("raw_tp/kfree_skb", tcp_drop_raw, on_drop(ctx))
PROGRAM("iter/bpf_map_elem", sample_sockets, on_sample(ctx))
