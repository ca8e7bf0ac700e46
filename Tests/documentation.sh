#!/usr/bin/env bash
# Makes the documentation of everything public by DocC, of what `swift build` has built, and fails where DocC warns:
#   bash Tests/documentation.sh [FOLDER]
# With a folder, what is made stays there; `docc preview` shows it.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
output=${1:-$work/output}
binaries=$(swift build --show-bin-path)
modules=$binaries/Modules
target=$(swift -print-target-info | sed -n 's/.*"unversionedTriple": "\(.*\)".*/\1/p')
includes=(-I "$modules" -I Sources/CLibYAML -I Sources/CBLAS -I "$binaries/CKernels.build")

status=0
mkdir -p "$output"
for module in $(cd Sources && ls -d [A-Z]*/ | tr -d /) MoonlightRecipes; do
  [ -e "$modules/$module.swiftmodule" ] || continue
  mkdir "$work/$module"
  swift symbolgraph-extract -module-name "$module" "${includes[@]}" -target "$target" -output-dir "$work/$module" \
    -minimum-access-level public -skip-synthesized-members -omit-extension-block-symbols
  symbols=$((grep -o "\"precise\":\"[^\"]*\",\"interfaceLanguage" "$work/$module/$module.symbols.json" || true) | sort -u | wc -l)
  if [ "$symbols" = 0 ]; then continue; fi
  echo "$module: $symbols public symbols"
  docc convert --fallback-display-name "$module" --fallback-bundle-identifier "moonlight.$module" \
    --additional-symbol-graph-dir "$work/$module" --output-path "$output/$module.doccarchive" --warnings-as-errors ||
    status=1
done
exit $status
