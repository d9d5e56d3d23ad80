# Sourced by the tools: installs what is missing, and only that. It sets
#   repo     the root of this repository
#   cache    where kernels, reference builds and the virtual environment are kept
#   PATH     with the virtual environment first: python, pytest, ruff, mypy, ninja, ninjagen

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${NINJAGEN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ninjagen}

# A program that tells whether the package is there, and the package.
needed_programs=(
    clang-19:clang-19 ld.lld-19:lld-19 llvm-ar-19:llvm-19 clangd-19:clangd-19
    gcc:gcc aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu ld:binutils make:make flex:flex bison:bison bc:bc cpio:cpio
    perl:perl rsync:rsync depmod:kmod xz:xz-utils python3:python3 strace:strace
    qemu-system-x86_64:qemu-system-x86
)
# Programs that only the whole matrix of tests needs: the caller adds them to needed_programs.
# shellcheck disable=SC2034
needed_by_full=(
    pahole:pahole zstd:zstd lz4:lz4 lzop:lzop bzip2:bzip2
    qemu-system-aarch64:qemu-system-arm qemu-system-riscv64:qemu-system-misc
    qemu-system-loongarch64:qemu-system-misc
)
# The same of files.
# shellcheck disable=SC2034
needed_files_by_full=(
    /usr/bin/rustc:rustc-web /usr/lib/rustlib/src/rust/library:rust-web-src
)
# A file that tells it, where there is no program.
needed_files=(
    /usr/include/libelf.h:libelf-dev /usr/include/openssl/ssl.h:libssl-dev
)

say() {
    echo "--- $*" >&2
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# The Python to run: the distribution's, which is compiled with profiles and link-time optimization.
# One that somebody has compiled, and that comes first in PATH, may be a sixth slower.
base_python() {
    if /usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo /usr/bin/python3
    else
        echo python3
    fi
}

missing_packages() {
    local row
    for row in "${needed_programs[@]}"; do
        command -v "${row%%:*}" >/dev/null || echo "${row#*:}"
    done
    for row in "${needed_files[@]}"; do
        [ -e "${row%%:*}" ] || echo "${row#*:}"
    done
    "$(base_python)" -c 'import ensurepip' 2>/dev/null || echo python3-venv
}

install_packages() {
    local missing
    mapfile -t missing < <(missing_packages)
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${missing[*]}"
    as_root apt-get -qq update
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
}

# One environment for each place the repository is at: it is installed there in place.
install_venv() {
    local venv stamp wanted
    venv=$cache/venv/$(echo "$repo" | cksum | cut -d ' ' -f 1)
    stamp=$venv/.installed
    wanted=$(base_python; cat "$repo/pyproject.toml")
    if ! "$venv/bin/python" -c '' 2>/dev/null || [ "$wanted" != "$(cat "$stamp" 2>/dev/null)" ]; then
        say "installing the Python packages into $venv"
        "$(base_python)" -m venv --clear "$venv"
        # compat: a line in a .pth file, not a finder that costs each start of Python 20 ms
        "$venv/bin/pip" -qq --disable-pip-version-check install \
            --config-settings editable_mode=compat -e "$repo[dev]"
        echo "$wanted" > "$stamp"
    fi
    PATH=$venv/bin:$PATH
}

install_missing() {
    install_packages
    install_venv
}
