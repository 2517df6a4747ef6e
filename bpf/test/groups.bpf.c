/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Programs of which some can not be loaded or attached anywhere, for the test of what a kernel may lack. None does anything. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char kymo_license[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/sched_process_exec") int needed_btf(void *ctx) { return 0; }
SEC("raw_tp/sched_process_exec") int needed_raw(void *ctx) { return 0; }

/* The verifier refuses it: it reads where nothing is. */
SEC("raw_tp/sched_process_fork") int tcp_refused_btf(void *ctx) { return *(volatile int *)8; }

SEC("tp_btf/kymo_nowhere") int tls_nowhere_btf(void *ctx) { return 0; }
SEC("raw_tp/kymo_nowhere") int tcp_nowhere_raw(void *ctx) { return 0; }
SEC("raw_tp/sched_process_exit") int tcp_fine_raw(void *ctx) { return 0; }
