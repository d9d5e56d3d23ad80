A := $(shell exit 3)
$(info [$(A)] $(.SHELLSTATUS))
B := $(shell true)
$(info $(.SHELLSTATUS))
test:
