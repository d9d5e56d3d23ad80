// SPDX-License-Identifier: GPL-2.0
/* Says something when it is loaded, and when it is removed. */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>

#include "words.h"

static int __init greeting_init(void)
{
	pr_info("greeting: %s\n", words());
	return 0;
}

static void __exit greeting_exit(void)
{
	pr_info("greeting: goodbye\n");
}

module_init(greeting_init);
module_exit(greeting_exit);
MODULE_DESCRIPTION("A module from outside of the kernel's tree");
MODULE_LICENSE("GPL");
