# kbuild: `asflags-y` on an image is how its objects get the flag.
#T goals: boot/image
boot/image: asflags-y := -DMODE=NORMAL
boot/image: boot/setup.bin
	@echo IMAGE
boot/setup.bin: boot/header.o boot/copy.o
	@echo LD $(asflags-y) $^
boot/%.o: boot/%.S
	@echo AS $(asflags-y) $<
boot/%.S: ;
