# Runs a command-line program from a service's jar. Sourced after toolchain.sh; needs $root.

# run_command MODULE CLASS ARGUMENT...
run_command() {
  local module=$1 main=$2 jar="$root/$1/target/$1-0.1.0-SNAPSHOT.jar"
  shift 2
  [[ ! -f ${jar%.jar}-exec.jar ]] || jar=${jar%.jar}-exec.jar
  if [[ ! -f $jar ]]; then
    echo "error: build it first: mvn -pl $module -am -DskipTests package" >&2
    exit 2
  fi
  exec "$JAVA_HOME/bin/java" -XX:TieredStopAtLevel=1 -XX:+ExitOnOutOfMemoryError -Dloader.main="$main" \
    -cp "$jar" org.springframework.boot.loader.launch.PropertiesLauncher "$@"
}
