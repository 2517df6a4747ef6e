// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The kernel's names for why it dropped a packet or sent a reset. They differ between kernels, and are read out of the definitions of the tracepoints, which
 * have each value once (TRACE_DEFINE_ENUM); a kernel without reasons has none there.
 */
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <trace/events/skb.h>
#include <trace/events/tcp.h>
#include "kymo.h"

#define DROP_PREFIX "SKB_DROP_REASON_"
#define RESET_PREFIX "SK_RST_REASON_"
#define FIRST_CODES 16 /* the one that says nothing is among these */

#undef TRACE_EVENT
#undef DECLARE_EVENT_CLASS
#undef DEFINE_EVENT
#undef DECLARE_TRACE
#undef TRACE_DEFINE_ENUM
#define TRACE_EVENT(...)
#define DECLARE_EVENT_CLASS(...)
#define DEFINE_EVENT(...)
#define DECLARE_TRACE(...)
#define TRACE_DEFINE_ENUM(value) \
	if ((u32)(value) == code) \
	whole = #value
#define TRACE_HEADER_MULTI_READ

static const char *drop_name(u32 code)
{
	const char *whole = NULL;

#include <trace/events/skb.h>
	return whole && strstarts(whole, DROP_PREFIX) ? whole + strlen(DROP_PREFIX) : NULL;
}

static const char *reset_name(u32 code)
{
	const char *whole = NULL;

#include <trace/events/tcp.h>
	return whole && strstarts(whole, RESET_PREFIX) ? whole + strlen(RESET_PREFIX) : NULL;
}

/* Up to here codes mean no drop, or no reason. */
static u32 not_specified;

void reasons_find(void)
{
	u32 code;

	for (code = 0; code < FIRST_CODES; code++) {
		const char *name = drop_name(code);

		if (name && !strcmp(name, "NOT_SPECIFIED"))
			not_specified = code;
	}
}

bool is_drop(u32 reason)
{
	return reason > not_specified;
}

void reason_name(struct kymo_reason *reason)
{
	const char *name = NULL;

	if (reason->kind == KYMO_TCP_DROP)
		name = drop_name(reason->code);
	else if (reason->kind == KYMO_TCP_RESET_SENT)
		name = reset_name(reason->code);
	memset(reason->name, 0, sizeof(reason->name));
	if (name)
		strscpy((char *)reason->name, name, sizeof(reason->name));
}
