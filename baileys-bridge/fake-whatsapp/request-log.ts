/** One request of a client. */
export interface LoggedRequest {
  /** Increases by one with each request, over the whole life of the server. */
  seq: number;
  /** ISO 8601 with milliseconds. */
  at: string;
  kind: 'picture' | 'usync' | 'cdn';
  /** The user of the session; null for the CDN, which knows no users. */
  session: string | null;
  /** The address in the request, as the client wrote it. */
  target: string;
  /** The requested size (`image`, `preview`), or the usync protocols (`contact,lid`). */
  type: string;
  /** The other attributes of a picture query; each field is absent when the query did not have it. */
  token?: true;
  known_id?: string;
  common_gid?: string;
  /** `url`, `empty`, `silence`, an error or HTTP status as text, or for usync `in`, `out`, `lid`. */
  answer: string;
}

/** Remembers a limited number of the newest requests, so that the memory of a long-running server does not grow. */
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
    // The log is cut only at twice its capacity, so that adding an entry stays cheap.
    if (this.entries.length >= 2 * this.capacity) {
      this.entries = this.entries.slice(-this.capacity);
    }
  }

  /**
   * Returns the remembered requests, oldest first.
   *
   * @param since only requests after this sequence number, or from this time on
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
