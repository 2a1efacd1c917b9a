#!/bin/sh
# Builds the container of the release and runs a study in it, with buildah, which needs neither a daemon nor a kernel that allows
# containers:
#
#   mvn -B -P release -DskipTests package
#   bench/container.sh [ROOT_FOLDER]
#
# Where no registry of images is reachable, ROOT_FOLDER takes the place of the base image: a folder with a Debian that has a Java
# runtime, as made by: debootstrap --variant=minbase --include=openjdk-17-jre-headless bookworm ROOT_FOLDER
set -eu
root=$(CDPATH= cd -- "$(dirname "$0")/.." && pwd -P)
if ! command -v buildah >/dev/null; then
    echo 'SKIPPED: buildah is not installed, so the container is not built.'
    exit 0
fi
# Works without privileges that build machines lack.
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER="${STORAGE_DRIVER:-vfs}"
base=$(sed -n 's/^FROM //p' "$root/experiments/src/release/Dockerfile")
image=localhost/kausal-check
pull=

if [ $# -gt 0 ]; then
    made=$(buildah from scratch)
    buildah add -q "$made" "$1" / >/dev/null
    buildah commit -q --rm "$made" "docker.io/library/$base" >/dev/null
    pull=--pull-never
fi
buildah bud $pull -q -f "$root/experiments/src/release/Dockerfile" -t "$image" "$root/experiments/target" >/dev/null

work=$(mktemp -d)
chmod 777 "$work"
container=$(buildah from --pull-never "$image")
trap 'buildah rm "$container" >/dev/null; rm -rf "$work"' EXIT
# buildah's run leaves out the entry point.
for words in '--version' 'run fact-recall --out bundle' 'verify bundle'; do
    buildah run -v "$work:/work" "$container" -- kausal $words
done
[ -s "$work/bundle/report.html" ] && [ "$(ls "$work")" = bundle ]
echo "The container has run the study; its user is $(stat -c %u "$work/bundle")."
