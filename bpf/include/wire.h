/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What the kernel side (eBPF programs, kernel module) and user space say to each other. The only header that both share.
 *
 * Rules: little endian; padded by hand (the build uses -Wpadded -Werror) and every size asserted; ids are append-only; user space skips event types that it
 * does not know and reads `size` to find the end. `make -C bpf golden` prints all offsets into a golden file, which the Java flyweights' test reads.
 */
#ifndef KYMO_WIRE_H
#define KYMO_WIRE_H

#include <linux/types.h>

#define KYMO_WIRE_VERSION 1

enum kymo_type {
	KYMO_TYPE_DATA = 1,     /* struct kymo_data: bytes of a stream */
	KYMO_TYPE_DATAGRAM = 2, /* struct kymo_datagram: one datagram, with its peer */
	KYMO_TYPE_SOCKET = 3,   /* struct kymo_socket: facts of a socket, before its first data and whenever they change */
	KYMO_TYPE_LIFE = 4,     /* struct kymo_life: opened, failed, half closed, closed, reset */
	KYMO_TYPE_PROCESS = 5,  /* struct kymo_process: fork, exec, exit */
	KYMO_TYPE_TCP = 6,      /* struct kymo_tcp: how the network treats a TCP connection */
};

enum kymo_flag {
	KYMO_FLAG_BURST_START = 1, /* DATA, DATAGRAM: the direction turned before it */
	KYMO_FLAG_CONTINUED = 2,   /* DATA, DATAGRAM: a further piece of the call that the event before began */
	KYMO_FLAG_FAULT = 4,       /* DATA, DATAGRAM: payload was not readable, so captured is less than the budget allowed */
	KYMO_FLAG_PREEXISTING = 8, /* SOCKET, DATA with PLAINTEXT: it was there before the programs were; counted positions began in the middle */
	KYMO_FLAG_COUNTED = 16,    /* SOCKET: positions are byte counts of this socket, not TCP sequence numbers */
	KYMO_FLAG_INFERRED = 32,   /* LIFE: closed unseen; known because its kernel memory serves another socket now */
	KYMO_FLAG_PLAINTEXT = 64,  /* DATA: what TLS carries on this socket, a stream of its own: positions count its bytes */
	KYMO_FLAG_LINGERS = 128,   /* LIFE: closed by the process, not yet by TCP: KYMO_TCP_ENDED follows */
};

/* io.kymo.schemas.Transport */
enum kymo_transport {
	KYMO_TRANSPORT_TCP = 1,
	KYMO_TRANSPORT_UDP = 2,
	KYMO_TRANSPORT_UNIX_STREAM = 3,
	KYMO_TRANSPORT_UNIX_DATAGRAM = 4, /* SOCK_DGRAM and SOCK_SEQPACKET */
};

/* io.kymo.schemas.Role */
enum kymo_role {
	KYMO_ROLE_UNKNOWN = 0,
	KYMO_ROLE_CLIENT = 1, /* it called connect */
	KYMO_ROLE_SERVER = 2, /* it came out of accept */
};

enum kymo_direction {
	KYMO_INGRESS = 0, /* read by the traced process */
	KYMO_EGRESS = 1,  /* written by it */
};

/* io.kymo.schemas.Source: which call saw the bytes */
enum kymo_source {
	KYMO_SOURCE_READ = 1,
	KYMO_SOURCE_READV = 2,
	KYMO_SOURCE_WRITE = 3,
	KYMO_SOURCE_WRITEV = 4,
	KYMO_SOURCE_SENDTO = 5,
	KYMO_SOURCE_RECVFROM = 6,
	KYMO_SOURCE_SENDMSG = 7,
	KYMO_SOURCE_RECVMSG = 8,
	KYMO_SOURCE_SENDMMSG = 9,
	KYMO_SOURCE_RECVMMSG = 10,
	KYMO_SOURCE_SENDFILE = 11, /* sizes only */
	KYMO_SOURCE_SPLICE = 12,   /* sizes only */
	KYMO_SOURCE_TLS_READ = 13, /* a TLS library's functions, with KYMO_FLAG_PLAINTEXT */
	KYMO_SOURCE_TLS_WRITE = 14,
};

/* io.kymo.schemas.ConnectionEventKind */
enum kymo_life_kind {
	KYMO_LIFE_OPENED = 1,
	KYMO_LIFE_CONNECT_FAILED = 2,
	KYMO_LIFE_SHUTDOWN_EGRESS = 3,
	KYMO_LIFE_SHUTDOWN_INGRESS = 4, /* the process read the end of the stream, or shut its reading down */
	KYMO_LIFE_CLOSED = 5,           /* the last reference of the socket's file is gone */
	KYMO_LIFE_RESET = 6,
};

enum kymo_process_kind {
	KYMO_PROCESS_FORK = 1,
	KYMO_PROCESS_EXEC = 2,
	KYMO_PROCESS_EXIT = 3, /* the last thread has gone */
	KYMO_PROCESS_MAP = 4,  /* it mapped a file to run what is in it; header.socket is the file's inode */
};

/* Position unknown (struct kymo_life). */
#define KYMO_NO_POSITION (~0ULL)

/* Every event begins with it. */
struct kymo_header {
	__u32 size;    /* bytes of the event with this header and the payload, without padding */
	__u16 type;    /* enum kymo_type */
	__u16 flags;   /* enum kymo_flag */
	__u64 time_ns; /* CLOCK_MONOTONIC; egress and connect: when the call began, else when it returned */
	__u64 socket;  /* the socket's inode, 0 for KYMO_TYPE_PROCESS (but see KYMO_PROCESS_MAP) */
	__u32 tgid;    /* who made the call; 0 when it happened in no process's name (timers, packets) */
	__u32 tid;
};
_Static_assert(sizeof(struct kymo_header) == 32, "wire layout");

/*
 * Bytes of one call: the positions [position, position + length), of which the first `captured` follow this struct.
 * A large call is split: several events with KYMO_FLAG_CONTINUED; only the last one may have captured < length
 * (unless payload was unreadable). Positions: TCP the 32-bit sequence number of the first byte (0 … 2^32-1), else
 * bytes of this socket before it in this direction.
 */
struct kymo_data {
	struct kymo_header header;
	__u64 position;
	__u32 length;
	__u32 captured;
	__u8 direction; /* enum kymo_direction */
	__u8 source;    /* enum kymo_source */
	__u8 transport; /* enum kymo_transport */
	__u8 reserved0;
	__u32 reserved1;
};
_Static_assert(sizeof(struct kymo_data) == 56, "wire layout");

/* One datagram (the payload follows this struct), split like DATA when larger than one event. */
struct kymo_datagram {
	struct kymo_data data;
	__u64 peer_socket;         /* Unix: the peer's inode, 0 when unknown */
	__u8 peer_address[16];     /* network order */
	__u16 peer_port;           /* host order */
	__u8 peer_address_length;  /* 4, 16, or 0 when the call did not say who the peer was */
	__u8 reserved2[5];
};
_Static_assert(sizeof(struct kymo_datagram) == 88, "wire layout");

/* Facts of a socket. IPv4 mapped into IPv6 is told as IPv4. */
struct kymo_socket {
	struct kymo_header header;
	__u64 cgroup;           /* inode of the caller's cgroup v2 directory */
	__u64 ingress_position; /* of the next byte in each direction, as of this event */
	__u64 egress_position;
	__u64 peer_socket;      /* Unix: inode of the other end, 0 when unknown */
	__u32 netns;            /* inode of the socket's network namespace */
	__u16 local_port;       /* host order */
	__u16 remote_port;
	__u8 local_address[16]; /* network order */
	__u8 remote_address[16];
	__u8 address_length;    /* 4, 16, or 0 for Unix sockets */
	__u8 transport;         /* enum kymo_transport */
	__u8 role;              /* enum kymo_role */
	__u8 tcp_state;         /* the kernel's TCP_ESTABLISHED (1) …, 0 for others */
	__u16 family;           /* as created: AF_UNIX 1, AF_INET 2, AF_INET6 10 */
	__u16 protocol;         /* IPPROTO_TCP 6, IPPROTO_UDP 17, IPPROTO_MPTCP 262, 0 for Unix */
	__u32 owner;            /* tgid whose descriptor it was when last told; equals header.tgid except in softirqs */
	__u16 path_length;
	__u16 reserved0;
	__u8 comm[16];          /* of the thread group's leader, NUL-terminated */
	__u8 path[112];         /* Unix: the listening end's path, '@' first when abstract */
};
_Static_assert(sizeof(struct kymo_socket) == 248, "wire layout");

/* Something happened to a socket of which SOCKET was told before. */
struct kymo_life {
	struct kymo_header header;
	__u64 ingress_position; /* after the last byte read, KYMO_NO_POSITION when unknown */
	__u64 egress_position;  /* after the last byte written */
	__s32 error;            /* errno (positive) of a failed connect or a reset, else 0 */
	__u8 kind;              /* enum kymo_life_kind */
	__u8 transport;         /* enum kymo_transport */
	__u16 reserved0;
};
_Static_assert(sizeof(struct kymo_life) == 56, "wire layout");

/* A process of the captured scope; header.tgid is the process (FORK: the child). */
struct kymo_process {
	struct kymo_header header;
	__u64 cgroup;   /* inode of its cgroup v2 directory */
	__u64 start_ns; /* CLOCK_BOOTTIME when it was forked */
	__u32 parent;   /* tgid of its parent */
	__u32 netns;    /* inode of its network namespace */
	union {
		__s32 exit_code; /* EXIT: as wait(2) would report it */
		__u32 device;    /* MAP: of the file, the major number above 20 bits of the minor one */
	};
	__u8 kind;      /* enum kymo_process_kind */
	__u8 reserved0[3];
	__u8 comm[16];
};
_Static_assert(sizeof(struct kymo_process) == 80, "wire layout");

/* io.kymo.schemas.TcpReportKind */
enum kymo_tcp_kind {
	KYMO_TCP_STATISTICS = 1,           /* at an interval, when something was sent or received since */
	KYMO_TCP_ENDED = 2,                /* TCP is done with the connection: the last figures, unless they are smaller than before */
	KYMO_TCP_RETRANSMIT = 3,           /* segments were sent again: see retransmits */
	KYMO_TCP_RESET_SENT = 4,           /* reason: the kernel's enum sk_rst_reason, where it has one */
	KYMO_TCP_RESET_RECEIVED = 5,
	KYMO_TCP_DROP = 6,                 /* a packet was dropped on this host; reason: the kernel's enum skb_drop_reason */
	KYMO_TCP_ZERO_WINDOW_RECEIVED = 7, /* the peer takes no more bytes for now */
	KYMO_TCP_ZERO_WINDOW_SENT = 8,     /* this end takes no more */
};

/*
 * Figures of a TCP connection as of now, counted since it was opened. Of a connect that is under way it may come before
 * SOCKET, which is told when connect returns.
 */
struct kymo_tcp {
	struct kymo_header header;
	__u64 bytes_acked;       /* the peer has acknowledged them (RFC 4898 tcpEStatsAppHCThruOctetsAcked) */
	__u64 bytes_received;    /* without gap (tcpEStatsAppHCThruOctetsReceived) */
	__u64 bytes_sent;        /* with what was sent again */
	__u64 bytes_retransmitted;
	__u64 jiffies;           /* the kernel's count of ticks now */
	__u32 srtt_us;           /* smoothed round trip time, 0 before the first measurement */
	__u32 rtt_variance_us;   /* mean deviation, as ss(8) shows it */
	__u32 rtt_min_us;        /* smallest of the kernel's window (net.ipv4.tcp_min_rtt_wlen), 0 when unknown */
	__u32 retransmits;       /* segments sent again, SYN and FIN with them */
	__u32 lost;              /* segments taken for lost */
	__u32 out_of_order;      /* segments received out of order */
	__u32 reordered;         /* times that the network was seen to reorder what was sent */
	__u32 segments_out;
	__u32 segments_in;
	__u32 send_window;       /* bytes that the peer takes */
	__u32 receive_window;    /* bytes that this end takes */
	__u32 congestion_window; /* segments */
	__u32 receiver_limited;  /* ticks in which only the peer's window kept data back */
	__s32 error;             /* errno (positive) that the socket has, else 0 */
	__u32 reason;            /* of RESET_SENT and DROP, 0 when the kernel does not tell */
	__u8 kind;               /* enum kymo_tcp_kind */
	__u8 state;              /* the kernel's TCP_ESTABLISHED (1) … */
	__u16 reserved0;
};
_Static_assert(sizeof(struct kymo_tcp) == 136, "wire layout");

/* Which filters are on; same kind: any of them must match, different kinds: all must match. */
enum kymo_filter {
	KYMO_FILTER_NETNS = 1,
	KYMO_FILTER_CGROUP = 2,
	KYMO_FILTER_PID = 4,
	KYMO_FILTER_COMM = 8,
	KYMO_FILTER_PORT = 16,
	KYMO_FILTER_EXCLUDED_PORT = 32,
	KYMO_FILTER_EXCLUDED_PID = 64,
};

/* Value of map `ports`. */
enum kymo_port_rule {
	KYMO_PORT_ONLY = 1,
	KYMO_PORT_EXCLUDED = 2,
	KYMO_PORT_OWN = 4, /* excluded at 127.0.0.1 in the collector's network namespace: elsewhere the port is anybody's */
};

/* Value of map `netns`. */
enum kymo_netns_rule {
	KYMO_NETNS_ONLY = 1,
	KYMO_NETNS_OWN = 2, /* the collector's */
};

/* Knobs: the only element of map `settings`; user space may rewrite it at any time. */
struct kymo_settings {
	__u32 version;        /* KYMO_WIRE_VERSION; programs do nothing until it is set */
	__u32 filters;        /* enum kymo_filter */
	__u32 own_tgid;       /* the collector itself */
	__u32 cgroups;        /* how many elements of map `cgroups` are set */
	__u32 burst_bytes;    /* payload captured per socket and direction until the direction turns */
	__u32 segment_bytes;  /* payload of one event at most, capped by KYMO_PAYLOAD_MAX */
	__u64 burst_pause_ns; /* the budget also renews after such a pause in one direction; 0: never */
};
_Static_assert(sizeof(struct kymo_settings) == 32, "wire layout");

/* How a Go program's *tls.Conn leads to its socket; value of map `tls_go_layouts`, by the inode of the program's file. Offsets in bytes. */
struct kymo_go_layout {
	__u64 tcp_type;   /* address of the table that makes a *net.TCPConn a net.Conn, 0 when not known */
	__u32 conn;       /* of the interface in crypto/tls.Conn */
	__u32 net_fd;     /* of the *netFD in net.TCPConn */
	__u32 descriptor; /* of the file descriptor in net.netFD */
	__u32 reserved0;
};
_Static_assert(sizeof(struct kymo_go_layout) == 24, "wire layout");

#define KYMO_PAYLOAD_MAX 16384
#define KYMO_CGROUPS_MAX 16

/*
 * Counters, one struct kymo_counters a CPU (map `counters`, readable through mmap), since load.
 *   seen_segments = DATA and DATAGRAM events received + lost_ring_segments
 *   seen_bytes    = their lengths, received         + lost_ring_bytes
 */
enum kymo_counter {
	KYMO_COUNT_EVENTS = 0,          /* events of any type put into the ring */
	KYMO_COUNT_SEEN_SEGMENTS = 1,   /* DATA and DATAGRAM events, whether or not the ring had room */
	KYMO_COUNT_SEEN_BYTES = 2,      /* their true length */
	KYMO_COUNT_PAYLOAD_BYTES = 3,   /* payload put into the ring */
	KYMO_COUNT_LOST_RING_EVENTS = 4,   /* events of any type lost because the ring was full */
	KYMO_COUNT_LOST_RING_SEGMENTS = 5, /* DATA and DATAGRAM events among them */
	KYMO_COUNT_LOST_RING_BYTES = 6,    /* their true length */
	KYMO_COUNT_LOST_SOCKET_MAP = 7, /* calls whose socket found no place in the map: told without state, facts each time */
	KYMO_COUNT_LOST_PID_MAP = 8,    /* children of filtered processes that found no place in the map: not captured */
	KYMO_COUNT_FAULT_BYTES = 9,     /* payload that could not be read from user memory: told as truncated */
	KYMO_COUNT_IOVEC_BYTES = 10,    /* payload beyond the number of buffers that one call may have: told as truncated */
	KYMO_COUNT_BUDGET_BYTES = 11,   /* bytes beyond the burst's budget: told as truncated */
	KYMO_COUNT_UNREADABLE_CALLS = 12, /* calls whose message headers could not be read: lost */
	KYMO_COUNT_COMPAT_CALLS = 13,   /* system calls of 32-bit programs in scope: not captured */
	KYMO_COUNT_EXIT_FDS = 14,       /* processes that ended with more open files than are looked at: their closes may be missing */
	KYMO_COUNT_SIZE_ONLY_BYTES = 15, /* bytes of sendfile and splice, which have no payload in user memory */
	KYMO_COUNT_TLS_UNTIED_BYTES = 16, /* plaintext of TLS whose socket is not known: not told */
	KYMO_COUNT_SOCKETS_KEPT = 17, /* sockets of which state was kept */
	KYMO_COUNT_SOCKETS_FORGOTTEN = 18, /* of these, forgotten because they ended */
	KYMO_COUNT_LOST_SOCKETS = 19, /* of these, forgotten for want of room: the eBPF maps do not tell, user space works it out */
	KYMO_COUNT_LOST_NESTED = 20, /* runs of a program that the kernel left out, because it was under way on that CPU: read from the kernel by user space */
	KYMO_COUNTERS = 21,             /* how many there are */
};
#define KYMO_COUNTERS_MAX 32

struct kymo_counters {
	__u64 value[KYMO_COUNTERS_MAX]; /* by enum kymo_counter */
};
_Static_assert(sizeof(struct kymo_counters) == 256, "wire layout");

/*
 * The kernel module's device, /dev/kymo. User space opens it (one at a time), calls KYMO_IOCTL_SETUP, maps each CPU's region at cpu * region_bytes, fills the
 * sets, and switches it on by KYMO_IOCTL_SETTINGS. read() at offset 0 gives struct kymo_counters of each CPU, in their order. Closing ends it.
 *
 *   region: page 0     struct kymo_ring
 *           pages 1 …  ring_bytes of records, each aligned to 16, none wrapping: a record of KYMO_RECORD_PADDING fills the end
 */
struct kymo_setup {
	__u32 version;       /* KYMO_WIRE_VERSION */
	__u32 max_sockets;   /* how many sockets are kept in mind */
	__u64 ring_bytes;    /* of each CPU, a power of two */
	__u64 region_bytes;  /* answer: what to map for each CPU */
	__u32 cpus;          /* answer */
	__u32 reserved;
};
_Static_assert(sizeof(struct kymo_setup) == 32, "wire layout");

struct kymo_ring {
	__u64 produced; /* bytes ever put into this ring; written by the kernel with release */
	__u64 reserved0[15];
	__u64 consumed; /* bytes ever taken out; written by user space with release */
	__u64 reserved1[15];
};
_Static_assert(sizeof(struct kymo_ring) == 256, "wire layout");

#define KYMO_RECORD_PADDING 0xFFFFFFFF
struct kymo_record {
	__u32 bytes;   /* to the next record */
	__u32 kind;    /* 0: an event follows; KYMO_RECORD_PADDING: nothing */
	__u64 time_ns; /* when it was put in: orders the records of all CPUs */
};
_Static_assert(sizeof(struct kymo_record) == 16, "wire layout");

#define KYMO_SET_OWN_PORT 128 /* see KYMO_PORT_OWN; part of the filter EXCLUDED_PORT */

/* One member of the sets that filters look into. */
struct kymo_member {
	__u32 set;    /* the set's enum kymo_filter; NETNS by inode, CGROUP by inode of its directory, PID, COMM, PORT, EXCLUDED_PORT, EXCLUDED_PID; or KYMO_SET_OWN_PORT */
	__u32 number; /* inode, pid or port */
	__u64 cgroup;
	__u8 text[16]; /* COMM, NUL-padded */
};
_Static_assert(sizeof(struct kymo_member) == 32, "wire layout");

#define KYMO_IOCTL_SETUP _IOWR('K', 1, struct kymo_setup)
#define KYMO_IOCTL_SETTINGS _IOW('K', 2, struct kymo_settings)
#define KYMO_IOCTL_ADD _IOW('K', 3, struct kymo_member)
#define KYMO_IOCTL_REMOVE _IOW('K', 4, struct kymo_member)
#define KYMO_IOCTL_CLEAR _IOW('K', 5, __u32) /* all members of a set */
#define KYMO_IOCTL_SAMPLE _IO('K', 6) /* tells the figures of TCP sockets that sent or received since the last time */

/* The kernel's name for why a reset was sent or a packet dropped. */
struct kymo_reason {
	__u32 kind;    /* KYMO_TCP_RESET_SENT or KYMO_TCP_DROP */
	__u32 code;    /* as in struct kymo_tcp */
	__u8 name[56]; /* answer, NUL-padded; empty when the kernel has none */
};
_Static_assert(sizeof(struct kymo_reason) == 64, "wire layout");

#define KYMO_IOCTL_REASON _IOWR('K', 7, struct kymo_reason)

#endif
