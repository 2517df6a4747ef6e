// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Probes for TCP's tracepoints, whose arguments differ between kernels: made of this kernel's own definitions (include/trace/events), which say them all. So
 * each probe is of exactly the type that the kernel calls, whatever version it is. It hands its arguments on as numbers, with their count.
 */
#include <linux/kernel.h>
#include <linux/tracepoint.h>
#include <trace/events/skb.h>
#include <trace/events/tcp.h>
#include "kymo.h"

#define HOOKED_tcp_destroy_sock 1
#define HOOKED_tcp_retransmit_skb 1
#define HOOKED_tcp_send_reset 1
#define HOOKED_tcp_receive_reset 1
#define HOOKED_kfree_skb 1

#define NUMBERS_1(a) (unsigned long)(a)
#define NUMBERS_2(a, ...) NUMBERS_1(a), NUMBERS_1(__VA_ARGS__)
#define NUMBERS_3(a, ...) NUMBERS_1(a), NUMBERS_2(__VA_ARGS__)
#define NUMBERS_4(a, ...) NUMBERS_1(a), NUMBERS_3(__VA_ARGS__)
#define NUMBERS_5(a, ...) NUMBERS_1(a), NUMBERS_4(__VA_ARGS__)
#define NUMBERS_6(a, ...) NUMBERS_1(a), NUMBERS_5(__VA_ARGS__)
#define SEVENTH(a, b, c, d, e, f, seventh, ...) seventh
#define NUMBERS(...) SEVENTH(__VA_ARGS__, NUMBERS_6, NUMBERS_5, NUMBERS_4, NUMBERS_3, NUMBERS_2, NUMBERS_1)(__VA_ARGS__)

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define PROBE_0(name, proto, args)
#define PROBE_1(name, proto, args)                             \
	static void probe_##name(void *unused, proto)          \
	{                                                      \
		const unsigned long given[] = { NUMBERS(args) }; \
                                                               \
		on_##name(given, ARRAY_SIZE(given));           \
	}

#undef TRACE_EVENT
#undef DECLARE_EVENT_CLASS
#undef DEFINE_EVENT
#undef DECLARE_TRACE
#undef TRACE_DEFINE_ENUM
#define TRACE_EVENT(name, proto, args, ...) JOIN(PROBE_, __is_defined(HOOKED_##name))(name, PARAMS(proto), PARAMS(args))
#define DECLARE_EVENT_CLASS(...)
#define DEFINE_EVENT(class, name, proto, args) TRACE_EVENT(name, PARAMS(proto), PARAMS(args))
#define DECLARE_TRACE(...)
#define TRACE_DEFINE_ENUM(...)
#define TRACE_HEADER_MULTI_READ
#include <trace/events/skb.h>
#include <trace/events/tcp.h>

/* The end of a socket first: all else relies on it. */
struct hook tcp_hooks[TCP_HOOKS] = {
	{ "tcp_destroy_sock", probe_tcp_destroy_sock },
	{ "tcp_retransmit_skb", probe_tcp_retransmit_skb },
	{ "tcp_send_reset", probe_tcp_send_reset },
	{ "tcp_receive_reset", probe_tcp_receive_reset },
	{ "kfree_skb", probe_kfree_skb },
};
