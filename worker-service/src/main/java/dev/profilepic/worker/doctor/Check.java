package dev.profilepic.worker.doctor;

import java.io.IOException;
import java.sql.SQLException;

/** One thing that is looked at. */
interface Check {

  /** What the report calls it: a word or two. */
  String name();

  /** What must answer before anything can be said here. */
  Need need();

  /**
   * Looks, and notes what it found. Without a note there is nothing to say here.
   *
   * @throws SQLException when the database refuses; the report says so
   * @throws IOException when a server does not answer; the report says so
   */
  void look(Setup setup, Notes notes) throws SQLException, IOException, InterruptedException;

  /** What a check cannot do without. */
  enum Need {
    NOTHING,
    DATABASE,
    /** The database with our schema in it. */
    SCHEMA
  }
}
