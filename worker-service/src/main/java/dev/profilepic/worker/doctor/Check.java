package dev.profilepic.worker.doctor;

import java.io.IOException;
import java.sql.SQLException;

/** A check of one part of a set-up. */
interface Check {

  /** Returns the check's name in the report: a word or two. */
  String name();

  /** Returns the part of the set-up that must answer before this check can run. */
  Need need();

  /**
   * Runs the check and notes its findings. A check without a note has nothing to report.
   *
   * @throws SQLException when the database refuses; the report says so
   * @throws IOException when a server does not answer; the report says so
   */
  void look(Setup setup, Notes notes) throws SQLException, IOException, InterruptedException;

  /** The part of the set-up that a check needs. */
  enum Need {
    NOTHING,
    DATABASE,
    /** The database with our schema in it. */
    SCHEMA
  }
}
