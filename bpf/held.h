/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Programs that turn preemption off, where the kernel does not: see kymo.bpf.c for those of tracepoints, tls.h for those of functions. */
#ifndef KYMO_HELD_H
#define KYMO_HELD_H

#ifdef KYMO_HELD
extern void bpf_preempt_disable(void) __ksym;
extern void bpf_preempt_enable(void) __ksym;
#else
static __always_inline void bpf_preempt_disable(void) {}
static __always_inline void bpf_preempt_enable(void) {}
#endif

#define WHILE_HELD(body)                \
	({                              \
		bpf_preempt_disable();  \
		int result = body;      \
		bpf_preempt_enable();   \
		result;                 \
	})

#endif
