/** A request to the admin API that cannot be fulfilled, with the field that causes this. */
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
