#!/usr/bin/env bash
# Builds a release into the folder of the first argument (dist): archives of the program for each
# platform, Debian packages, a software bill of materials (CycloneDX) and SHA256SUMS. Two runs
# on the same commit with the same version of Go write the same bytes.
set -euo pipefail
umask 022
root=$(cd "$(dirname "$0")/.." && pwd)
dist=$(realpath -m "${1:-$root/dist}")
cd "$root"
if [ -e "$dist" ] && [ ! -e "$dist/SHA256SUMS" ]; then
  echo "release: $dist exists and is no release; remove it first" >&2
  exit 1
fi
version=$(sed -n 's/^const Version = "\(.*\)"$/\1/p' web/version.go)
if [ -n "$(git status --porcelain)" ]; then
  echo "release: the working tree has changes; commit them first" >&2
  exit 1
fi
export SOURCE_DATE_EPOCH TZ=UTC LC_ALL=C CGO_ENABLED=0 GOFLAGS=-trimpath GOAMD64=v1 GOARM64=v8.0 GOEXPERIMENT=
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
tool() { go tool -modfile=release/go.mod "$@"; }

rm -rf "$dist" && mkdir -p "$dist"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for platform in linux/amd64 linux/arm64 darwin/arm64; do
  os=${platform%/*} arch=${platform#*/}
  name=sofipo_${version}_${os}_${arch}
  echo "$name"
  mkdir "$work/$name"
  GOOS=$os GOARCH=$arch go build -buildvcs=true -ldflags="-s -w" -o "$work/$name/sofipo" ./cmd/sofipo
  cp README.md README.es.md CHANGELOG.md LICENSE "$work/$name"
  tar --create --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
    --directory="$work" "$name" | gzip --no-name --best >"$dist/$name.tar.gz"
  if [ "$os" = linux ]; then
    ARCH=$arch VERSION=$version BINARY=$work/$name/sofipo \
      tool nfpm package --config deploy/debian/nfpm.yaml --packager deb --target "$dist/sofipo_${version}_${arch}.deb"
  fi
done
tool cyclonedx-gomod app -json -licenses -noserial -main cmd/sofipo -output "$work/bom.json" .
sed "s/\"timestamp\": \"[^\"]*\"/\"timestamp\": \"$(date -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)\"/" "$work/bom.json" >"$dist/sofipo_$version.cdx.json"
cd "$dist"
sha256sum -- *.tar.gz *.deb *.json >SHA256SUMS
cat SHA256SUMS
