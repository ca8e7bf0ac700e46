# Installs the two C libraries that the build needs, libyaml and OpenBLAS, where they are missing. Sourced by scripts.
if ! command -v swift >/dev/null; then
  echo "Swift 6.1 or newer is needed: https://www.swift.org/install" >&2
  exit 1
fi
if ! command -v pkg-config >/dev/null || ! pkg-config --exists yaml-0.1 openblas; then
  if command -v apt-get >/dev/null; then
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq pkg-config libyaml-dev libopenblas-dev
  elif command -v brew >/dev/null; then
    brew install pkg-config libyaml openblas
  else
    echo "install libyaml and OpenBLAS with their development files, and pkg-config" >&2
    exit 1
  fi
fi
