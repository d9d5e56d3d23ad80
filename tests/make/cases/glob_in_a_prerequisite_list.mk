#T files: inc/xen.h inc/xen-ops.h inc/y.h lib/b.y lib/a.l lib/c.h
test: inc/xen*.h lib/*.[chyl]
	echo $^
