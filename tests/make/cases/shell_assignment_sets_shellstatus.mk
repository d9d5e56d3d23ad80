A != exit 3
$(info [$(A)] $(.SHELLSTATUS))
test:
