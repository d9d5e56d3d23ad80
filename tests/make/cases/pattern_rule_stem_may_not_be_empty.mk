#T files: .c
#T returncode: 2
test: .o
%.o: %.c
	echo [$*] $@ $<
