# Builds all parts that are missing or older than their sources. Sourced after toolchain.sh; needs $root.

# stale STAMP PATH...: whether anything below the paths is newer than the stamp.
stale() {
  local stamp=$1
  shift
  [ ! -f "$stamp" ] || [ -n "$(find "$@" -newer "$stamp" -not -path '*/target/*' -not -path '*/node_modules/*' -type f -print -quit)" ]
}

# mark_built java|bridge: what was built on another way just now need not be built again.
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

# is_unpacked JAR DIRECTORY JAVA PATH...: whether this archive is unpacked there, for this Java, since it and the paths were changed.
is_unpacked() {
  local jar=$1 stamp=$2/java java=$3
  shift 3
  # `stale` looks at sources only, and the archive is none.
  [ "$(cat "$stamp" 2>/dev/null)" = "$java" ] && [ ! "$jar" -nt "$stamp" ] && ! stale "$stamp" "$@"
}

# Unpacked and with an ahead-of-time cache, a service is ready in less than half the time (deploy/train). Made once for each
# build and each Java; without the cache it works all the same.
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

# Installs the systems that the product is measured against, and the client that measures.
install_rivals() {
  if [ ! -f "$root/bench/node_modules/.package-lock.json" ] || [ "$root/bench/package-lock.json" -nt "$root/bench/node_modules/.package-lock.json" ]; then
    echo "installing what it is measured against"
    (cd "$root/bench" && npm ci --no-fund --no-audit --loglevel=error --ignore-scripts)
  fi
}
