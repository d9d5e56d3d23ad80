# Inside a call it starts no comment; a backslash before it stays.
H := \#
$(info [$(subst a,\#,a)])
A := $(subst x,$(H),axb)
$(info $(A))
test:
	echo $(subst a,#,abc) # kept
