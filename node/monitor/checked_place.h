/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IMMURE_CHECKED_PLACE_H
#define IMMURE_CHECKED_PLACE_H

/*
 * The file in which the imager remembers self-checks (imager/checked.h): in
 * CACHE_DIRECTORY (systemd.exec(5)), else below /var/cache for a node of
 * root's, below XDG_CACHE_HOME or HOME/.cache for anybody else's.  NULL where
 * there is none of these.  The monitor never opens it.
 */
const char *checked_place(void);

#endif
