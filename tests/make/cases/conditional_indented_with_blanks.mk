A = 1
  ifdef A
    $(info 1)
  else
    $(info 2)
  endif
test:
