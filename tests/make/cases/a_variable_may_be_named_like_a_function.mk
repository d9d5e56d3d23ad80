words = mine
$(info [$(words)] [$(words a b)])
test:
