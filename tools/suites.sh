# Sourced by what fetches Debian's packages without installing them. It works below a directory of
# the caller's, `$work`, and takes the mirror that this machine's own lists name. It sets
#   apt_options     what to give to apt-get and apt-cache

# Lists of our own need no root; the sandbox user of apt could not write into our directory.
apt_options=(-qq -o APT::Sandbox::User=root)

# From now on apt keeps its lists and archives below `$work`.
use_own_lists() {
    mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
    apt_options+=(-o "Dir::State::Lists=$work/state/lists" -o "Dir::Cache=$work/cache")
}

# The mirrors among the package sources, in either of the two forms that apt reads.
mirrors_of_this_machine() {
    shopt -s nullglob
    cat /dev/null /etc/apt/sources.list.d/*.sources | sed -n 's/^URIs: *\([^ ]*\).*/\1/p'
    cat /dev/null /etc/apt/sources.lis[t] /etc/apt/sources.list.d/*.list |
        sed -n 's/^deb  *\(\[[^]]*\]  *\)\{0,1\}\([^ ]*\).*/\2/p'
}

# From now on apt knows these suites, and not those of this machine.
use_suites() {
    local mirror suite keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    mirror=$(mirrors_of_this_machine | awk '/\/debian\/?$/ && !found++')
    if [ -z "$mirror" ]; then
        echo "$(basename "$0"): no Debian mirror found under /etc/apt" >&2
        exit 1
    fi
    for suite; do
        echo "deb [signed-by=$keyring] $mirror $suite main"
    done >"$work/sources.list"
    apt_options+=(-o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=/dev/null)
}
