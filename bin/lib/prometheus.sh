# Finds Prometheus and promtool, or unpacks Debian's package into .local. Installs nothing and starts no daemon.
# Sourced after toolchain.sh; needs $root.

find_prometheus() {
  local home="$root/.local/prometheus"
  command -v prometheus >/dev/null && command -v promtool >/dev/null && return
  if [ ! -x "$home/usr/bin/promtool" ]; then
    command -v apt-get >/dev/null || fail "Prometheus is needed: prometheus and promtool are not on the PATH, and there is no apt-get to fetch them with."
    echo "fetching Prometheus (Debian's package)"
    mkdir -p "$home"
    (
      cd "$home"
      apt-get -qq download prometheus 2>/dev/null || { apt-get -qq update && apt-get -qq download prometheus; }
      dpkg -x prometheus_*.deb . && rm prometheus_*.deb
    ) || fail "Debian's package prometheus could not be fetched: install Prometheus, so that prometheus and promtool are on the PATH."
  fi
  export PATH="$home/usr/bin:$PATH"
}
