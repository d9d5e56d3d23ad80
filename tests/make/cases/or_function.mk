$(info [$(or a,b)] [$(or ,b)] [$(or ,,)] [$(or , b , c)] [$(or $(NOPE),$(NOPE) x)])
test:
