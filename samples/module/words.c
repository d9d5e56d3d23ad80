// SPDX-License-Identifier: GPL-2.0
#include "words.h"

const char *words(void)
{
	return GREETING ", I am a module";
}
