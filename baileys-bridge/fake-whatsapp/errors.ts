/** A wish of the admin API that cannot be granted, and the field that is to blame. */
export class FakeWhatsAppError extends Error {
  constructor(
    readonly reason: 'invalid' | 'not_found' | 'conflict',
    readonly field: string,
    message: string,
  ) {
    super(message);
    this.name = 'FakeWhatsAppError';
  }
}
