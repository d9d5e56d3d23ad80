test: a$$@ $${A}
	echo '$^'
a$$@ $${A}: ;
A = no
