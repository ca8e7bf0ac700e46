#!/usr/bin/env bash
# Builds release packages of this machine's architecture: a tar archive and a .deb, each with both programs, their manual
# pages and completions for bash, zsh and fish. The Swift runtime is linked in, so neither needs a Swift toolchain.
#
#   bash Examples/packaging/make.sh [FOLDER]      the packages are written there; .build/packages if not given
#   BUILD_FLAGS="--scratch-path /tmp/release" bash Examples/packaging/make.sh      with further flags of `swift build`
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:-.build/packages}
source Examples/setup.sh

read -ra flags <<< "-c release --static-swift-stdlib ${BUILD_FLAGS:-}"
for program in moonlight moonlight-trainer; do swift build "${flags[@]}" --product "$program"; done
bin=$(swift build "${flags[@]}" --show-bin-path)

version=$("$bin/moonlight" --version | sed -n '1s/^moonlight //p')
architecture=$(dpkg --print-architecture)
name=moonlight_${version}_$architecture
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

install -d "$root/usr/bin" "$root/usr/share/man/man1" "$root/usr/share/bash-completion/completions" \
  "$root/usr/share/zsh/vendor-completions" "$root/usr/share/fish/vendor_completions.d" "$root/usr/share/doc/moonlight"
for program in moonlight moonlight-trainer; do
  install -m 755 "$bin/$program" "$root/usr/bin/"
  strip "$root/usr/bin/$program"
  "$bin/$program" --generate-completion-script bash > "$root/usr/share/bash-completion/completions/$program"
  "$bin/$program" --generate-completion-script zsh > "$root/usr/share/zsh/vendor-completions/_$program"
  "$bin/$program" --generate-completion-script fish > "$root/usr/share/fish/vendor_completions.d/$program.fish"
done
for page in Examples/man/*.1; do gzip -9n < "$page" > "$root/usr/share/man/man1/$(basename "$page").gz"; done
install -m 644 README.md Examples/fields.md Examples/rules.md Examples/moonlight.schema.json "$root/usr/share/doc/moonlight/"
find "$root" -type f -path '*/share/*' -exec chmod 644 {} +

# The packages that hold the libraries which the programs load.
depends() {
  local library
  objdump -p "$root"/usr/bin/* | awk '/NEEDED/ { print $2 }' | sort -u | while read -r library; do
    local path
    path=$(ldconfig -p | awk -v name="$library" '$1 == name { print $NF; exit }')
    dpkg -S "$(readlink -f "$path")" "$path" 2> /dev/null | head -1 | sed 's/:.*//'
  done | sort -u | sed 's/^libopenblas0-.*/libopenblas0/' | paste -sd, | sed 's/,/, /g'
}

mkdir -p "$out"
tar -C "$root" --owner=0 --group=0 --sort=name --mtime="@$(git log -1 --format=%ct)" -czf "$out/$name.tar.gz" usr
install -d "$root/DEBIAN"
cat > "$root/DEBIAN/control" << CONTROL
Package: moonlight
Version: $version
Architecture: $architecture
Maintainer: $(git log -1 --format='%an <%ae>')
Depends: $(depends)
Installed-Size: $(du -sk "$root/usr" | cut -f1)
Section: science
Priority: optional
Description: launch configs for Moonlight-16B-A3B in the Megatron ecosystem
 Writes, checks, explains and exports launch configs, and trains small models on
 the CPU.
CONTROL
dpkg-deb --root-owner-group --build "$root" "$out/$name.deb" > /dev/null
ls -l "$out/$name.tar.gz" "$out/$name.deb"
