# kbuild does goals one by one so; what an earlier one made, a later one finds.
test:
	@set -e; for goal in first second; do \
		$(MAKE) -f case.mk $$goal A="1 2"; \
	done
first:
	echo $(A) > file
second:
	echo $(A) $(MAKELEVEL) $(MAKEOVERRIDES); cat file
