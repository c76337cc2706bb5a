package dev.profilepic.contract;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The gateways that can be asked for a picture, and the answers that each of them tells apart. An
 * answer that a gateway cannot tell apart is {@code UNKNOWN}, never "no photo". The table is in
 * docs/sources.md.
 */
public enum SourceKind {
  /** Our own bridge. */
  BRIDGE(false, true, EnumSet.allOf(Answer.class)),

  /**
   * Evolution API 2.3, through {@code /baileys}: its {@code /chat} call answers null in every case.
   */
  EVOLUTION(true, false, EnumSet.allOf(Answer.class)),

  /** Evolution Go; its key belongs to one instance, so the instance needs no name there. */
  EVOLUTION_GO(true, false, EnumSet.allOf(Answer.class)),

  /** WAHA answers null whenever there is no photo to show. */
  WAHA(true, false, EnumSet.of(Answer.DISCONNECTED)),

  /** fazer-ai/baileys-api. When it stays silent, our own timeout ends the call. */
  FAZER(true, false, EnumSet.allOf(Answer.class)),

  /**
   * Any other service. If it speaks the bridge's contract, it tells all answers apart. If it
   * answers {@code {profilePictureUrl|url|eurl}}, it tells only those answers apart that have a
   * status code.
   */
  HTTP(true, false, EnumSet.of(Answer.THROTTLED, Answer.DISCONNECTED, Answer.SILENCE));

  /** The answers of a gateway other than a photo. */
  public enum Answer {
    NOT_SET,
    HIDDEN,
    NOT_ON_WHATSAPP,
    THROTTLED,
    DISCONNECTED,
    SILENCE;

    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final boolean remote;
  private final boolean batches;
  private final Set<Answer> tells;

  SourceKind(boolean remote, boolean batches, Set<Answer> tells) {
    this.remote = remote;
    this.batches = batches;
    this.tells = tells;
  }

  /**
   * Returns the name of the kind in configuration, API and database, for example {@code
   * evolution-go}.
   */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public static Optional<SourceKind> of(String id) {
    return Arrays.stream(values()).filter(kind -> kind.id().equals(id)).findFirst();
  }

  /** Returns all ids, for the end of a sentence that names the field. */
  public static String ids() {
    return Arrays.stream(values()).map(SourceKind::id).collect(Collectors.joining(", "));
  }

  /**
   * Returns whether the source has its own url, name and credential. For our bridge, properties set
   * them.
   */
  public boolean isRemote() {
    return remote;
  }

  /** Returns whether the gateway answers for many contacts at once. */
  public boolean hasBatches() {
    return batches;
  }

  public boolean tells(Answer answer) {
    return tells.contains(answer);
  }

  /** Returns the answers that the gateway tells apart, as the API spells them. */
  public List<String> tells() {
    return tells.stream().map(Answer::id).toList();
  }
}
