$(info [$(basename src/foo.c src-1.0/bar hacks a.b/c .x a. d.tar.gz /.z x.y/)])
test:
