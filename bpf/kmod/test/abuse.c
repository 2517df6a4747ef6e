/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Uses /dev/kymo as no collector does, for the test of the kernel module.
 *
 *   abuse hold          sets it up, captures everything without ever taking an event, says "ready", and has TCP's figures told until it is killed
 *   abuse fuzz SEED N   N rounds: opens it, calls it with random arguments, sizes and offsets, writes random bytes over what it maps, closes it;
 *                       prints how many calls were taken and how many refused
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "../../include/wire.h"

static unsigned long taken, refused;
static unsigned long long seed;

static unsigned long long dice(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void note(int failed)
{
	if (failed)
		refused++;
	else
		taken++;
}

static int open_device(void)
{
	int fd = open("/dev/kymo", O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		perror("abuse: /dev/kymo");
		exit(1);
	}
	return fd;
}

static void fill(void *into, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		((unsigned char *)into)[i] = dice() % 3 ? dice() : 0;
}

static int set_up(int fd, struct kymo_setup *setup)
{
	*setup = (struct kymo_setup){ .version = KYMO_WIRE_VERSION, .max_sockets = 1024, .ring_bytes = 1 << 16 };
	return ioctl(fd, KYMO_IOCTL_SETUP, setup);
}

static void switch_on(int fd)
{
	struct kymo_settings settings = { .version = KYMO_WIRE_VERSION, .burst_bytes = 1 << 16, .segment_bytes = KYMO_PAYLOAD_MAX };

	note(ioctl(fd, KYMO_IOCTL_SETTINGS, &settings));
}

/* A TCP connection that is reset. */
static void reset(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct linger at_once = { .l_onoff = 1 };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);

	if (!bind(listener, (void *)&address, length) && !listen(listener, 1) && !getsockname(listener, (void *)&address, &length) &&
	    !connect(client, (void *)&address, length)) {
		int server = accept(listener, NULL, NULL);

		setsockopt(server, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		close(server);
	}
	close(client);
	close(listener);
}

/* Something for the module to tell. */
static void talk(void)
{
	char bytes[4096];
	int pair[2];

	reset();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return;
	for (int i = 0; i < 20; i++)
		if (write(pair[0], bytes, sizeof(bytes)) != read(pair[1], bytes, sizeof(bytes)))
			break;
	close(pair[0]);
	close(pair[1]);
}

static void random_call(int fd, const struct kymo_setup *setup)
{
	static const unsigned long requests[] = { KYMO_IOCTL_SETUP, KYMO_IOCTL_SETTINGS, KYMO_IOCTL_ADD, KYMO_IOCTL_REMOVE, KYMO_IOCTL_CLEAR,
						  KYMO_IOCTL_SAMPLE, KYMO_IOCTL_REASON };
	unsigned char argument[4096];
	unsigned long request = dice() % 8 ? requests[dice() % (sizeof(requests) / sizeof(*requests))] : dice();
	void *at = argument;

	fill(argument, sizeof(argument));
	if (dice() % 2) /* so that it comes past the first look */
		*(unsigned *)argument = dice() % 3 ? 1U << dice() % 8 : KYMO_WIRE_VERSION;
	switch (dice() % 16) {
	case 0:
		at = NULL;
		break;
	case 1:
		at = (void *)dice();
		break;
	case 2:
		at = (void *)(0xffff888000000000ULL + dice() % (1 << 30));
		break;
	}
	switch (dice() % 6) {
	case 0:
		note(read(fd, at, dice() % 10000) < 0);
		return;
	case 1: {
		size_t length = dice() % 2 ? setup->region_bytes : dice() % (1 << 20);
		off_t offset = dice() % 2 ? (dice() % 4) * setup->region_bytes : (dice() % (1 << 20)) & ~4095ULL;
		unsigned char *region = mmap(NULL, length, PROT_READ | PROT_WRITE, dice() % 4 ? MAP_SHARED : MAP_PRIVATE, fd, offset);

		note(region == MAP_FAILED);
		if (region == MAP_FAILED)
			return;
		if (dice() % 2)
			fill(region, sizeof(struct kymo_ring));
		else if (length > 8192)
			fill(region + dice() % (length - 4096), 4096);
		talk();
		munmap(region, length);
		return;
	}
	default:
		note(ioctl(fd, request, at) < 0);
	}
}

static void fuzz(unsigned rounds)
{
	for (unsigned round = 0; round < rounds; round++) {
		struct kymo_setup setup = { .region_bytes = 4096 };
		int fd = open_device(), other;

		if (dice() % 4)
			note(set_up(fd, &setup));
		if (dice() % 2)
			switch_on(fd);
		other = open("/dev/kymo", O_RDWR);
		if (other >= 0 || errno != EBUSY) {
			fprintf(stderr, "abuse: a second collector was let in\n");
			exit(1);
		}
		for (int i = 0; i < 200; i++) {
			random_call(fd, &setup);
			if (!(i % 20))
				talk();
		}
		close(fd);
	}
	printf("%lu taken, %lu refused\n", taken, refused);
}

static void hold(void)
{
	struct kymo_setup setup;
	int fd = open_device();

	if (set_up(fd, &setup) || mmap(NULL, setup.region_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED) {
		perror("abuse: set up");
		exit(1);
	}
	switch_on(fd);
	puts("ready");
	fflush(stdout);
	for (;;) {
		if (ioctl(fd, KYMO_IOCTL_SAMPLE)) {
			perror("abuse: sample");
			exit(1);
		}
		usleep(1000);
	}
}

int main(int count, char **words)
{
	if (count == 2 && !strcmp(words[1], "hold")) {
		hold();
	} else if (count == 4 && !strcmp(words[1], "fuzz")) {
		seed = strtoull(words[2], NULL, 10) | 1;
		fuzz(atoi(words[3]));
	} else {
		fprintf(stderr, "use: abuse hold | abuse fuzz SEED ROUNDS\n");
		return 2;
	}
	return 0;
}
