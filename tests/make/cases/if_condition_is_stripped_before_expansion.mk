# Only blanks in the text of the condition are stripped, not what expands to blanks.
empty :=
space := $(empty) $(empty)
$(info [$(if $(space),t,e)] [$(if   $(empty)  ,t,e)] [$(if $(empty) $(empty),t,e)])
test:
