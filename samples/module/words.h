/* SPDX-License-Identifier: GPL-2.0 */
const char *words(void);
