package dev.profilepic.worker.doctor;

import java.io.IOException;
import java.sql.SQLException;

/** One thing that is looked at. */
interface Check {

  /** What the report calls it: a word or two. */
  String name();

  /** What must answer before this check can say anything. */
  Need need();

  /**
   * Looks, and notes what it found. A check without a note has nothing to report.
   *
   * @throws SQLException when the database refuses; the report says so
   * @throws IOException when a server does not answer; the report says so
   */
  void look(Setup setup, Notes notes) throws SQLException, IOException, InterruptedException;

  /** What a check needs. */
  enum Need {
    NOTHING,
    DATABASE,
    /** The database with our schema in it. */
    SCHEMA
  }
}
