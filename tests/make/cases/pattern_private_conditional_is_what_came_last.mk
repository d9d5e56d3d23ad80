B = 0
%: B ?= no
t%: private B ?= no
test: one two
	echo [$(B)]
one two:
	echo [$(B)]
