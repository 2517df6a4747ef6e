/*
 * Serves HTTPS and asks for it, with OpenSSL or BoringSSL, outside or inside of the program.
 *
 *   https serve ADDRESS CERTIFICATE KEY LOG    logs "METHOD PATH STATUS" of each request
 *   https get CERTIFICATE TIMES URL…           asks for each URL so many times, over one connection
 *   https wait FILE get …                      the same, as soon as there is such a file
 *
 * From within the library's functions it writes and reads a diary, on sockets that have nothing to do with TLS.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHECK(what)                                                                   \
	do {                                                                          \
		if (!(what)) {                                                        \
			fprintf(stderr, "https: line %d: %s: %m\n", __LINE__, #what); \
			exit(1);                                                      \
		}                                                                     \
	} while (0)

#define LARGE 300000

static FILE *judge;
static SSL_CTX *context;
static char large[LARGE];
static int diary[2];

static void note(int written, int version, int type, const void *message, size_t size, SSL *tls, void *unused)
{
	char text[64];
	int length = snprintf(text, sizeof(text), "%s %d %d %zu\n", written ? "wrote" : "read", version, type, size);
	CHECK(write(diary[0], text, length) == length && read(diary[1], text, length) > 0);
	(void)message, (void)tls, (void)unused;
}

static void keep_diary(void)
{
	CHECK(context && socketpair(AF_UNIX, SOCK_STREAM, 0, diary) == 0);
	SSL_CTX_set_msg_callback(context, note);
}

/* Reads up to the end of a head, or returns 0 at the end of the stream. The rest stays in `text`, `length` counts it. */
static size_t read_head(SSL *tls, char *text, size_t *length, size_t room)
{
	for (;;) {
		char *end = memmem(text, *length, "\r\n\r\n", 4);
		if (end)
			return end + 4 - text;
		CHECK(*length < room);
		int got = SSL_read(tls, text + *length, room - *length);
		if (got <= 0)
			return 0;
		*length += got;
	}
}

static void *serve_one(void *argument)
{
	int fd = (int)(long)argument;
	SSL *tls = SSL_new(context);
	char text[8192], method[16], path[1024], head[256];
	size_t length = 0, size;
	CHECK(tls && SSL_set_fd(tls, fd) == 1);
	if (SSL_accept(tls) != 1)
		goto out;
	while ((size = read_head(tls, text, &length, sizeof(text) - 1))) {
		text[size - 1] = 0;
		CHECK(sscanf(text, "%15s %1023s", method, path) == 2);
		memmove(text, text + size, length -= size);
		int status = strcmp(path, "/missing") == 0 ? 404 : strcmp(path, "/broken") == 0 ? 500 : 200;
		const char *body = strcmp(path, "/large") == 0 ? large : "hello\n";
		int bytes = body == large ? LARGE : 6;
		flockfile(judge);
		fprintf(judge, "%s %s %d\n", method, path, status);
		fflush(judge);
		funlockfile(judge);
		int wanted = snprintf(head, sizeof(head), "HTTP/1.1 %d Status\r\nContent-Length: %d\r\n\r\n", status, bytes);
		if (SSL_write(tls, head, wanted) != wanted || SSL_write(tls, body, bytes) != bytes)
			break;
	}
	SSL_shutdown(tls);
out:
	SSL_free(tls);
	close(fd);
	return 0;
}

static struct sockaddr_in address_of(const char *text, const char **rest)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	char host[64];
	unsigned port;
	int end = 0;
	CHECK(sscanf(text, "%63[0-9.]:%u%n", host, &port, &end) == 2 && inet_pton(AF_INET, host, &address.sin_addr) == 1);
	address.sin_port = htons(port);
	if (rest)
		*rest = text + end;
	return address;
}

static void serve(char **arguments)
{
	struct sockaddr_in address = address_of(arguments[0], 0);
	int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
	memset(large, 'x', LARGE);
	CHECK((judge = fopen(arguments[3], "a")) && (context = SSL_CTX_new(TLS_server_method())));
	CHECK(SSL_CTX_use_certificate_chain_file(context, arguments[1]) == 1 && SSL_CTX_use_PrivateKey_file(context, arguments[2], SSL_FILETYPE_PEM) == 1);
	keep_diary();
	CHECK(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0);
	CHECK(bind(listener, (void *)&address, sizeof(address)) == 0 && listen(listener, 16) == 0);
	for (;;) {
		pthread_t thread;
		int fd = accept(listener, 0, 0);
		CHECK(fd >= 0 && pthread_create(&thread, 0, serve_one, (void *)(long)fd) == 0);
		pthread_detach(thread);
	}
}

static void get(char **arguments)
{
	int times = atoi(arguments[1]), fd = socket(AF_INET, SOCK_STREAM, 0);
	const char *path;
	char text[8192], head[2048];
	size_t length = 0;
	CHECK((context = SSL_CTX_new(TLS_client_method())) && SSL_CTX_load_verify_locations(context, arguments[0], 0) == 1);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, 0);
	keep_diary();
	SSL *tls = SSL_new(context);
	struct sockaddr_in address = address_of(arguments[2] + strlen("https://"), &path);
	CHECK(connect(fd, (void *)&address, sizeof(address)) == 0);
	CHECK(tls && SSL_set_fd(tls, fd) == 1 && SSL_connect(tls) == 1);
	for (int i = 0; i < times; i++) {
		for (char **url = arguments + 2; *url; url++) {
			address_of(*url + strlen("https://"), &path);
			int wanted = snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\nHost: here\r\n\r\n", path);
			CHECK(SSL_write(tls, head, wanted) == wanted);
			size_t size = read_head(tls, text, &length, sizeof(text) - 1);
			CHECK(size);
			text[size - 1] = 0;
			char *field = strstr(text, "Content-Length: ");
			CHECK(field);
			size_t body = atoi(field + strlen("Content-Length: "));
			size_t have = length - size < body ? length - size : body;
			memmove(text, text + size + have, length -= size + have);
			for (body -= have; body;) {
				int got = SSL_read(tls, text, body < sizeof(text) ? body : sizeof(text));
				CHECK(got > 0);
				body -= got;
			}
		}
	}
	SSL_shutdown(tls);
	SSL_free(tls);
	close(fd);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc == 6 && strcmp(argv[1], "serve") == 0)
		serve(argv + 2);
	for (; argc > 3 && strcmp(argv[1], "wait") == 0; argc -= 2, argv += 2)
		while (access(argv[2], F_OK) != 0)
			usleep(10000);
	CHECK(argc >= 5 && strcmp(argv[1], "get") == 0);
	get(argv + 2);
	return 0;
}
