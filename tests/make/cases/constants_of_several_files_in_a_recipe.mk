# Makefiles of plain assignments alone, as auto.conf is one.
#T file: some.mk
#| C0=0
#| C1=1
#| C2=2
#| C3=3
#| C4=4
#| C5=5
#| C6=6
#| C7=7
#| C8=8
#| C9=9
#| C10=10
#| C11=11
#| C12=12
#| C13=13
#| C14=14
#| C15=15
#| C16=16
#| C17=17
#T file: more.mk
#| C4=x4
#| C5=x5
#| C6=x6
#| C7=x7
#| C8=x8
#| C9=x9
#| C10=x10
#| C11=x11
#| C12=x12
#| C13=x13
#| C14=x14
#| C15=x15
#| C16=x16
#| C17=x17
#| C18=x18
#| C19=x19
#| C20=x20
#| C21=x21
#| C22=x22
#| C23=x23
#| C24=x24
#| C25=x25
#| C26=x26
#| C27=x27
#| C28=x28
#| C29=x29
#| C30=x30
#| C31=x31
#| C32=x32
#| C33=x33
#| C34=x34
#| C35=x35
#| C36=x36
#| C37=x37
#| C38=x38
#| C39=x39
#T file: less.mk
#| C2=s2
#| C3=s3
#| C4=s4
#| C5=s5
#| C6=s6
#| C7=s7
#| C8=s8
#| C9=s9
#| C10=s10
#| C11=s11
#| C12=s12
#| C13=s13
#| C14=s14
#| C15=s15
#| C16=s16
#| C17=s17
#T env: C16=theirs C1=theirs
C0 = before
export C2 = before
define C3
before
endef
show = $(foreach n,0 1 2 3 4 5 16 17 18 39,C$(n)=$(C$(n)):$(origin C$(n)):$(flavor C$(n))) \
  $(words $(filter C%,$(.VARIABLES))) $(sort $(filter C%,$(.VARIABLES)))
$(info $(show))
include some.mk
$(info $(show))
C4 += more
C5 := $(C5)$(C6)
undefine C6
undefine C0
C0 ?= now
C1 ?= now
unexport C7
export C8
$(info $(show) $(origin C6) $(C2:2=two))
include more.mk
$(info $(show) $(origin C6))
C5 += own
undefine C39
undefine C5
$(info $(show) $(C38))
include less.mk
$(info $(show) $(C38))
include some.mk
$(info $(show))
include more.mk
test: C9 += of the target
test: C10 = of the target
test:
	echo $$C1 $$C2 $$C7 $$C8 $$C16 $$C17 $(C9) $(C10) $(C11) $(show)
