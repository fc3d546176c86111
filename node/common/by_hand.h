/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program of libexec/immure answers to a person who starts it.  Called
 * first in its main, before confinement; trusts nothing, opens nothing.
 */
#ifndef IMMURE_BY_HAND_H
#define IMMURE_BY_HAND_H

#define BY_HAND_EXIT 64 /* EX_USAGE of sysexits.h */

/*
 * Return when descriptor 3 is a socket, which whoever starts these programs
 * (monitor, spawner, imager) gives them.  Otherwise say what this one is,
 * @what ("speaks with clients"), and exit: 0 after --help alone, else
 * BY_HAND_EXIT.  @argv[0] names the program.
 */
void by_hand(int argc, char *const argv[], const char *what);

#endif
