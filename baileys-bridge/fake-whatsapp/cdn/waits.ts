/** Delays answers on purpose. Closing ends all waits, so that no wait outlives the server. */
export class Waits {
  private readonly ends = new Set<() => void>();

  pause(milliseconds: number): Promise<void> {
    return this.wait((done) => {
      const timer = setTimeout(done, milliseconds);
      return () => clearTimeout(timer);
    });
  }

  /** Waits until the server closes. */
  forever(): Promise<void> {
    return this.wait(() => () => {});
  }

  close(): void {
    this.ends.forEach((end) => end());
  }

  private wait(start: (done: () => void) => () => void): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        this.ends.delete(end);
        cancel();
        resolve();
      };
      const cancel = start(end);
      this.ends.add(end);
    });
  }
}
