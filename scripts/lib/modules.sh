# The modules of the last debug build, for tools that read them. To be sourced behind common.sh.
# Sets `programs`, where the build is, and `flags`, by which a compiler finds all modules.
# shellcheck shell=bash disable=SC2034

programs=$(cd "$root" && swift build --show-bin-path)
[[ -d $programs/Modules ]] || die "nothing is built: run swift build --build-tests first."
flags=(-swift-version 6 -I "$programs/Modules" -I "$root/Sources/CHiredis")
while IFS= read -r map; do flags+=(-Xcc "-fmodule-map-file=$map"); done < <(
    find "$programs" -maxdepth 2 -path '*.build/module.modulemap'
    find "$root"/.build/checkouts/*/Sources -path '*/include/module.modulemap'
    find "$root"/.build/checkouts/*/Sources -maxdepth 2 -name module.modulemap
)
