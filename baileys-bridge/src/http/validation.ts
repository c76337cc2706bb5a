import { z } from 'zod';
import { instanceId } from '../instances/instance-id.js';

/** A request that cannot be understood. The response is 400 with the wrong fields. */
export class BadRequestError extends Error {
  constructor(readonly errors: readonly { field: string; message: string }[]) {
    super('bad request');
  }
}

/** @throws BadRequestError that names each wrong field */
export function parse<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new BadRequestError(
    result.error.issues.map((issue) => ({ field: issue.path.join('.') || 'body', message: issue.message })),
  );
}

export const instanceParams = z.object({ id: instanceId });
