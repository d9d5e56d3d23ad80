# kbuild: drm/xe's `%_wa_oob.c` and `%_device_wa_oob.c`, kvm's `%.nvhe.o` and `%.o`.
#T files: xe_device_wa.rules a.c
test: xe_device_wa_oob.c a.nvhe.o a.o
%_wa_oob.c: %_wa.rules
	echo wa $* $<
%_device_wa_oob.c: %_device_wa.rules
	echo device $* $<
%.o: %.c
	echo o $*
%.nvhe.o: %.c
	echo nvhe $*
