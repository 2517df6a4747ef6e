/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A long line between two network namespaces, for kernels without netem: a tap device in each, and this process between
 * them, which delays, loses and reorders frames.
 *
 *   link NETNS-PATH DEVICE NETNS-PATH DEVICE
 *
 * It prints "ready", then takes commands, one a line, and answers each with "ok":
 *
 *   line DELAY-US LOSS-PER-MILLE REORDER-PER-MILLE   both directions from now on: one-way delay; how many frames are
 *                                                    lost; how many go ahead of those before them
 *   lost                                             answers "ok N": frames lost so far
 *
 * and ends with its standard input. Which frames are hit is decided by a sequence of numbers that is always the same.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MAX 2048
#define QUEUE 8192
#define PER_MILLE 1000
#define NS_PER_US 1000ULL
#define NS_PER_S 1000000000ULL

struct frame { uint64_t due; uint32_t length; uint8_t bytes[FRAME_MAX]; };

/* Frames on their way to a device, sorted by when they are due. */
struct direction { int to; uint32_t count; struct frame *frames[QUEUE]; };

static uint64_t delay_ns;
static uint32_t loss, reorder;
static uint64_t lost;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * NS_PER_S + time.tv_nsec;
}

/* Numerical Recipes' linear congruential generator; the high bits are the good ones. */
static uint32_t chance(void)
{
	static uint32_t seed = 77;
	seed = seed * 1664525 + 1013904223;
	return (seed >> 16) % PER_MILLE;
}

static int open_tap(const char *netns, const char *device)
{
	int ns = open(netns, O_RDONLY | O_CLOEXEC);
	if (ns < 0 || setns(ns, CLONE_NEWNET))
		fail(netns);
	close(ns);
	int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tap < 0)
		fail("/dev/net/tun");
	struct ifreq request = { 0 };
	strncpy(request.ifr_name, device, IFNAMSIZ - 1);
	request.ifr_flags = IFF_TAP | IFF_NO_PI;
	if (ioctl(tap, TUNSETIFF, &request))
		fail(device);
	return tap;
}

static void put(struct direction *way, struct frame *frame)
{
	uint32_t at = way->count++;
	for (; at && way->frames[at - 1]->due > frame->due; at--)
		way->frames[at] = way->frames[at - 1];
	way->frames[at] = frame;
}

/* Takes in what waits at a device, for the other one. */
static void take(int from, struct direction *way)
{
	for (;;) {
		if (way->count == QUEUE)
			return;
		struct frame *frame = malloc(sizeof(*frame));
		if (!frame)
			fail("malloc");
		ssize_t length = read(from, frame->bytes, FRAME_MAX);
		if (length <= 0) {
			free(frame);
			if (length < 0 && errno != EAGAIN && errno != EIO)
				fail("read");
			return;
		}
		if (chance() < loss) {
			lost++;
			free(frame);
			continue;
		}
		frame->length = length;
		frame->due = now_ns() + (chance() < reorder ? 0 : delay_ns);
		put(way, frame);
	}
}

static void give(struct direction *way, uint64_t now)
{
	uint32_t done = 0;
	while (done < way->count && way->frames[done]->due <= now) {
		struct frame *frame = way->frames[done++];
		if (write(way->to, frame->bytes, frame->length) < 0 && errno != EIO)
			fail("write");
		free(frame);
	}
	way->count -= done;
	memmove(way->frames, way->frames + done, way->count * sizeof(way->frames[0]));
}

/* Returns 0 at the end of the input. */
static int command(void)
{
	char line[128];
	unsigned long long delay;
	if (!fgets(line, sizeof(line), stdin))
		return 0;
	if (sscanf(line, "line %llu %u %u", &delay, &loss, &reorder) == 3) {
		delay_ns = delay * NS_PER_US;
		printf("ok\n");
	} else if (!strcmp(line, "lost\n")) {
		printf("ok %llu\n", (unsigned long long)lost);
	} else {
		fprintf(stderr, "link: no such command: %s", line);
		exit(2);
	}
	fflush(stdout);
	return 1;
}

int main(int count, char **arguments)
{
	static struct direction there, back;
	if (count != 5) {
		fprintf(stderr, "usage: link NETNS-PATH DEVICE NETNS-PATH DEVICE\n");
		return 2;
	}
	int left = open_tap(arguments[1], arguments[2]), right = open_tap(arguments[3], arguments[4]);
	there.to = right;
	back.to = left;
	printf("ready\n");
	fflush(stdout);
	struct pollfd files[] = { { left, POLLIN, 0 }, { right, POLLIN, 0 }, { 0, POLLIN, 0 } };
	for (;;) {
		uint64_t now = now_ns(), due = UINT64_MAX;
		give(&there, now);
		give(&back, now);
		if (there.count)
			due = there.frames[0]->due;
		if (back.count && back.frames[0]->due < due)
			due = back.frames[0]->due;
		uint64_t wait = due > now ? due - now : 0;
		struct timespec pause = { wait / NS_PER_S, wait % NS_PER_S };
		if (ppoll(files, 3, due == UINT64_MAX ? NULL : &pause, NULL) < 0)
			fail("poll");
		if (files[0].revents)
			take(left, &there);
		if (files[1].revents)
			take(right, &back);
		if (files[2].revents && !command())
			return 0;
	}
}
