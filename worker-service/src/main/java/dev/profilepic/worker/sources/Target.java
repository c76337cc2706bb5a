package dev.profilepic.worker.sources;

import dev.profilepic.contract.SourceKind;
import org.jspecify.annotations.Nullable;

/**
 * A gateway as one instance uses it.
 *
 * @param url without a slash at its end
 * @param name the gateway's own name for the instance
 * @param credential null when the gateway needs no credential
 * @param fenced whether an API key set the url, which then must not lead into our own network
 */
record Target(
    SourceKind kind, String url, String name, @Nullable String credential, boolean fenced) {

  Target {
    url = url.replaceFirst("/+$", "");
  }

  @Override
  public String toString() {
    return "Target[kind=" + kind + ", credential=***]";
  }
}
