/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The few kernel types that the programs look into. Only the fields that are read, in any order: CO-RE finds each by name
 * in the running kernel's BTF (preserve_access_index). A name with ___suffix is a flavour: the same kernel type as it
 * was at another time.
 */
#ifndef KYMO_KERNEL_H
#define KYMO_KERNEL_H

#include <linux/types.h>

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_SEQPACKET 5
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_MPTCP 262
#define S_IFMT 00170000
#define S_IFSOCK 0140000

#define MSG_OOB 0x1
#define MSG_PEEK 0x2
#define MSG_TRUNC 0x20
#define MSG_ERRQUEUE 0x2000

#define EINTR 4
#define EINPROGRESS 115
#define ERESTARTSYS 512

#define SHUT_RD 0
#define SHUT_WR 1
#define SHUT_RDWR 2
#define RCV_SHUTDOWN 1 /* include/net/sock.h */

#define TCP_ESTABLISHED 1 /* include/net/tcp_states.h */
#define TCP_SYN_SENT 2
#define TCP_FIN_WAIT1 4
#define TCP_FIN_WAIT2 5
#define TCP_CLOSE 7
#define TCP_CLOSE_WAIT 8
#define TCP_LAST_ACK 9
#define TCP_CLOSING 11

#define TCP_CHRONO_RWND_LIMITED 2 /* enum tcp_chrono */

#define SOCK_DONE_BIT 1 /* enum sock_flags: tcp_fin() sets it when the peer's FIN was received */
#define CLOSE_RANGE_CLOEXEC 4
#define PROT_EXEC 0x4
#define MAP_ANONYMOUS 0x20

#define KYMO_CORE __attribute__((preserve_access_index))

struct ns_common { unsigned int inum; } KYMO_CORE;
struct net { struct ns_common ns; } KYMO_CORE;
struct nsproxy { struct net *net_ns; } KYMO_CORE;

struct super_block { __u32 s_dev; } KYMO_CORE;
struct inode { __u16 i_mode; struct super_block *i_sb; unsigned long i_ino; } KYMO_CORE;
struct file { struct inode *f_inode; void *private_data; } KYMO_CORE;
/* Until 6.12 a plain count. */
struct file___count { struct { long counter; } f_count; } KYMO_CORE;
/* From 6.13 (90ee6ed776c0): 0 is one reference, negative is none. */
struct file___ref { struct { struct { long counter; } refcnt; } f_ref; } KYMO_CORE;
struct fdtable { unsigned int max_fds; struct file **fd; unsigned long *open_fds; } KYMO_CORE;
struct files_struct { struct fdtable *fdt; } KYMO_CORE;

struct kernfs_node { __u64 id; } KYMO_CORE;
struct cgroup { struct kernfs_node *kn; } KYMO_CORE;
struct css_set { struct cgroup *dfl_cgrp; } KYMO_CORE;

struct mm_struct { struct file *exe_file; } KYMO_CORE;
struct signal_struct { struct { int counter; } live; } KYMO_CORE;
struct thread_info { unsigned long flags; __u32 status; } KYMO_CORE; /* status: x86 only */
struct task_struct {
	struct thread_info thread_info;
	int pid;
	int tgid;
	int exit_code;
	__u64 start_boottime;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct mm_struct *mm;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct css_set *cgroups;
	char comm[16];
} KYMO_CORE;

struct in6_addr { __u8 bytes[16]; };
struct possible_net { struct net *net; } KYMO_CORE;
struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	unsigned long skc_flags;
	struct possible_net skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
} KYMO_CORE;
struct socket { struct sock *sk; struct file *file; } KYMO_CORE;
struct sock {
	struct sock_common __sk_common;
	int sk_err;
	int sk_err_soft;
	unsigned int sk_shutdown;
	__u16 sk_type;
	__u16 sk_protocol;
	struct socket *sk_socket;
} KYMO_CORE;
struct minmax_sample { __u32 v; } KYMO_CORE;
struct minmax { struct minmax_sample s[3]; } KYMO_CORE;
struct tcp_sock {
	__u32 copied_seq;
	__u32 rcv_nxt;
	__u32 write_seq;
	__u32 srtt_us; /* in eighths of a microsecond */
	__u32 mdev_us; /* in quarters */
	struct minmax rtt_min;
	__u64 bytes_acked;
	__u64 bytes_received;
	__u64 bytes_sent;
	__u64 bytes_retrans;
	__u32 total_retrans;
	__u32 lost;
	__u32 rcv_ooopack;
	__u32 reord_seen;
	__u32 segs_out;
	__u32 segs_in;
	__u32 snd_wnd;
	__u32 rcv_wnd;
	__u32 rcv_wup;
	__u32 snd_cwnd;
	__u32 chrono_start;
	__u32 chrono_stat[3];
	__u8 chrono_type : 2;
} KYMO_CORE;
struct sk_buff { struct sock *sk; } KYMO_CORE;

/* What tracepoints tell: their records show which arguments they have in this kernel. */
enum skb_drop_reason___any { SKB_DROP_REASON_NOT_SPECIFIED };
enum sk_rst_reason___any { SK_RST_REASON_NOT_SPECIFIED };
struct trace_event_raw_kfree_skb___reason { enum skb_drop_reason___any reason; } KYMO_CORE; /* from 5.17 */
struct trace_event_raw_kfree_skb___socket { void *rx_sk; } KYMO_CORE;                      /* from 6.11 */
struct trace_event_raw_tcp_send_reset { enum sk_rst_reason___any reason; } KYMO_CORE;      /* from 6.10 */
struct sockaddr_un { __u16 sun_family; char sun_path[108]; } KYMO_CORE;
struct unix_address { int len; struct sockaddr_un name[0]; } KYMO_CORE;
struct unix_sock { struct unix_address *addr; struct sock *peer; } KYMO_CORE;

/* User space's own layouts, which never change. */
struct user_iovec { __u64 base; __u64 length; };
struct user_msghdr {
	__u64 name;
	__u32 name_length;
	__u32 pad0;
	__u64 iov;
	__u64 iov_count;
	__u64 control;
	__u64 control_length;
	__u32 flags;
	__u32 pad1;
};
struct user_mmsghdr { struct user_msghdr header; __u32 length; __u32 pad; };

#endif
