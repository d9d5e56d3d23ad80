# depfile.awk: turn a .cmd file of kbuild's fixdep into a depfile for ninja.
#
#   awk -v target=OUTPUT [-v base=DIR/] -f depfile.awk .OUTPUT.cmd > DEPFILE
#
# fixdep (scripts/basic/fixdep.c) lists the source, each header, and for every CONFIG_FOO that
# their text mentions `$(wildcard include/config/FOO)`. ninja takes a missing file for a changed
# one, so those that do not exist are made, with a time older than any output; what kbuild says
# of them stays true, and a later change of the option touches them.

/^source_[^ ]* := / {
	source = $3
	if (base != "" && source !~ /^\//) source = base source
	print target ": " source " \\"
	inside = 0
	next
}

/^deps_[^ ]* := \\$/ { inside = 1; next }

/^$/ { inside = 0; next }

inside {
	name = $1
	if (name == "$(wildcard") {
		name = $2
		sub(/\)$/, "", name)
		if ((getline line < name) < 0) missing = missing " " name
		close(name)
	} else if (base != "" && name !~ /^\//)
		name = base name
	print "  " name " \\"
}

END {
	print ""
	if (missing != "") {
		command = "mkdir -p include/config && touch -d @1" missing
		if (system(command) != 0) exit 1
	}
}
