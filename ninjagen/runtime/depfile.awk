# depfile.awk: turn a .cmd file of kbuild's fixdep into a depfile for ninja.
#
#   awk -v target=OUTPUT [-v base=DIR/] [-v unset=FILE] [-v sets=N] -f depfile.awk .OUTPUT.cmd > DEPFILE
#
# fixdep (scripts/basic/fixdep.c) lists the source, each header, and for every CONFIG_FOO that
# their text mentions `$(wildcard include/config/FOO)`. ninja takes a missing file for a changed
# one, so those that do not exist are made, with a time older than any output; what kbuild says
# of them stays true, and a later change of the option touches them. With `unset` none are made: an
# external module's options are those of a kernel, whose object tree it may not touch. That file
# stands for the options that are not set; where it does not exist either, there are no options.
#
# The files .ninjagen/headers/1 to N hold sets of names, a name a line, and are as new as the newest
# of those: a set that was read completely stands for its names.

BEGIN {
	for (set = 1; set <= sets; set++) {
		file = ".ninjagen/headers/" set
		while ((getline line < file) > 0) {
			holders[line] = holders[line] set " "
			size[set]++
		}
		close(file)
	}
}

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
		if (unset != "") {
			if (!exists(name)) name = unset
			if (!exists(name)) next
			name = base name
		} else if (!exists(name)) missing = missing " " name
	} else if (base != "" && name !~ /^\//)
		name = base name
	if (name in listed) next
	listed[name]
	names[++count] = name
	if (name in holders) {
		last = split(holders[name], held_by, " ")
		for (i = 1; i <= last; i++) found[held_by[i]]++
	}
}

function exists(name, found) {
	if (name in known) return known[name]
	found = (getline line < name) >= 0
	close(name)
	return known[name] = found
}

function is_in_whole_set(name) {
	if (!(name in holders)) return 0
	last = split(holders[name], held_by, " ")
	for (i = 1; i <= last; i++) if (held_by[i] in whole) return 1
	return 0
}

END {
	for (set = 1; set <= sets; set++)
		if (size[set] && found[set] == size[set]) {
			whole[set]
			print "  .ninjagen/headers/" set " \\"
		}
	for (n = 1; n <= count; n++)
		if (!is_in_whole_set(names[n])) print "  " names[n] " \\"
	print ""
	if (missing != "") {
		command = "mkdir -p include/config && touch -d @1" missing
		if (system(command) != 0) exit 1
	}
}
