# A prerequisite that only forces is a prerequisite; duplicates go, the order stays.
test: script input script FORCE
	echo sh $^
script input:
.PHONY: FORCE
FORCE:
