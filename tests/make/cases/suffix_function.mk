$(info [$(suffix src/foo.c src-1.0/bar.c hacks a.b/c .x a. d.tar.gz /.z)])
test:
