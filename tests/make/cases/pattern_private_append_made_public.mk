%: private A += c
%: A ?= x
test: one
one:
	echo [$(A)]
