A = 1
ifdef A
  ifdef B
    $(info no)
  else
    ifeq ($(A),1)
      $(info yes)
    endif
  endif
else
  ifdef A
    $(info no)
  endif
endif
test:
