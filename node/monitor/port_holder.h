/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who listens on a port that we wanted: the kernel's lists of sockets and each
 * process's descriptors, as ss(8) does it.  Before confinement; reads /proc
 * alone, where nothing but a program's name is another's choice.
 */
#ifndef IMMURE_PORT_HOLDER_H
#define IMMURE_PORT_HOLDER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The pid of a process that listens on TCP @port, and its name (printable, as
 * comm(5) has it) in @name; 0 when there is none that we may see.
 */
pid_t port_holder(uint16_t port, char *name, size_t room);

/* The inode of the socket that @line of /proc/net/tcp says to listen on @port;
 * 0 when it is about another. */
unsigned long port_holder_inode(const char *line, uint16_t port);

#endif
