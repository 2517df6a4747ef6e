/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Functions of the libraries that are called as C is: OpenSSL, BoringSSL, GnuTLS. */
#ifndef KYMO_TLS_LIBRARY_H
#define KYMO_TLS_LIBRARY_H

#include "tls_tell.h"

static __always_inline void tls_switch_on(enum tls_switch which)
{
	__u32 zero = 0;
	__u32 *switches = bpf_map_lookup_elem(&switches_of_tls, &zero);
	if (switches && !(*switches & which))
		*switches |= which;
}

static __always_inline int tls_enter(__u64 address, __u32 kind, __u32 direction, __u64 buffer, __u64 size, __u64 stack)
{
	if (!tls_in_scope())
		return 0;
	__u64 thread = bpf_get_current_pid_tgid();
	struct tls_call *outer = bpf_map_lookup_elem(&calls_in_tls, &thread);
	if (outer && stack < outer->stack) {
		outer->depth++; /* the library calls itself; or TLS within TLS, of which the innermost plaintext counts */
		return 0;
	}
	struct tls_call call = {
		.id = { .session = address, .tgid = thread >> 32 },
		.stack = stack,
		.time_ns = bpf_ktime_get_ns(),
		.buffer = buffer,
		.size = size,
		.kind = kind,
		.direction = direction,
	};
	struct tls_session *session = tls_session_of(&call.id, kind == TLS_HANDSHAKE ? TLS_FROM_START : 0);
	if (session && kind != TLS_HANDSHAKE && direction == KYMO_EGRESS)
		call.entered = tls_write_begins(session);
	bpf_map_update_elem(&calls_in_tls, &thread, &call, BPF_ANY);
	tls_switch_on(TLS_CALLED);
	return 0;
}

/* The library hands bytes out, to a socket or to whatever the program has put there. */
static __always_inline int tls_hand_out(__u64 data, __u64 size)
{
	struct tls_call *call = tls_call_here();
	if (!call || call->greeted)
		return 0;
	struct tls_id id = call->id;
	struct tls_session *session = bpf_map_lookup_elem(&sessions_of_tls, &id);
	if (session && !session->inode && tls_random_at(data, size, &call->random))
		call->greeted = 1;
	return 0;
}

/* The call is over. Unless it has written to a socket, the program carries the hello there itself. */
static __always_inline void tls_note_hello(struct tls_call *call)
{
	struct tls_id id = call->id;
	struct tls_session *session = bpf_map_lookup_elem(&sessions_of_tls, &id);
	if (!session || session->inode)
		return;
	struct tls_random random = call->random;
	bpf_map_update_elem(&hellos_of_tls, &random, &id, BPF_ANY);
	tls_switch_on(TLS_CARRIED);
}

static __always_inline int tls_leave(void *ctx, __s64 result)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct tls_call *call = bpf_map_lookup_elem(&calls_in_tls, &thread);
	if (!call)
		return 0;
	if (call->depth) {
		call->depth--;
		return 0;
	}
	if (call->greeted)
		tls_note_hello(call);
	__u64 bytes = 0;
	if (call->kind == TLS_STORES_SIZE && (__s32)result > 0) {
		if (bpf_probe_read_user(&bytes, sizeof(bytes), (void *)call->size))
			count(KYMO_COUNT_UNREADABLE_CALLS, 1);
	} else if (call->kind == TLS_RETURNS_SIZE && result > 0) {
		bytes = result;
	}
	if (bytes)
		tls_tell(ctx, call, bytes);
	bpf_map_delete_elem(&calls_in_tls, &thread);
	return 0;
}

/* int SSL_read(SSL *, void *, int), ssize_t gnutls_record_recv(gnutls_session_t, void *, size_t), and the like */
SEC("uprobe") int tls_read(struct pt_regs *ctx)
{
	return WHILE_HELD(tls_enter(ctx->KYMO_ARGUMENT_0, TLS_RETURNS_SIZE, KYMO_INGRESS, ctx->KYMO_ARGUMENT_1, 0, ctx->KYMO_STACK));
}

SEC("uprobe") int tls_write(struct pt_regs *ctx)
{
	return WHILE_HELD(tls_enter(ctx->KYMO_ARGUMENT_0, TLS_RETURNS_SIZE, KYMO_EGRESS, ctx->KYMO_ARGUMENT_1, 0, ctx->KYMO_STACK));
}

/* int SSL_read_ex(SSL *, void *, size_t, size_t *) and the like */
SEC("uprobe") int tls_read_ex(struct pt_regs *ctx)
{
	return WHILE_HELD(tls_enter(ctx->KYMO_ARGUMENT_0, TLS_STORES_SIZE, KYMO_INGRESS, ctx->KYMO_ARGUMENT_1, ctx->KYMO_ARGUMENT_3, ctx->KYMO_STACK));
}

SEC("uprobe") int tls_write_ex(struct pt_regs *ctx)
{
	return WHILE_HELD(tls_enter(ctx->KYMO_ARGUMENT_0, TLS_STORES_SIZE, KYMO_EGRESS, ctx->KYMO_ARGUMENT_1, ctx->KYMO_ARGUMENT_3, ctx->KYMO_STACK));
}

/* int SSL_do_handshake(SSL *), int gnutls_handshake(gnutls_session_t) */
SEC("uprobe") int tls_handshake(struct pt_regs *ctx)
{
	return WHILE_HELD(tls_enter(ctx->KYMO_ARGUMENT_0, TLS_HANDSHAKE, KYMO_EGRESS, 0, 0, ctx->KYMO_STACK));
}

/* int BIO_write(BIO *, const void *, int), by which OpenSSL and BoringSSL hand out each record */
SEC("uprobe") int tls_carry(struct pt_regs *ctx)
{
	return WHILE_HELD(tls_hand_out(ctx->KYMO_ARGUMENT_1, (__u32)ctx->KYMO_ARGUMENT_2));
}

/* The return of each of these, whose result is an int … */
SEC("uretprobe") int tls_return_int(struct pt_regs *ctx)
{
	return WHILE_HELD(tls_leave(ctx, (__s32)ctx->KYMO_RESULT));
}

/* … or a ssize_t. */
SEC("uretprobe") int tls_return_long(struct pt_regs *ctx)
{
	return WHILE_HELD(tls_leave(ctx, ctx->KYMO_RESULT));
}

/* void SSL_set_connect_state(SSL *), void SSL_set_accept_state(SSL *) */
SEC("uprobe") int tls_start(struct pt_regs *ctx)
{
	return WHILE_HELD(tls_begin(ctx->KYMO_ARGUMENT_0));
}

/* void SSL_free(SSL *), void gnutls_deinit(gnutls_session_t) */
SEC("uprobe") int tls_free(struct pt_regs *ctx)
{
	return WHILE_HELD(tls_end(ctx->KYMO_ARGUMENT_0));
}

#endif
