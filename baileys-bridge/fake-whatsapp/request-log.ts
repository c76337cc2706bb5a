/** One question of a client. */
export interface LoggedRequest {
  /** Rises by one with each request, over the whole life of the server. */
  seq: number;
  /** ISO 8601 with milliseconds. */
  at: string;
  kind: 'picture' | 'usync' | 'cdn';
  /** The user whose session asked; null for the CDN, which knows no users. */
  session: string | null;
  /** The address asked about, as the client wrote it. */
  target: string;
  /** Size asked for (`image`, `preview`), or the usync protocols (`contact,lid`). */
  type: string;
  /** Carried by a picture query as well; each is absent when the query did not carry it. */
  token?: true;
  known_id?: string;
  common_gid?: string;
  /** `url`, `empty`, `silence`, an error or HTTP status as text, or for usync `in`, `out`, `lid`. */
  answer: string;
}

/** Remembers the newest requests, up to a bound, so that a server that runs for days does not grow. */
export class RequestLog {
  private entries: LoggedRequest[] = [];
  private seq = 0;

  constructor(
    private readonly now: () => number,
    private readonly capacity = 100_000,
  ) {}

  add(request: Omit<LoggedRequest, 'seq' | 'at'>): void {
    this.seq += 1;
    this.entries.push({ seq: this.seq, at: new Date(this.now()).toISOString(), ...request });
    // Cutting only when twice too long keeps adding cheap.
    if (this.entries.length >= 2 * this.capacity) {
      this.entries = this.entries.slice(-this.capacity);
    }
  }

  /**
   * The requests that are remembered, oldest first.
   *
   * @param since only those after this sequence number, or from this moment on
   */
  since(since: number | Date): LoggedRequest[] {
    const isNewer =
      typeof since === 'number'
        ? (entry: LoggedRequest) => entry.seq > since
        : (entry: LoggedRequest) => Date.parse(entry.at) >= since.getTime();
    return this.entries.slice(-this.capacity).filter(isNewer);
  }

  clear(): void {
    this.entries = [];
  }
}
