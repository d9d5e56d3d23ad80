$(info [$(shell /nonexistent/command 2>/dev/null)] $(.SHELLSTATUS))
test:
