/*
 * The only program of the sample: says that it runs, and turns the machine off.
 *
 * There is no C library: what the kernel offers is called directly.
 */

enum { SYS_write = 1, SYS_reboot = 169 };
enum { STDOUT = 1 };

/* What reboot(2) asks for, to be sure that it is meant. */
enum { MAGIC1 = 0xfee1dead, MAGIC2 = 672274793, POWER_OFF = 0x4321fedc };

static const char line[] = "ninjagen: init is running\n";

static long call(long number, long a, long b, long c)
{
	long result;

	asm volatile("syscall"
		     : "=a"(result)
		     : "a"(number), "D"(a), "S"(b), "d"(c)
		     : "rcx", "r11", "memory");
	return result;
}

void _start(void)
{
	call(SYS_write, STDOUT, (long)line, sizeof(line) - 1);
	for (;;)
		call(SYS_reboot, MAGIC1, MAGIC2, POWER_OFF);
}
