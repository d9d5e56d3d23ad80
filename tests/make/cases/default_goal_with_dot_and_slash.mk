#T goals: -
.dot/x:
	echo dot
plain: ; echo plain
