package dev.profilepic.worker.doctor;

import dev.profilepic.worker.doctor.Finding.Level;
import java.util.ArrayList;
import java.util.List;

/** The notes of one check. */
final class Notes {

  private final String check;
  private final List<Finding> findings = new ArrayList<>();

  Notes(String check) {
    this.check = check;
  }

  void ok(String what) {
    findings.add(new Finding(Level.OK, check, what, ""));
  }

  void warning(String what, String remedy) {
    findings.add(new Finding(Level.WARNING, check, what, remedy));
  }

  void problem(String what, String remedy) {
    findings.add(new Finding(Level.PROBLEM, check, what, remedy));
  }

  /** Notes that all is well, unless the check has noted something else. */
  void okIfNothingElse(String what) {
    if (findings.isEmpty()) {
      ok(what);
    }
  }

  List<Finding> findings() {
    return List.copyOf(findings);
  }
}
