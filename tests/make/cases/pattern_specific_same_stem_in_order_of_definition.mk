A = g
a%: A += first
%b: A += second
%b: A += third
a%: A += fourth
test: aab
aab:
	echo $(A)
