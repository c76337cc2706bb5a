package dev.profilepic.worker.doctor;

import java.sql.SQLException;

/** Checks that the receiver has a valid API key, and no publicly known key. */
final class ApiKeysCheck implements Check {

  private static final String KEYS =
      """
      SELECT k.name, coalesce(k.expires_at <= statement_timestamp(), false),
             coalesce(k.expires_at <= statement_timestamp() + interval '14 days', false),
             to_char(k.expires_at, 'YYYY-MM-DD'), k.sha256 = sha256('local-dev-key')
      FROM profile_pic.api_keys AS k WHERE k.revoked_at IS NULL ORDER BY k.id
      """;

  @Override
  public String name() {
    return "api keys";
  }

  @Override
  public Need need() {
    return Need.SCHEMA;
  }

  @Override
  public void look(Setup setup, Notes notes) throws SQLException {
    var settings = setup.settings();
    int valid = settings.bootstrapKey().isEmpty() ? 0 : 1;
    for (var key : setup.database().rows(KEYS)) {
      boolean expired = key.at(1).equals("t");
      valid += expired ? 0 : 1;
      if (expired) {
        notes.warning(
            "the key \"" + key.at(0) + "\" expired on " + key.at(3),
            "bin/api-key create ... for whoever used it, and bin/api-key revoke " + key.at(0));
      } else if (key.at(2).equals("t")) {
        notes.warning(
            "the key \"" + key.at(0) + "\" expires on " + key.at(3),
            "Give whoever uses it a new one in time: bin/api-key create ...");
      }
      if (!expired && !settings.isLocal() && key.at(4).equals("t")) {
        notes.problem(
            "the key \"" + key.at(0) + "\" is that of local mode, which everybody knows",
            "bin/api-key revoke " + key.at(0));
      }
    }
    if (valid == 0) {
      notes.problem(
          "no API key is valid: nobody may call the receiver",
          "bin/api-key create crm --scopes ingest, or set PROFILE_PIC_BOOTSTRAP_KEY.");
    }
    notes.okIfNothingElse(valid + " valid");
  }
}
