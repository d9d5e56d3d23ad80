#T env: FROMENV=1 CHANGED=1
#T args: FROMCMD=1
F = file
override O = over
CHANGED = now
$(info $(origin F) $(origin O) $(origin FROMENV) $(origin FROMCMD) $(origin CHANGED))
$(info $(origin NOPE) $(origin CC) $(origin MAKE) $(origin SHELL) $(origin MAKEFILE_LIST))
$(info $(origin @) $(origin CURDIR) $(origin .VARIABLES) $(origin MAKEFLAGS) $(origin MAKECMDGOALS))
$(info $(origin MAKELEVEL) $(origin .DEFAULT_GOAL) $(origin MAKEFILES) $(origin SUFFIXES))
test:
	echo $(origin @) $(origin <) $(origin @D)
