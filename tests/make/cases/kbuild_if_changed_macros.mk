# The shape of kbuild's if_changed: nested computed names, escapes and a command in a variable.
#T files: a.c
squote := '
quiet := quiet_
escsq = $(subst $(squote),'\$(squote)',$1)
cmd = @$(if $($(quiet)cmd_$(1)),echo '  $(call escsq,$($(quiet)cmd_$(1)))';) $(cmd_$(1))
make-cmd = $(call escsq,$(subst \#,$(pound),$(subst $$,$$$$,$(cmd_$(1)))))
pound := \#
if_changed = $(if $(filter-out $(cmd_$@),$(cmd_$(1))),$(cmd); printf '%s\n' 'savedcmd_$@ := $(make-cmd)' > .$@.cmd, @:)
quiet_cmd_cc = CC      $@
cmd_cc = gcc -DX='"a$$b"' -c -o $@ $< # note
test: a.o
%.o: %.c FORCE
	$(call if_changed,cc)
FORCE:
.PHONY: FORCE
