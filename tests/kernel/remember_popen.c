/*
 * Preloaded into the kernel's conf: remembers what popen() said.
 *
 * conf asks the compiler a hundred questions at every start, and takes ten times as long as
 * without. The answers are kept in $REMEMBER_POPEN, a directory of one test session.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[3000];

__attribute__((constructor)) static void start(void)
{
	const char *name = getenv("REMEMBER_POPEN");

	if (name)
		snprintf(directory, sizeof(directory), "%s", name);
	/* What conf starts must not see either. */
	unsetenv("LD_PRELOAD");
	unsetenv("REMEMBER_POPEN");
}

FILE *popen(const char *command, const char *mode)
{
	FILE *(*real_popen)(const char *, const char *) = dlsym(RTLD_NEXT, "popen");
	int (*real_pclose)(FILE *) = dlsym(RTLD_NEXT, "pclose");
	unsigned long long hash = 14695981039346656037ULL;
	char path[4000], temporary[4100], buffer[4096];
	FILE *answer, *file;
	size_t size;

	for (const char *p = command; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 1099511628211ULL;
	snprintf(path, sizeof(path), "%s/%016llx", directory, hash);
	file = fopen(path, "r");
	if (file)
		return file;
	answer = real_popen(command, mode);
	snprintf(temporary, sizeof(temporary), "%s.%d", path, (int)getpid());
	file = fopen(temporary, "w");
	if (!answer || !file)
		abort();
	while ((size = fread(buffer, 1, sizeof(buffer), answer)) > 0)
		fwrite(buffer, 1, size, file);
	real_pclose(answer);
	fclose(file);
	rename(temporary, path);
	return fopen(path, "r");
}

int pclose(FILE *file)
{
	fclose(file);
	return 0;
}
