/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What differs between processors: numbers of system calls, registers of their arguments. */
#ifndef KYMO_ARCH_H
#define KYMO_ARCH_H

#include <linux/types.h>
#include "wire.h"

/* Calls that carry data go by their enum kymo_source; these are the others. */
enum kymo_call {
	CALL_CONNECT = 32,
	CALL_ACCEPT = 33,
	CALL_SOCKET = 34,
	CALL_SOCKETPAIR = 35,
	CALL_SHUTDOWN = 36,
	CALL_CLOSE = 37,
	CALL_DUP = 38, /* dup2 and dup3 close the descriptor that they replace */
	CALL_CLOSE_RANGE = 39,
	CALL_MMAP = 40,
};

#if defined(__TARGET_ARCH_x86)
#define KYMO_SYSCALLS 512
/* arch/x86/entry/syscalls/syscall_64.tbl */
static const __u8 kymo_calls[KYMO_SYSCALLS] = {
	[0] = KYMO_SOURCE_READ,
	[1] = KYMO_SOURCE_WRITE,
	[3] = CALL_CLOSE,
	[9] = CALL_MMAP,
	[19] = KYMO_SOURCE_READV,
	[20] = KYMO_SOURCE_WRITEV,
	[33] = CALL_DUP,
	[40] = KYMO_SOURCE_SENDFILE,
	[41] = CALL_SOCKET,
	[42] = CALL_CONNECT,
	[43] = CALL_ACCEPT,
	[44] = KYMO_SOURCE_SENDTO,
	[45] = KYMO_SOURCE_RECVFROM,
	[46] = KYMO_SOURCE_SENDMSG,
	[47] = KYMO_SOURCE_RECVMSG,
	[48] = CALL_SHUTDOWN,
	[53] = CALL_SOCKETPAIR,
	[275] = KYMO_SOURCE_SPLICE,
	[288] = CALL_ACCEPT,
	[292] = CALL_DUP,
	[299] = KYMO_SOURCE_RECVMMSG,
	[307] = KYMO_SOURCE_SENDMMSG,
	[327] = KYMO_SOURCE_READV,  /* preadv2 with offset -1 reads sockets too */
	[328] = KYMO_SOURCE_WRITEV, /* pwritev2 likewise */
	[436] = CALL_CLOSE_RANGE,
};
#ifndef __KERNEL__
struct pt_regs {
	unsigned long r14, r10, r9, r8, ax, bx, cx, dx, si, di, orig_ax, sp;
} __attribute__((preserve_access_index));
#define KYMO_REGS_NR orig_ax
#define KYMO_REGS_0 di
#define KYMO_REGS_1 si
#define KYMO_REGS_2 dx
#define KYMO_REGS_3 r10
#define KYMO_REGS_4 r8
#define KYMO_REGS_5 r9
/* Calls of functions: System V ABI, AMD64, 3.2.3. */
#define KYMO_ARGUMENT_0 di
#define KYMO_ARGUMENT_1 si
#define KYMO_ARGUMENT_2 dx
#define KYMO_ARGUMENT_3 cx
#define KYMO_RESULT ax
/* Go's register ABI (go.dev/s/regabi): the first two words, of arguments and of results, and the goroutine. */
#define KYMO_GO_0 ax
#define KYMO_GO_1 bx
#define KYMO_GOROUTINE r14
#define KYMO_STACK sp
/* A 32-bit system call: other numbers, other registers. */
#define KYMO_COMPAT_FIELD status
#define KYMO_COMPAT_MASK 0x2 /* TS_COMPAT, arch/x86/include/asm/thread_info.h */
#endif
#elif defined(__TARGET_ARCH_arm64)
#define KYMO_SYSCALLS 512
/* include/uapi/asm-generic/unistd.h */
static const __u8 kymo_calls[KYMO_SYSCALLS] = {
	[24] = CALL_DUP,
	[57] = CALL_CLOSE,
	[63] = KYMO_SOURCE_READ,
	[64] = KYMO_SOURCE_WRITE,
	[65] = KYMO_SOURCE_READV,
	[66] = KYMO_SOURCE_WRITEV,
	[71] = KYMO_SOURCE_SENDFILE,
	[76] = KYMO_SOURCE_SPLICE,
	[198] = CALL_SOCKET,
	[199] = CALL_SOCKETPAIR,
	[202] = CALL_ACCEPT,
	[203] = CALL_CONNECT,
	[206] = KYMO_SOURCE_SENDTO,
	[207] = KYMO_SOURCE_RECVFROM,
	[210] = CALL_SHUTDOWN,
	[211] = KYMO_SOURCE_SENDMSG,
	[212] = KYMO_SOURCE_RECVMSG,
	[222] = CALL_MMAP,
	[242] = CALL_ACCEPT,
	[243] = KYMO_SOURCE_RECVMMSG,
	[269] = KYMO_SOURCE_SENDMMSG,
	[286] = KYMO_SOURCE_READV,  /* preadv2 with offset -1 reads sockets too */
	[287] = KYMO_SOURCE_WRITEV, /* pwritev2 likewise */
	[436] = CALL_CLOSE_RANGE,
};
#ifndef __KERNEL__
/* arch/arm64/include/asm/ptrace.h; when a call returns, its result stands in regs[0] and the first argument in orig_x0 alone. */
struct pt_regs {
	__u64 regs[31];
	__u64 sp;
	__u64 orig_x0;
	__s32 syscallno;
} __attribute__((preserve_access_index));
#define KYMO_REGS_NR syscallno
#define KYMO_REGS_0 orig_x0
#define KYMO_REGS_1 regs[1]
#define KYMO_REGS_2 regs[2]
#define KYMO_REGS_3 regs[3]
#define KYMO_REGS_4 regs[4]
#define KYMO_REGS_5 regs[5]
/* Calls of functions: AAPCS64, 6.4. */
#define KYMO_ARGUMENT_0 regs[0]
#define KYMO_ARGUMENT_1 regs[1]
#define KYMO_ARGUMENT_2 regs[2]
#define KYMO_ARGUMENT_3 regs[3]
#define KYMO_RESULT regs[0]
#define KYMO_GO_0 regs[0] /* as above */
#define KYMO_GO_1 regs[1]
#define KYMO_GOROUTINE regs[28]
#define KYMO_STACK sp
#define KYMO_COMPAT_FIELD flags
#define KYMO_COMPAT_MASK (1UL << 22) /* TIF_32BIT, arch/arm64/include/asm/thread_info.h */
#endif
#else
#error "no table of system calls for this processor"
#endif

/* Calls of which the time of entry matters: those that write, and connect. */
static __always_inline int kymo_stamped(__u32 call)
{
	const __u64 mask = 1ULL << KYMO_SOURCE_WRITE | 1ULL << KYMO_SOURCE_WRITEV | 1ULL << KYMO_SOURCE_SENDTO | 1ULL << KYMO_SOURCE_SENDMSG |
			   1ULL << KYMO_SOURCE_SENDMMSG | 1ULL << KYMO_SOURCE_SENDFILE | 1ULL << KYMO_SOURCE_SPLICE | 1ULL << CALL_CONNECT;
	return (mask >> (call & 63)) & 1;
}

#endif
