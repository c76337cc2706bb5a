# Finds the JDK 25, Maven and Node that every script needs. Sourced; needs $root.

fail() {
  echo "error: $*" >&2
  exit 1
}

is_jdk_25() {
  [ -x "$1/bin/javac" ] && "$1/bin/java" -version 2>&1 | grep -q 'version "25'
}

find_jdk_25() {
  local candidate
  for candidate in "${JAVA_HOME:-}" "$(dirname "$(dirname "$(readlink -f "$(command -v java || echo /)")")")" \
    /usr/lib/jvm/*25* /opt/java/openjdk /Library/Java/JavaVirtualMachines/*25*/Contents/Home "$HOME"/.sdkman/candidates/java/25*; do
    if [ -n "$candidate" ] && is_jdk_25 "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

JAVA_HOME=$(find_jdk_25) || fail "no JDK 25 found. Install one (for example Eclipse Temurin 25) or set JAVA_HOME to it."
export JAVA_HOME PATH="$JAVA_HOME/bin:$PATH"
# Maven's own libraries still use sun.misc.Unsafe. Without this option JDK 25 warns at every start.
export MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow"

command -v mvn >/dev/null || fail "Maven 3.8 or newer is needed: mvn is not on the PATH."
command -v node >/dev/null || fail "Node.js 22 is needed: node is not on the PATH."
node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' ||
  fail "Node.js 22 is needed, this is $(node --version)."
node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 22 ? 0 : 1)' ||
  echo "warning: Node.js $(node --version) is past its end of life; it still works here, 22 is what this is made for." >&2

# install_bridge: installs the bridge's dependencies when they are missing or the lockfile is newer.
install_bridge() {
  local marker="$root/baileys-bridge/node_modules/.package-lock.json"
  if [ ! -f "$marker" ] || [ "$root/baileys-bridge/package-lock.json" -nt "$marker" ]; then
    echo "installing the bridge's dependencies"
    (cd "$root/baileys-bridge" && npm ci --no-fund --no-audit --loglevel=error --ignore-scripts)
  fi
}
