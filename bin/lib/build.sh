# Builds all parts that are missing or older than their sources. Sourced after toolchain.sh; needs $root.

# stale STAMP PATH...: whether any file below the paths is newer than the stamp.
stale() {
  local stamp=$1
  shift
  [ ! -f "$stamp" ] || [ -n "$(find "$@" -newer "$stamp" -not -path '*/target/*' -not -path '*/node_modules/*' -type f -print -quit)" ]
}

# mark_built java|bridge: notes that another command has just built this part, so that it is not built again.
mark_built() {
  mkdir -p "$root/.local" && touch "$root/.local/built-$1"
}

build_java() {
  local stamp="$root/.local/built-java"
  if stale "$stamp" "$root"/pom.xml "$root"/contract "$root"/db-migrations "$root"/embedded-postgres "$root"/embedded-s3 "$root"/photo-store "$root"/fuzz "$root"/receiver-service "$root"/worker-service ||
    ! ls "$root"/{receiver-service,worker-service}/target/*-SNAPSHOT.jar "$root"/{db-migrations,embedded-postgres,fuzz}/target/*-exec.jar >/dev/null 2>&1; then
    echo "building the services (the first time takes some minutes)"
    (cd "$root" && mvn -q -B -pl '!fault-injection' -DskipTests -Dspotless.check.skip=true package)
    mark_built java
  fi
  prepare_services
}

# is_unpacked JAR DIRECTORY JAVA PATH...: whether the archive was unpacked there for this Java after the last change of it and the paths.
is_unpacked() {
  local jar=$1 stamp=$2/java java=$3
  shift 3
  # `stale` looks only at sources, and the archive is not a source.
  [ "$(cat "$stamp" 2>/dev/null)" = "$java" ] && [ ! "$jar" -nt "$stamp" ] && ! stale "$stamp" "$@"
}

# Unpacks the services and makes their ahead-of-time caches (deploy/train), once for each build and each Java. With the cache a
# service is ready in less than half the time; it also works without the cache.
prepare_services() {
  local name jar unpacked java preparing=() each
  java=$(java -version 2>&1)
  for name in receiver worker; do
    (
      jar="$root/$name-service/target/$name-service-0.1.0-SNAPSHOT.jar"
      unpacked="$root/$name-service/target/service"
      is_unpacked "$jar" "$unpacked" "$java" "$root/$name-service/jvm.options" "$root/deploy/train" && exit
      echo "preparing the $name"
      rm -rf "$unpacked" || exit
      java -XX:+ExitOnOutOfMemoryError -Djarmode=tools -jar "$jar" extract --application-filename app.jar --destination "$unpacked" || exit
      "$root/deploy/train" "$name" "$unpacked" -XX:+UseSerialGC "@$root/$name-service/jvm.options" ||
        echo "warning: the $name starts without its cache, that is slower" >&2
      echo "$java" >"$unpacked/java"
    ) &
    preparing+=($!)
  done
  for each in "${preparing[@]}"; do wait "$each" || fail "the services could not be unpacked"; done
}

build_bridge() {
  install_bridge
  local stamp="$root/.local/built-bridge"
  if stale "$stamp" "$root"/baileys-bridge/src "$root"/baileys-bridge/fake-whatsapp "$root"/baileys-bridge/package-lock.json "$root"/baileys-bridge/tsconfig.json ||
    [ ! -f "$root/baileys-bridge/dist/src/main.js" ]; then
    echo "building the bridge"
    (cd "$root/baileys-bridge" && npm run --silent build)
    mark_built bridge
  fi
}

# Installs the systems that the product is compared with, and the client for the measurements.
install_rivals() {
  if [ ! -f "$root/bench/node_modules/.package-lock.json" ] || [ "$root/bench/package-lock.json" -nt "$root/bench/node_modules/.package-lock.json" ]; then
    echo "installing what it is measured against"
    (cd "$root/bench" && npm ci --no-fund --no-audit --loglevel=error --ignore-scripts)
  fi
}
