$(info [$(SUFFIXES)] [$(.SUFFIXES)] [$(CC)] [$(COMPILE.c)] [$(AR)] [$(RM)])
test:
