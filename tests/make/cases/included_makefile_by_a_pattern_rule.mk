#T files: a.in
-include a.d
%.d: %.in
	@echo 'D = $*' > $@
test:
	echo [$(D)]
