package dev.profilepic.worker.doctor;

import dev.profilepic.worker.doctor.Doctor.Report;
import dev.profilepic.worker.doctor.Finding.Level;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.springframework.boot.logging.LoggingSystem;

/** {@code bin/doctor}. Status 0: no problem; 1: problems; 2: wrong usage, or it could not run. */
public final class DoctorCommand {

  private static final String USAGE =
      """
      usage: doctor [--quiet]

      Looks at database, migrations, roles, table of leads, keys, webhooks, photo links, gateways, clocks and disk, and
      says what is wrong, each with its remedy. It reads the settings that receiver, worker and migrator read, from the
      same environment variables (docs/configuration.md), and changes nothing. Two probes are posted to the receiver, and
      each WhatsApp number is asked for one picture, at its pace.

        --quiet   says only what is wrong

      status: 0 no problem, 1 problems, 2 wrong usage or settings that cannot be read
      """;

  private DoctorCommand() {}

  public static void main(String[] arguments) throws InterruptedException {
    // The report says what is wrong; the log stays silent.
    LoggingSystem.get(DoctorCommand.class.getClassLoader()).beforeInitialize();
    System.exit(run(List.of(arguments), System.getenv(), InstantSource.system(), System.out));
  }

  static int run(
      List<String> arguments, Map<String, String> variables, InstantSource clock, PrintStream out)
      throws InterruptedException {
    if (arguments.equals(List.of("--help")) || arguments.equals(List.of("-h"))) {
      out.print(USAGE);
      return 0;
    }
    if (!List.of("--quiet").containsAll(arguments)) {
      out.print(USAGE);
      return 2;
    }
    Settings settings;
    try {
      settings = Settings.of(variables);
      settings.leads();
    } catch (RuntimeException unreadable) {
      out.println("the settings cannot be read: " + unreadable.getMessage());
      return 2;
    }
    var report = new Doctor(settings, clock).examine();
    print(report, arguments.contains("--quiet"), out);
    return report.count(Level.PROBLEM) == 0 ? 0 : 1;
  }

  private static void print(Report report, boolean quiet, PrintStream out) {
    for (var finding : report.findings()) {
      if (quiet && finding.level() == Level.OK) {
        continue;
      }
      out.printf("%-8s %-13s %s%n", finding.level(), finding.check(), finding.what());
      if (!finding.remedy().isEmpty()) {
        out.printf("%-22s > %s%n", "", finding.remedy());
      }
    }
    if (!report.leftOut().isEmpty()) {
      out.println(
          "left out, because what they need is away: " + String.join(", ", report.leftOut()));
    }
    out.printf(
        "%d problems, %d warnings%n", report.count(Level.PROBLEM), report.count(Level.WARNING));
  }
}
