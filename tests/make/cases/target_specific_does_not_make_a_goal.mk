#T goals: -
A = 1
first: A = 2
second:
	echo second
