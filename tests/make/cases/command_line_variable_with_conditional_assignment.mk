#T args: A?=cmd B+=cmd
#T env: A=env B=env
$(info $(A) $(origin A) [$(B)] $(origin B))
test:
