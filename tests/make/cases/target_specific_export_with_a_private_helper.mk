# kbuild: the prerequisites inherit the exported variable, but see the private one empty.
#T goals: vmlinux
vmlinux: private _FLAGS := -T script
vmlinux: export FLAGS = $(_FLAGS)
vmlinux: prerequisite
	echo $@ [$(FLAGS)]
prerequisite:
	echo $@ [$(FLAGS)]
