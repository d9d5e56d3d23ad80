#T args: A=cmd B=cmd
undefine A
override undefine B
$(info [$(A)] [$(B)] $(origin B))
test:
