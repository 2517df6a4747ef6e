/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Makes calls on sockets for the capture's test and says on standard output what it did, one fact a line:
 *
 *   ready PID NETNS                                 then waits for a line on standard input
 *   data INODE in|out SOURCE LENGTH HEX PEER        one call (or message) that moved bytes; PEER is the other end's port, or -
 *   pair INODE INODE                                two ends of one connection
 *   life INODE KIND ERROR                           what must be told of a socket
 *   open INODE                                      must not be told as closed at this point
 *   process KIND PID
 *   done
 *
 * Use: traffic SCENARIO [ARGUMENT]
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <net/if.h>
#include <unistd.h>

#define CHECK(what)                                                              \
	do {                                                                     \
		if (!(what)) {                                                   \
			fprintf(stderr, "traffic: line %d: %s: %s\n", __LINE__, #what, strerror(errno)); \
			exit(1);                                                 \
		}                                                                \
	} while (0)

static unsigned char bytes[1 << 20], got[1 << 20];
static unsigned seed = 1;

static unsigned char *fresh(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1664525u + 1013904223u;
		bytes[i] = seed >> 24;
	}
	return bytes;
}

static unsigned long inode(int fd)
{
	struct stat st;
	CHECK(fstat(fd, &st) == 0);
	return st.st_ino;
}

static void say(int fd, const char *direction, const char *source, size_t length, const unsigned char *payload, int peer)
{
	printf("data %lu %s %s %zu ", inode(fd), direction, source, length);
	for (size_t i = 0; payload && i < length; i++)
		printf("%02x", payload[i]);
	if (!payload)
		putchar('-');
	if (peer)
		printf(" %d\n", peer);
	else
		puts(" -");
}

static void life(int fd, const char *kind, int error)
{
	printf("life %lu %s %d\n", inode(fd), kind, error);
}

/* Splits n bytes at `base` into buffers of uneven sizes, one of them empty. Returns how many. */
static int split(struct iovec *iov, unsigned char *base, size_t n)
{
	size_t part[] = { n / 7, 0, n / 3, 1, n / 5 }, at = 0;
	int k = 0;
	for (; k < 5; k++) {
		iov[k].iov_base = base + at;
		iov[k].iov_len = part[k];
		at += part[k];
	}
	iov[k].iov_base = base + at;
	iov[k++].iov_len = n - at;
	return k;
}

static const char *const writers[] = { "WRITE", "WRITEV", "SENDTO", "SENDMSG", "SENDMMSG", "PWRITEV2" };
static const char *const readers[] = { "READ", "READV", "RECVFROM", "RECVMSG", "RECVMMSG", "PREADV2" };
#define KINDS 6

static void write_by(int kind, int fd, size_t n)
{
	unsigned char *p = fresh(n);
	struct iovec iov[6];
	int k = split(iov, p, n);
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = k };
	long done = 0;
	switch (kind) {
	case 0: done = write(fd, p, n); break;
	case 1: done = writev(fd, iov, k); break;
	case 2: done = sendto(fd, p, n, 0, 0, 0); break;
	case 3: done = sendmsg(fd, &m, 0); break;
	case 4: {
		struct mmsghdr many[2] = { { .msg_hdr = { .msg_iov = iov, .msg_iovlen = 3 } }, { .msg_hdr = { .msg_iov = iov + 3, .msg_iovlen = 3 } } };
		CHECK(sendmmsg(fd, many, 2, 0) == 2);
		say(fd, "out", "SENDMMSG", many[0].msg_len, p, 0);
		say(fd, "out", "SENDMMSG", many[1].msg_len, p + many[0].msg_len, 0);
		CHECK(many[0].msg_len + many[1].msg_len == n);
		return;
	}
	case 5: done = pwritev2(fd, iov, k, -1, 0); break;
	}
	CHECK(done == (long)n);
	say(fd, "out", kind == 5 ? "WRITEV" : writers[kind], n, p, 0);
}

static void read_by(int kind, int fd, size_t n)
{
	struct iovec iov[6];
	int k = split(iov, got, n);
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = k };
	long done = 0;
	switch (kind) {
	case 0: done = read(fd, got, n); break;
	case 1: done = readv(fd, iov, k); break;
	case 2: done = recvfrom(fd, got, n, 0, 0, 0); break;
	case 3: done = recvmsg(fd, &m, 0); break;
	case 4: {
		struct mmsghdr many[2] = { { .msg_hdr = { .msg_iov = iov, .msg_iovlen = 3 } }, { .msg_hdr = { .msg_iov = iov + 3, .msg_iovlen = 3 } } };
		CHECK(recvmmsg(fd, many, 2, 0, 0) == 2);
		say(fd, "in", "RECVMMSG", many[0].msg_len, got, 0);
		say(fd, "in", "RECVMMSG", many[1].msg_len, iov[3].iov_base, 0);
		CHECK(many[0].msg_len + many[1].msg_len == n);
		return;
	}
	case 5: done = preadv2(fd, iov, k, -1, 0); break;
	}
	CHECK(done == (long)n);
	say(fd, "in", kind == 5 ? "READV" : readers[kind], n, got, 0);
}

static void loopback(int family, int port, struct sockaddr_storage *out, socklen_t *length)
{
	memset(out, 0, sizeof(*out));
	if (family == AF_INET) {
		struct sockaddr_in *a = (void *)out;
		a->sin_family = AF_INET;
		a->sin_port = htons(port);
		a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		*length = sizeof(*a);
	} else {
		struct sockaddr_in6 *a = (void *)out;
		a->sin6_family = AF_INET6;
		a->sin6_port = htons(port);
		a->sin6_addr = in6addr_loopback;
		*length = sizeof(*a);
	}
}

static int port_of(int fd)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof(a);
	CHECK(getsockname(fd, (void *)&a, &n) == 0);
	return ntohs(a.ss_family == AF_INET ? ((struct sockaddr_in *)&a)->sin_port : ((struct sockaddr_in6 *)&a)->sin6_port);
}

static int listen_on(int family, int port)
{
	struct sockaddr_storage a;
	socklen_t n;
	int one = 1, fd = socket(family, SOCK_STREAM, 0);
	CHECK(fd >= 0);
	loopback(family, port, &a, &n);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	CHECK(bind(fd, (void *)&a, n) == 0 && listen(fd, 16) == 0);
	return fd;
}

static void tcp_at(int listener, int family, int pair[2])
{
	struct sockaddr_storage a;
	socklen_t n;
	loopback(family, port_of(listener), &a, &n);
	CHECK((pair[0] = socket(family, SOCK_STREAM, 0)) >= 0);
	CHECK(connect(pair[0], (void *)&a, n) == 0);
	CHECK((pair[1] = accept(listener, 0, 0)) >= 0);
	int one = 1;
	setsockopt(pair[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(pair[1], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	printf("pair %lu %lu\n", inode(pair[0]), inode(pair[1]));
}

static void tcp(int family, int pair[2])
{
	int listener = listen_on(family, 0);
	tcp_at(listener, family, pair);
	close(listener);
}

static void unix_stream(const char *path, int pair[2])
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	socklen_t n = offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1;
	strcpy(a.sun_path, path);
	if (path[0] == '@') {
		a.sun_path[0] = 0;
		n--;
	} else {
		unlink(path);
	}
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK(bind(listener, (void *)&a, n) == 0 && listen(listener, 4) == 0);
	CHECK((pair[0] = socket(AF_UNIX, SOCK_STREAM, 0)) >= 0);
	CHECK(connect(pair[0], (void *)&a, n) == 0);
	CHECK((pair[1] = accept4(listener, 0, 0, SOCK_CLOEXEC)) >= 0);
	printf("pair %lu %lu\n", inode(pair[0]), inode(pair[1]));
	close(listener);
	if (path[0] != '@')
		unlink(path);
}

/* Every writing call against every reading call, both ways. */
static void exchange(int pair[2])
{
	for (int kind = 0; kind < KINDS; kind++) {
		write_by(kind, pair[0], 300 + kind);
		read_by(kind, pair[1], 300 + kind);
		write_by((kind + 2) % KINDS, pair[1], 2000 + kind);
		read_by((kind + 3) % KINDS, pair[0], 2000 + kind);
	}
}

static void end(int pair[2])
{
	life(pair[0], "CLOSED", 0);
	close(pair[0]);
	CHECK(read(pair[1], got, 10) == 0);
	life(pair[1], "SHUTDOWN_INGRESS", 0);
	life(pair[1], "CLOSED", 0);
	close(pair[1]);
}

static void streams(const char *path)
{
	int pair[2];
	tcp(AF_INET, pair);
	exchange(pair);
	end(pair);
	tcp(AF_INET6, pair);
	exchange(pair);
	end(pair);
	unix_stream(path, pair);
	exchange(pair);
	end(pair);
	unix_stream("@kymo-traffic", pair);
	exchange(pair);
	end(pair);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	printf("pair %lu %lu\n", inode(pair[0]), inode(pair[1]));
	exchange(pair);
	end(pair);
}

/* An IPv6 socket that speaks IPv4. */
static void mapped(const char *unused)
{
	int listener = listen_on(AF_INET, 0), pair[2];
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(port_of(listener)) };
	(void)unused;
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &a.sin6_addr);
	CHECK((pair[0] = socket(AF_INET6, SOCK_STREAM, 0)) >= 0);
	CHECK(connect(pair[0], (void *)&a, sizeof(a)) == 0);
	CHECK((pair[1] = accept(listener, 0, 0)) >= 0);
	printf("pair %lu %lu\n", inode(pair[0]), inode(pair[1]));
	write_by(0, pair[0], 10);
	read_by(0, pair[1], 10);
	end(pair);
}

static int udp(int family)
{
	struct sockaddr_storage a;
	socklen_t n;
	int fd = socket(family, SOCK_DGRAM, 0);
	loopback(family, 0, &a, &n);
	CHECK(fd >= 0 && bind(fd, (void *)&a, n) == 0);
	return fd;
}

static void datagrams_of(int family)
{
	struct sockaddr_storage a, from;
	socklen_t n, m = sizeof(from);
	struct iovec iov[6];
	int one = udp(family), two = udp(family), k;
	unsigned char *p;
	loopback(family, port_of(two), &a, &n);
	/* unconnected: the peer is in the call */
	p = fresh(40);
	CHECK(sendto(one, p, 40, 0, (void *)&a, n) == 40);
	say(one, "out", "SENDTO", 40, p, port_of(two));
	CHECK(recvfrom(two, got, 2000, 0, (void *)&from, &m) == 40);
	say(two, "in", "RECVFROM", 40, got, port_of(one));
	p = fresh(500);
	k = split(iov, p, 500);
	struct msghdr h = { .msg_name = &a, .msg_namelen = n, .msg_iov = iov, .msg_iovlen = k };
	CHECK(sendmsg(one, &h, 0) == 500);
	say(one, "out", "SENDMSG", 500, p, port_of(two));
	struct iovec big = { got, 2000 };
	struct msghdr r = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &big, .msg_iovlen = 1 };
	CHECK(recvmsg(two, &r, 0) == 500);
	say(two, "in", "RECVMSG", 500, got, port_of(one));
	/* several to several in one call */
	struct mmsghdr many[3];
	struct iovec parts[3];
	memset(many, 0, sizeof(many));
	p = fresh(300);
	for (int i = 0; i < 3; i++) {
		parts[i].iov_base = p + 100 * i;
		parts[i].iov_len = 50 + i;
		many[i].msg_hdr.msg_name = &a;
		many[i].msg_hdr.msg_namelen = n;
		many[i].msg_hdr.msg_iov = &parts[i];
		many[i].msg_hdr.msg_iovlen = 1;
	}
	CHECK(sendmmsg(one, many, 3, 0) == 3);
	for (int i = 0; i < 3; i++)
		say(one, "out", "SENDMMSG", 50 + i, p + 100 * i, port_of(two));
	struct sockaddr_storage names[3];
	for (int i = 0; i < 3; i++) {
		parts[i].iov_base = got + 2000 * i;
		parts[i].iov_len = 2000;
		many[i].msg_hdr.msg_name = &names[i];
		many[i].msg_hdr.msg_namelen = sizeof(names[i]);
	}
	CHECK(recvmmsg(two, many, 3, 0, 0) == 3);
	for (int i = 0; i < 3; i++)
		say(two, "in", "RECVMMSG", 50 + i, got + 2000 * i, port_of(one));
	/* connected */
	CHECK(connect(one, (void *)&a, n) == 0);
	p = fresh(60);
	CHECK(write(one, p, 60) == 60);
	say(one, "out", "WRITE", 60, p, port_of(two));
	CHECK(recvfrom(two, got, 2000, 0, (void *)&from, &m) == 60);
	say(two, "in", "RECVFROM", 60, got, port_of(one));
	CHECK(sendto(two, p, 33, 0, (void *)&from, m) == 33);
	say(two, "out", "SENDTO", 33, p, port_of(one));
	CHECK(read(one, got, 100) == 33);
	say(one, "in", "READ", 33, got, port_of(two));
	/* larger than one event */
	p = fresh(40000);
	CHECK(write(one, p, 40000) == 40000);
	say(one, "out", "WRITE", 40000, p, port_of(two));
	CHECK(recvfrom(two, got, 60000, 0, (void *)&from, &m) == 40000);
	say(two, "in", "RECVFROM", 40000, got, port_of(one));
	life(one, "CLOSED", 0);
	life(two, "CLOSED", 0);
	close(one);
	close(two);
}

static void datagrams(const char *unused)
{
	int pair[2];
	(void)unused;
	datagrams_of(AF_INET);
	datagrams_of(AF_INET6);
	CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
	printf("pair %lu %lu\n", inode(pair[0]), inode(pair[1]));
	for (int kind = 0; kind < 4; kind++) {
		write_by(kind, pair[0], 100 + kind);
		read_by(kind, pair[1], 100 + kind);
		write_by(kind, pair[1], 200 + kind);
		read_by(kind, pair[0], 200 + kind);
	}
	close(pair[0]);
	close(pair[1]);
	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	printf("pair %lu %lu\n", inode(pair[0]), inode(pair[1]));
	write_by(0, pair[0], 77);
	read_by(0, pair[1], 77);
	close(pair[0]);
	close(pair[1]);
}

/* sendfile and splice: sizes without payload; the other end reads them as usual. */
static void sizes(const char *path)
{
	int pair[2], pipes[2], file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	unsigned char *p = fresh(5000);
	CHECK(file >= 0 && write(file, p, 5000) == 5000 && pipe(pipes) == 0);
	tcp(AF_INET, pair);
	off_t at = 100;
	CHECK(sendfile(pair[0], file, &at, 4000) == 4000);
	say(pair[0], "out", "SENDFILE", 4000, 0, 0);
	CHECK(read(pair[1], got, 4000) == 4000);
	say(pair[1], "in", "READ", 4000, got, 0);
	CHECK(write(pipes[1], p, 700) == 700);
	CHECK(splice(pipes[0], 0, pair[1], 0, 700, 0) == 700);
	say(pair[1], "out", "SPLICE", 700, 0, 0);
	CHECK(splice(pair[0], 0, pipes[1], 0, 700, 0) == 700);
	say(pair[0], "in", "SPLICE", 700, 0, 0);
	write_by(0, pair[0], 50);
	read_by(0, pair[1], 50);
	end(pair);
	unlink(path);
}

/* Calls that move nothing, and those that throw bytes away. */
static void nothing(const char *unused)
{
	int pair[2];
	(void)unused;
	tcp(AF_INET, pair);
	CHECK(recv(pair[1], got, 100, MSG_DONTWAIT) < 0);
	write_by(0, pair[0], 100);
	CHECK(recv(pair[1], got, 100, MSG_PEEK) == 100);
	struct iovec iov = { got, 100 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	CHECK(recvmsg(pair[1], &m, MSG_PEEK) == 100);
	CHECK(read(pair[1], got, 0) == 0);
	read_by(2, pair[1], 60);
	CHECK(recv(pair[1], 0, 40, MSG_TRUNC) == 40);
	say(pair[1], "in", "RECVFROM", 40, 0, 0);
	write_by(3, pair[0], 20);
	read_by(3, pair[1], 20);
	CHECK(write(-1, got, 5) < 0 && write(pair[0], (void *)8, 5) < 0);
	end(pair);
	int file = open("/proc/self/stat", O_RDONLY);
	CHECK(read(file, got, 100) > 0);
	close(file);
	CHECK(pipe(pair) == 0 && write(pair[1], "x", 1) == 1);
	close(pair[0]);
	close(pair[1]);
}

static size_t read_fully(int fd, size_t n)
{
	size_t sum = 0;
	while (sum < n) {
		long k = read(fd, got + sum, n - sum);
		CHECK(k > 0);
		say(fd, "in", "READ", k, got + sum, 0);
		sum += k;
	}
	return sum;
}

/* Messages larger than an event and larger than a burst's budget; a turn renews it. */
static void large(const char *size)
{
	int pair[2], n = atoi(size);
	unsigned char *p;
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	printf("pair %lu %lu\n", inode(pair[0]), inode(pair[1]));
	int room = 4 << 20;
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	for (int turn = 0; turn < 2; turn++) {
		p = fresh(n);
		CHECK(write(pair[0], p, n) == n);
		say(pair[0], "out", "WRITE", n, p, 0);
		read_fully(pair[1], n);
		write_by(0, pair[1], 10);
		read_by(0, pair[0], 10);
	}
	/* many small buffers, more than are looked at for one event */
	static struct iovec many[1024];
	p = fresh(1024 * 3);
	for (int i = 0; i < 1024; i++) {
		many[i].iov_base = p + 3 * i;
		many[i].iov_len = 3;
	}
	CHECK(writev(pair[0], many, 1024) == 3072);
	say(pair[0], "out", "WRITEV", 3072, p, 0);
	read_fully(pair[1], 3072);
	close(pair[0]);
	close(pair[1]);
}

/* Two processes share a socket; it is closed when the last one lets go. */
static void shared(const char *unused)
{
	int pair[2], copy, go[2];
	(void)unused;
	tcp(AF_INET, pair);
	write_by(0, pair[0], 30);
	read_by(0, pair[1], 30);
	CHECK((copy = dup(pair[0])) >= 0);
	close(pair[0]);
	write_by(0, copy, 31);
	read_by(0, pair[1], 31);
	CHECK(pipe(go) == 0);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		char c;
		CHECK(read(go[0], &c, 1) == 1);
		write_by(0, copy, 32);
		life(copy, "CLOSED", 0);
		fflush(stdout);
		close(copy);
		_exit(0);
	}
	printf("process FORK %d\n", child);
	close(copy);
	CHECK(write(go[1], "x", 1) == 1);
	CHECK(waitpid(child, 0, 0) == child);
	printf("process EXIT %d\n", child);
	read_by(0, pair[1], 32);
	CHECK(read(pair[1], got, 10) == 0);
	life(pair[1], "SHUTDOWN_INGRESS", 0);
	/* dup2 over the last reference closes */
	life(pair[1], "CLOSED", 0);
	CHECK(dup2(go[0], pair[1]) == pair[1]);
}

static void nonblocking(int family, int port, int expected, const char *kind)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof(int);
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0), error = -1;
	loopback(family, port, &a, &n);
	CHECK(fd >= 0 && connect(fd, (void *)&a, n) < 0 && errno == EINPROGRESS);
	struct pollfd ready = { fd, POLLOUT, 0 };
	CHECK(poll(&ready, 1, 5000) == 1);
	n = sizeof(error);
	CHECK(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0 && error == expected);
	life(fd, kind, error);
	if (!expected) {
		write_by(0, fd, 5);
		life(fd, "CLOSED", 0);
	}
	close(fd);
}

/* How connections begin and end. */
static void lives(const char *unused)
{
	int pair[2], listener = listen_on(AF_INET, 0), port = port_of(listener);
	struct sockaddr_storage a;
	socklen_t n;
	(void)unused;
	tcp_at(listener, AF_INET, pair);
	life(pair[0], "OPENED", 0);
	life(pair[1], "OPENED", 0);
	write_by(0, pair[0], 8);
	read_by(0, pair[1], 8);
	life(pair[0], "SHUTDOWN_EGRESS", 0);
	CHECK(shutdown(pair[0], SHUT_WR) == 0);
	CHECK(read(pair[1], got, 1) == 0 && read(pair[1], got, 1) == 0);
	life(pair[1], "SHUTDOWN_INGRESS", 0);
	write_by(0, pair[1], 9);
	/* the reader passes the data and the FIN in one call */
	life(pair[1], "CLOSED", 0);
	close(pair[1]);
	CHECK(read(pair[0], got, 100) == 9);
	say(pair[0], "in", "READ", 9, got, 0);
	CHECK(read(pair[0], got, 100) == 0);
	life(pair[0], "SHUTDOWN_INGRESS", 0);
	life(pair[0], "CLOSED", 0);
	close(pair[0]);
	/* reset by the peer */
	tcp_at(listener, AF_INET, pair);
	life(pair[0], "OPENED", 0);
	life(pair[1], "OPENED", 0);
	struct linger hard = { 1, 0 };
	CHECK(setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)) == 0);
	life(pair[0], "CLOSED", 0);
	close(pair[0]);
	CHECK(read(pair[1], got, 10) < 0 && errno == ECONNRESET);
	life(pair[1], "RESET", ECONNRESET);
	life(pair[1], "CLOSED", 0);
	close(pair[1]);
	/* without waiting: under way, then there; and refused */
	nonblocking(AF_INET, port, 0, "OPENED");
	close(listener);
	loopback(AF_INET, port, &a, &n);
	CHECK((pair[0] = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
	CHECK(connect(pair[0], (void *)&a, n) < 0 && errno == ECONNREFUSED);
	life(pair[0], "CONNECT_FAILED", ECONNREFUSED);
	close(pair[0]);
	nonblocking(AF_INET, port, ECONNREFUSED, "CONNECT_FAILED");
	/* closed by the end of the process, TCP and Unix */
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		tcp(AF_INET, pair);
		write_by(0, pair[0], 11);
		read_by(0, pair[1], 11);
		life(pair[0], "CLOSED", 0);
		life(pair[1], "CLOSED", 0);
		CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
		write_by(0, pair[0], 12);
		read_by(0, pair[1], 12);
		life(pair[0], "CLOSED", 0);
		life(pair[1], "CLOSED", 0);
		fflush(stdout);
		_exit(3);
	}
	CHECK(waitpid(child, 0, 0) == child);
	printf("process EXIT %d\n", child);
	/* close_range */
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	write_by(0, pair[0], 13);
	read_by(0, pair[1], 13);
	life(pair[0], "CLOSED", 0);
	life(pair[1], "CLOSED", 0);
	CHECK(syscall(SYS_close_range, pair[0] < pair[1] ? pair[0] : pair[1], 1000, 0) == 0);
}

static void *wait_for_data(void *end)
{
	read(*(int *)end, got, 10);
	return 0;
}

/* A process of several threads, each waiting on a socket, is killed. */
static void killed(const char *unused)
{
	enum { THREADS = 6 };
	int go[2];
	char c;
	(void)unused;
	CHECK(pipe(go) == 0);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		int pairs[THREADS][2];
		pthread_t thread;
		for (int i = 0; i < THREADS; i++) {
			CHECK(socketpair(AF_UNIX, i % 2 ? SOCK_STREAM : SOCK_DGRAM, 0, pairs[i]) == 0);
			write_by(0, pairs[i][0], 40 + i);
			read_by(0, pairs[i][1], 40 + i);
			life(pairs[i][0], "CLOSED", 0);
			life(pairs[i][1], "CLOSED", 0);
			CHECK(pthread_create(&thread, 0, wait_for_data, &pairs[i][0]) == 0);
		}
		fflush(stdout);
		usleep(50000);
		CHECK(write(go[1], "x", 1) == 1);
		for (;;)
			pause();
	}
	CHECK(read(go[0], &c, 1) == 1);
	CHECK(kill(child, SIGKILL) == 0 && waitpid(child, 0, 0) == child);
	printf("process EXIT %d\n", child);
}

/* A socket that was in use before the capture began: the first half is made before the go. */
static int early[2];

static void preexisting(const char *unused)
{
	(void)unused;
	write_by(0, early[0], 100);
	read_by(0, early[1], 100);
	write_by(0, early[1], 200);
	read_by(0, early[0], 200);
	end(early);
}

/* N messages, as fast as they go: tcp, SIZE bytes each. */
static void flood(const char *count)
{
	int pair[2], n = atoi(count);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	unsigned char *p = fresh(64);
	for (int i = 0; i < n; i++)
		CHECK(write(pair[0], p, 64) == 64 && read(pair[1], got, 64) == 64);
	printf("flood %lu %lu %d 64\n", inode(pair[0]), inode(pair[1]), n);
}

/* So many sockets are open at once, each of which is used. */
static void many(const char *count)
{
	int n = atoi(count);
	struct rlimit files = { 2 * n + 64, 2 * n + 64 };
	CHECK(setrlimit(RLIMIT_NOFILE, &files) == 0);
	for (int i = 0; i < n; i++) {
		int pair[2];
		CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
		CHECK(write(pair[0], bytes, 1) == 1 && read(pair[1], got, 1) == 1);
	}
}

/* One connection on a port that was agreed on. */
static void port(const char *number)
{
	int listener = listen_on(AF_INET, atoi(number)), pair[2];
	tcp_at(listener, AF_INET, pair);
	write_by(0, pair[0], 21);
	read_by(0, pair[1], 21);
	close(pair[0]);
	close(pair[1]);
	close(listener);
}

/* A name service's manner: one datagram to a port, from an unconnected socket. */
static void ask(const char *number)
{
	struct sockaddr_storage a;
	socklen_t n;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	loopback(AF_INET, atoi(number), &a, &n);
	unsigned char *p = fresh(25);
	CHECK(sendto(fd, p, 25, 0, (void *)&a, n) == 25);
	say(fd, "out", "SENDTO", 25, p, atoi(number));
	close(fd);
}

static void *thread_named(void *unused)
{
	(void)unused;
	pthread_setname_np(pthread_self(), "worker");
	int pair[2];
	tcp(AF_INET, pair);
	write_by(0, pair[0], 22);
	read_by(0, pair[1], 22);
	close(pair[0]);
	close(pair[1]);
	return 0;
}

/* A thread with a name of its own in a process with another. */
static void named(const char *name)
{
	pthread_t thread;
	CHECK(pthread_setname_np(pthread_self(), name) == 0);
	CHECK(pthread_create(&thread, 0, thread_named, 0) == 0);
	CHECK(pthread_join(thread, 0) == 0);
}

static double cpu_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/*
 * CPU time in ns of a pair of calls: 512 bytes over a socket; the same over files, which are no sockets; getppid, which is
 * not looked at. The best of many batches, so that what else the machine does is left out.
 */
static void cost(const char *batches)
{
	enum { PAIRS = 500 };
	double best[3] = { 1e18, 1e18, 1e18 };
	int pair[2], null = open("/dev/null", O_WRONLY), zero = open("/dev/zero", O_RDONLY), n = atoi(batches);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && null >= 0 && zero >= 0);
	unsigned char *p = fresh(512);
	for (int i = 0; i < n; i++) {
		double at[4];
		at[0] = cpu_ns();
		for (int k = 0; k < PAIRS; k++)
			CHECK(write(pair[0], p, 512) == 512 && read(pair[1], got, 512) == 512);
		at[1] = cpu_ns();
		for (int k = 0; k < PAIRS; k++)
			CHECK(write(null, p, 512) == 512 && read(zero, got, 512) == 512);
		at[2] = cpu_ns();
		for (int k = 0; k < PAIRS; k++)
			syscall(SYS_getppid), syscall(SYS_getppid);
		at[3] = cpu_ns();
		for (int k = 0; k < 3; k++)
			if ((at[k + 1] - at[k]) / PAIRS < best[k])
				best[k] = (at[k + 1] - at[k]) / PAIRS;
	}
	printf("cost %.1f %.1f %.1f\n", best[0], best[1], best[2]);
}

static void own_network(void)
{
	struct ifreq up = { .ifr_name = "lo" };
	int fd;
	CHECK(unshare(CLONE_NEWNET) == 0 && (fd = socket(AF_INET, SOCK_DGRAM, 0)) >= 0);
	up.ifr_flags = IFF_UP | IFF_RUNNING;
	CHECK(ioctl(fd, SIOCSIFFLAGS, &up) == 0);
	close(fd);
}

static const struct {
	const char *name;
	void (*run)(const char *argument);
} scenarios[] = {
	{ "streams", streams }, { "mapped", mapped }, { "datagrams", datagrams }, { "sizes", sizes }, { "nothing", nothing }, { "large", large },
	{ "shared", shared }, { "lives", lives }, { "killed", killed }, { "preexisting", preexisting }, { "flood", flood }, { "many", many }, { "port", port }, { "ask", ask },
	{ "named", named }, { "cost", cost },
};

int main(int argc, char **argv)
{
	char line[16];
	if (argc < 2)
		return 2;
	alarm(60);
	if (argc > 3 && !strcmp(argv[3], "own-network"))
		own_network();
	if (!strcmp(argv[1], "preexisting")) {
		tcp(AF_INET, early);
		CHECK(write(early[0], bytes, 50) == 50 && read(early[1], got, 50) == 50);
	}
	struct stat ns;
	CHECK(stat("/proc/self/ns/net", &ns) == 0);
	printf("ready %d %lu\n", getpid(), (unsigned long)ns.st_ino);
	fflush(stdout);
	CHECK(fgets(line, sizeof(line), stdin));
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(*scenarios); i++)
		if (!strcmp(scenarios[i].name, argv[1])) {
			scenarios[i].run(argc > 2 ? argv[2] : "");
			puts("done");
			return 0;
		}
	fprintf(stderr, "traffic: no scenario %s\n", argv[1]);
	return 2;
}
