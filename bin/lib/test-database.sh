# A temporary embedded PostgreSQL for tests that are not written in Java. Sourced after toolchain.sh; needs $root and $work.

test_database_pid=

# Sets BRIDGE_TEST_DATABASE_URL, unless the caller has set it.
start_test_database() {
  [ -z "${BRIDGE_TEST_DATABASE_URL:-}" ] || return 0
  local jar="$root/embedded-postgres/target/embedded-postgres-0.1.0-SNAPSHOT-exec.jar" log="$work/postgres.log" port
  [ -f "$jar" ] || (cd "$root" && mvn -q -B -pl embedded-postgres -am -DskipTests -Dspotless.check.skip=true package)
  java -Xmx128m -XX:+ExitOnOutOfMemoryError -jar "$jar" "$work/postgres" 0 bridge_test >"$log" 2>&1 &
  test_database_pid=$!
  for _ in $(seq 240); do
    port=$(sed -n 's/^postgres is ready on 127.0.0.1:\([0-9]*\)$/\1/p' "$log")
    [ -z "$port" ] || break
    kill -0 "$test_database_pid" 2>/dev/null || break
    sleep 0.5
  done
  [ -n "$port" ] || { tail -5 "$log" >&2 && fail "the test database did not start"; }
  BRIDGE_TEST_DATABASE_URL="postgres://postgres@127.0.0.1:$port/bridge_test"
}

stop_test_database() {
  [ -n "$test_database_pid" ] || return 0
  kill "$test_database_pid"
  # Java exits with 143 after SIGTERM, which is not a failure.
  if wait "$test_database_pid"; then :; fi
  test_database_pid=
}
