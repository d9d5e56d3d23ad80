%.x: A = <$*>
test: d/a.x
%.x:
	echo $(A) $*
