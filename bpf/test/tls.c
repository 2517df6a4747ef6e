/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Talks TLS with itself over TCP for the capture's test, by OpenSSL's library as it is installed (no headers are needed), without certificates:
 *
 *   ready PID                                       then waits for a line on standard input
 *   sent INODE in|out BYTES                         plaintext of one socket's direction; its byte at P is (17 * P + P / 256 + 31 * PAIR) mod 256
 *   pair INODE INODE PAIR
 *   done
 *
 * Use: tls PAIRS ROUNDS      each pair of sockets has two threads; a round is a message of the client and one of the server
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECK(what)                                                                          \
	do {                                                                                 \
		if (!(what)) {                                                               \
			fprintf(stderr, "tls: line %d: %s: %m\n", __LINE__, #what);          \
			exit(1);                                                             \
		}                                                                            \
	} while (0)

#define PAIRS_MAX 64
#define MESSAGE_MAX 50000

/* openssl/ssl.h and tls1.h */
#define TLS1_2_VERSION 0x0303
#define SSL_CTRL_SET_MIN_PROTO_VERSION 123
#define SSL_CTRL_SET_MAX_PROTO_VERSION 124

static const void *(*method)(void);
static void *(*new_context)(const void *);
static long (*control)(void *, int, long, void *);
static int (*ciphers)(void *, const char *);
static void *(*new_session)(void *);
static void (*free_session)(void *);
static int (*set_fd)(void *, int);
static int (*start_client)(void *), (*start_server)(void *);
static int (*read_some)(void *, void *, int), (*write_all)(void *, const void *, int);
static int (*read_some_ex)(void *, void *, size_t, size_t *), (*write_all_ex)(void *, const void *, size_t, size_t *);

static int rounds;
static struct pair {
	int number, client, server;
	size_t sent[2]; /* by the client, by the server */
} pairs[PAIRS_MAX];

static void *function(const char *name)
{
	static void *library;
	if (!library)
		library = dlopen("libssl.so.3", RTLD_NOW);
	if (!library)
		library = dlopen("libssl.so.1.1", RTLD_NOW);
	void *found = library ? dlsym(library, name) : 0;
	if (!found) {
		fprintf(stderr, "tls: %s\n", dlerror());
		exit(1);
	}
	return found;
}

static unsigned char at(int pair, size_t position)
{
	return 17 * position + position / 256 + 31 * pair;
}

static size_t size_of(int pair, int round)
{
	static const size_t sizes[] = { 1, 100, 256, 257, 1024, 1025, 4096, 5000, 16384, 16385, 40000, MESSAGE_MAX };
	return sizes[(pair * 5 + round) % (sizeof(sizes) / sizeof(*sizes))];
}

/* Half of the pairs use the functions that store sizes. */
static void put(const struct pair *pair, void *session, size_t *position, size_t size)
{
	unsigned char message[MESSAGE_MAX];
	size_t written = size;
	for (size_t i = 0; i < size; i++)
		message[i] = at(pair->number, *position + i);
	if (pair->number % 2)
		CHECK(write_all_ex(session, message, size, &written) == 1 && written == size);
	else
		CHECK(write_all(session, message, size) == (int)size);
	*position += size;
}

static void take(const struct pair *pair, void *session, size_t *position, size_t size)
{
	unsigned char message[MESSAGE_MAX];
	while (size) {
		size_t got = 0;
		if (pair->number % 2) {
			CHECK(read_some_ex(session, message, size, &got) == 1);
		} else {
			int result = read_some(session, message, size);
			CHECK(result > 0);
			got = result;
		}
		for (size_t i = 0; i < got; i++)
			CHECK(message[i] == at(pair->number, *position + i));
		*position += got;
		size -= got;
	}
}

static void *context(void)
{
	void *made = new_context(method());
	CHECK(made);
	CHECK(control(made, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, 0) && control(made, SSL_CTRL_SET_MAX_PROTO_VERSION, TLS1_2_VERSION, 0));
	CHECK(ciphers(made, "AECDH-AES256-SHA:@SECLEVEL=0"));
	return made;
}

static void *client(void *argument)
{
	struct pair *pair = argument;
	void *session = new_session(context());
	size_t taken = 0;
	CHECK(session && set_fd(session, pair->client) && start_client(session) == 1);
	for (int i = 0; i < rounds; i++) {
		put(pair, session, &pair->sent[0], size_of(pair->number, i));
		take(pair, session, &taken, size_of(pair->number, i + 1));
	}
	free_session(session);
	return 0;
}

static void *server(void *argument)
{
	struct pair *pair = argument;
	void *session = new_session(context());
	size_t taken = 0;
	CHECK(session && set_fd(session, pair->server) && start_server(session) == 1);
	for (int i = 0; i < rounds; i++) {
		take(pair, session, &taken, size_of(pair->number, i));
		put(pair, session, &pair->sent[1], size_of(pair->number, i + 1));
	}
	free_session(session);
	return 0;
}

static unsigned long inode(int fd)
{
	struct stat st;
	CHECK(fstat(fd, &st) == 0);
	return st.st_ino;
}

static void connect_pair(struct pair *pair)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(listener >= 0 && bind(listener, (void *)&address, length) == 0 && listen(listener, 1) == 0);
	CHECK(getsockname(listener, (void *)&address, &length) == 0);
	pair->client = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(pair->client >= 0 && connect(pair->client, (void *)&address, length) == 0);
	pair->server = accept(listener, 0, 0);
	CHECK(pair->server >= 0);
	close(listener);
}

int main(int argc, char **argv)
{
	CHECK(argc == 3);
	int count = atoi(argv[1]);
	rounds = atoi(argv[2]);
	CHECK(count > 0 && count <= PAIRS_MAX && rounds > 0);
	method = function("TLS_method");
	new_context = function("SSL_CTX_new");
	control = function("SSL_CTX_ctrl");
	ciphers = function("SSL_CTX_set_cipher_list");
	new_session = function("SSL_new");
	free_session = function("SSL_free");
	set_fd = function("SSL_set_fd");
	start_client = function("SSL_connect");
	start_server = function("SSL_accept");
	read_some = function("SSL_read");
	write_all = function("SSL_write");
	read_some_ex = function("SSL_read_ex");
	write_all_ex = function("SSL_write_ex");
	printf("ready %d\n", getpid());
	fflush(stdout);
	CHECK(getchar() != EOF);
	pthread_t threads[2 * PAIRS_MAX];
	for (int i = 0; i < count; i++) {
		pairs[i].number = i;
		connect_pair(&pairs[i]);
		CHECK(pthread_create(&threads[2 * i], 0, client, &pairs[i]) == 0 && pthread_create(&threads[2 * i + 1], 0, server, &pairs[i]) == 0);
	}
	for (int i = 0; i < 2 * count; i++)
		CHECK(pthread_join(threads[i], 0) == 0);
	for (int i = 0; i < count; i++) {
		unsigned long here = inode(pairs[i].client), there = inode(pairs[i].server);
		printf("pair %lu %lu %d\n", here, there, i);
		printf("sent %lu out %zu\nsent %lu in %zu\n", here, pairs[i].sent[0], here, pairs[i].sent[1]);
		printf("sent %lu out %zu\nsent %lu in %zu\n", there, pairs[i].sent[1], there, pairs[i].sent[0]);
	}
	puts("done");
	return 0;
}
