/*
 * The only program of the sample: says that it runs, loads the modules that it is given as
 * arguments, and turns the machine off.
 *
 * There is no C library: what the kernel offers is called directly. The kernel hands on to init
 * what follows `--` on its command line.
 */

#if defined(__x86_64__)
enum { SYS_write = 1, SYS_ioctl = 16, SYS_reboot = 169, SYS_openat = 257, SYS_finit_module = 313 };
#else
enum { SYS_ioctl = 29, SYS_openat = 56, SYS_write = 64, SYS_reboot = 142, SYS_finit_module = 273 };
#endif

enum { STDOUT = 1, AT_FDCWD = -100, O_RDONLY = 0, TCSBRK = 0x5409 };

/* What reboot(2) asks for, to be sure that it is meant. */
enum { MAGIC1 = 0xfee1dead, MAGIC2 = 672274793, POWER_OFF = 0x4321fedc };

/* A program begins with argc and argv on its stack, and no return address. */
#if defined(__x86_64__)
asm(".globl _start\n_start: mov %rsp, %rdi\n\tand $-16, %rsp\n\tcall begin");

static long call(long number, long a, long b, long c)
{
	long result;

	asm volatile("syscall"
		     : "=a"(result)
		     : "a"(number), "D"(a), "S"(b), "d"(c)
		     : "rcx", "r11", "memory");
	return result;
}
#else
#if defined(__aarch64__)
#define NUMBER "x8"
#define ARGUMENT(n) "x" #n
#define CALL "svc #0"
asm(".globl _start\n_start: mov x0, sp\n\tb begin");
#elif defined(__riscv)
#define NUMBER "a7"
#define ARGUMENT(n) "a" #n
#define CALL "ecall"
asm(".globl _start\n_start: mv a0, sp\n\ttail begin");
#elif defined(__loongarch__)
#define NUMBER "$a7"
#define ARGUMENT(n) "$a" #n
#define CALL "syscall 0"
asm(".globl _start\n_start: move $a0, $sp\n\tb begin");
#endif

static long call(long number, long a, long b, long c)
{
	register long n asm(NUMBER) = number;
	register long first asm(ARGUMENT(0)) = a;
	register long second asm(ARGUMENT(1)) = b;
	register long third asm(ARGUMENT(2)) = c;

	/* loongarch keeps none of $t0 to $t8; the others keep all but the result. */
	asm volatile(CALL
		     : "+r"(first)
		     : "r"(n), "r"(second), "r"(third)
		     : "memory"
#if defined(__loongarch__)
		     , "$t0", "$t1", "$t2", "$t3", "$t4", "$t5", "$t6", "$t7", "$t8"
#endif
	);
	return first;
}
#endif

static void say(const char *text)
{
	const char *end = text;

	while (*end)
		end++;
	call(SYS_write, STDOUT, (long)text, end - text);
}

static void load(const char *path)
{
	long file = call(SYS_openat, AT_FDCWD, (long)path, O_RDONLY);
	long result = file < 0 ? file : call(SYS_finit_module, file, (long)"", 0);

	say(result ? "ninjagen: cannot load " : "ninjagen: loaded ");
	say(path);
	say("\n");
}

__attribute__((used)) void begin(long *stack)
{
	long argc = stack[0];
	const char **argv = (const char **)(stack + 1);

	say("ninjagen: init is running\n");
	for (long i = 1; i < argc; i++)
		load(argv[i]);
	call(SYS_ioctl, STDOUT, TCSBRK, 1); /* until all is said, as tcdrain(3) does */
	for (;;)
		call(SYS_reboot, MAGIC1, MAGIC2, POWER_OFF);
}
