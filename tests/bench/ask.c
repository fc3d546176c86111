/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ask ADDRESS PORT FILE: sends the request in FILE to that node and takes the
 * reply, as often as it is told (coprocess.h).  The mark is the node's side
 * alone: from before the last byte of the request is sent to after the last
 * one of the reply was read.  A connection is there for CONNECT_US before
 * anything is sent, as a stock client's is, which preprocesses meanwhile.
 */
#include "coprocess.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECT_US 2000

static struct sockaddr_in node;
static char *request;
static size_t request_len;
static char head[64]; /* DONE, version, STAT, status, … */
static size_t head_len;

static void
load(const char *path)
{
	FILE *f = fopen(path, "re");
	long n;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (n = ftell(f)) < 2)
		bench_die(path);
	request_len = (size_t)n;
	request = malloc(request_len);
	rewind(f);
	if (request == NULL || fread(request, 1, request_len, f) != request_len)
		bench_die(path);
	(void)fclose(f);
}

static int
dial(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || connect(fd, (void *)&node, sizeof(node)) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0)
		bench_die("connect");
	return fd;
}

static void
send_all(int fd, const char *at, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n < 0)
			bench_die("send");
		at += n;
		len -= (size_t)n;
	}
}

/* The whole reply; when its last byte was there. */
static uint64_t
take(int fd)
{
	static char buf[1 << 18];
	uint64_t last = 0;
	ssize_t n;

	head_len = 0;
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		last = now_ns();
		size_t more = sizeof(head) - 1 - head_len;

		if (more > (size_t)n)
			more = (size_t)n;
		memcpy(head + head_len, buf, more);
		head_len += more;
	}
	head[head_len] = '\0';
	return last;
}

/* "DONE" version "STAT" status, eight digits each; 256 for anything else. */
static int
status(void)
{
	if (head_len < 24 || strncmp(head, "DONE", 4) != 0 ||
	    strncmp(head + 12, "STAT", 4) != 0)
		return 256;
	return (int)strtol((char[9]){ head[16], head[17], head[18], head[19],
			       head[20], head[21], head[22], head[23], '\0' },
	    NULL, 16);
}

static void
once(struct timing *t)
{
	uint64_t start = now_ns(), tail, last;
	int fd = dial();

	(void)usleep(CONNECT_US);
	send_all(fd, request, request_len - 1);
	tail = now_ns();
	send_all(fd, request + request_len - 1, 1);
	last = take(fd);
	(void)close(fd);
	t->wall = last - start;
	t->mark = last - tail;
	t->status = status();
}

int
main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	node.sin_family = AF_INET;
	node.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
	if (inet_pton(AF_INET, argv[1], &node.sin_addr) != 1)
		return 2;
	load(argv[3]);
	coprocess(once);
	return 0;
}
