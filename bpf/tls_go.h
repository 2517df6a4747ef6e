/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Go's crypto/tls. Goroutines move between threads and their stacks move in memory, so a call is known by its goroutine, its end by the function's
 * RET instructions (a return probe would break when the stack is copied), and a session's socket by the structs that it points to, whose
 * offsets user space gives for each program.
 *
 * Arguments and results are in registers: Go's own ABI, see include/arch.h.
 */
#ifndef KYMO_TLS_GO_H
#define KYMO_TLS_GO_H

#include "tls_tell.h"

struct tls_go_id { __u64 goroutine; __u64 tgid; };

/* By the inode of the program's file. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct kymo_go_layout);
} tls_go_layouts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct tls_go_id);
	__type(value, struct tls_call);
} tls_go_calls SEC(".maps");

#define GO_NESTED_MAX 4

static __always_inline struct kymo_go_layout *go_layout(void)
{
	__u64 inode = BPF_CORE_READ(current_task(), mm, exe_file, f_inode, i_ino);
	return bpf_map_lookup_elem(&tls_go_layouts, &inode);
}

/* From a *tls.Conn to its socket: interface net.Conn -> *net.TCPConn -> *netFD -> poll.FD.Sysfd */
static __always_inline void go_tie(struct tls_session *session, __u64 conn, struct kymo_go_layout *layout)
{
	struct { __u64 type; __u64 data; } interface = {};
	__u64 net_fd = 0, inode = 0;
	int fd = -1;
	if (bpf_probe_read_user(&interface, sizeof(interface), (void *)(conn + layout->conn)))
		return;
	if (layout->tcp_type && interface.type != layout->tcp_type)
		return; /* some other net.Conn around the socket */
	if (bpf_probe_read_user(&net_fd, sizeof(net_fd), (void *)(interface.data + layout->net_fd)) ||
	    bpf_probe_read_user(&fd, sizeof(fd), (void *)(net_fd + layout->descriptor)))
		return;
	struct file *file = fd < 0 ? 0 : file_of(fd);
	struct sock *sock = file ? sock_of(file, &inode) : 0;
	if (!sock)
		return;
	session->sock = (__u64)sock;
	session->inode = inode;
}

static __always_inline int go_enter(struct pt_regs *ctx, __u32 direction)
{
	if (!tls_in_scope())
		return 0;
	struct kymo_go_layout *layout = go_layout();
	if (!layout)
		return 0;
	__u64 tgid = bpf_get_current_pid_tgid() >> 32, conn = ctx->KYMO_GO_0;
	struct tls_go_id here = { .goroutine = ctx->KYMO_GOROUTINE, .tgid = tgid };
	struct tls_call *outer = bpf_map_lookup_elem(&tls_go_calls, &here);
	if (outer && outer->id.session != conn && outer->depth < GO_NESTED_MAX) {
		outer->depth++; /* TLS within TLS */
		return 0;
	}
	struct tls_call call = {
		.id = { .session = conn, .tgid = tgid },
		.time_ns = bpf_ktime_get_ns(),
		.buffer = ctx->KYMO_GO_1,
		.kind = TLS_RETURNS_SIZE,
		.direction = direction,
	};
	struct tls_session *session = tls_session_of(&call.id, 0);
	if (session)
		go_tie(session, conn, layout);
	if (session && direction == KYMO_EGRESS)
		call.entered = tls_write_begins(session);
	bpf_map_update_elem(&tls_go_calls, &here, &call, BPF_ANY);
	return 0;
}

/* func (c *Conn) Read(b []byte) (int, error) */
SEC("uprobe") int tls_go_read(struct pt_regs *ctx)
{
	return WHILE_HELD(go_enter(ctx, KYMO_INGRESS));
}

/* func (c *Conn) Write(b []byte) (int, error) */
SEC("uprobe") int tls_go_write(struct pt_regs *ctx)
{
	return WHILE_HELD(go_enter(ctx, KYMO_EGRESS));
}

static __always_inline int go_leave(struct pt_regs *ctx)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct tls_go_id here = { .goroutine = ctx->KYMO_GOROUTINE, .tgid = thread >> 32 };
	struct tls_call *call = bpf_map_lookup_elem(&tls_go_calls, &here);
	if (!call)
		return 0;
	if (call->depth) {
		call->depth--;
		return 0;
	}
	__s64 bytes = ctx->KYMO_GO_0;
	if (bytes > 0 && bpf_map_update_elem(&calls_in_tls, &thread, call, BPF_ANY) == 0) {
		struct tls_call *mine = bpf_map_lookup_elem(&calls_in_tls, &thread);
		if (mine)
			tls_tell(ctx, mine, bytes);
		bpf_map_delete_elem(&calls_in_tls, &thread);
	}
	bpf_map_delete_elem(&tls_go_calls, &here);
	return 0;
}

/* At each RET of both. */
SEC("uprobe") int tls_go_return(struct pt_regs *ctx)
{
	return WHILE_HELD(go_leave(ctx));
}

/* func (c *Conn) clientHandshake(ctx context.Context) error, and serverHandshake */
SEC("uprobe") int tls_go_handshake(struct pt_regs *ctx)
{
	return WHILE_HELD(tls_begin(ctx->KYMO_GO_0));
}

#endif
