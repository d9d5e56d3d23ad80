test:
	for i in a b; do echo $$i $${i}; done
	echo "$$(date)" `x`
