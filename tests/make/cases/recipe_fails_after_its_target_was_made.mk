# .DELETE_ON_ERROR removes what a failed recipe changed; `-` goes on, and says so.
#T files: kept=old phony=1
#T goals: ignored; deleted; kept; precious; phony; sub
#T returncode: 0
ignored:
	-exit 3
	-@echo x > made; false
	echo on
deleted:
	-@$(MAKE) -f case.mk half
half:
	echo x > $@
	@exit 4
kept:
	-@$(MAKE) -f case.mk kept.really
kept.really: kept.file
kept.file:
	false
precious:
	-@$(MAKE) -f case.mk careful
.PRECIOUS: careful
careful:
	echo x > $@; exit 5
.PHONY: phony phony.really
phony:
	-@$(MAKE) -f case.mk phony.really
phony.really:
	echo x > $@; false
sub:
	-$(MAKE) -f case.mk half && echo not reached
	-for goal in ignored half; do $(MAKE) -f case.mk $$goal || exit 1; done
.DELETE_ON_ERROR:
