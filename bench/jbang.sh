#!/bin/sh
# Runs the entry of jbang-catalog.json with jbang itself, from the artifacts in target/repository:
#
#   mvn -B -DskipTests verify
#   bench/jbang.sh run fact-recall --out bundle
#
# jbang comes from Maven's central repository, with everything that it needs, into a folder that is kept: KAUSAL_JBANG, or
# target/jbang. Its launcher runs the command that jbang prints; so does this script.
set -eu
root=$(CDPATH= cd -- "$(dirname "$0")/.." && pwd -P)
folder=${KAUSAL_JBANG:-$root/target/jbang}
version=0.132.1

if [ ! -d "$folder/lib" ]; then
    mkdir -p "$folder"
    # With Gson as of 2.11: with 2.10, which it asks for, jbang reads no catalogue.
    cat >"$folder/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.kausal.bench</groupId>
  <artifactId>jbang</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>dev.jbang</groupId><artifactId>jbang-cli</artifactId><version>$version</version></dependency>
    <dependency><groupId>com.google.code.gson</groupId><artifactId>gson</artifactId><version>2.13.2</version></dependency>
  </dependencies>
</project>
POM
    mvn -B -q -f "$folder/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy-dependencies \
        -DincludeScope=runtime -DoutputDirectory="$folder/lib"
fi

# Versions of Kausal are built again: none may be left from another build.
rm -rf "$folder/m2/dev/kausal" "$folder/home/cache/dependency_cache.json"
export JBANG_DIR="$folder/home" JBANG_REPO="$folder/m2"
command=$(java -cp "$folder/lib/*" dev.jbang.Main --quiet run \
    --repos central --repos "kausal=file:$root/target/repository" "kausal@$root" "$@") || [ $? -eq 255 ]
eval "$command"
