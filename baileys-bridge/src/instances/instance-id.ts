import { z } from 'zod';

/** The name of one WhatsApp number in the bridge. It appears in paths, metrics and the CRM's rows. */
export const instanceId = z
  .string()
  .regex(
    /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,64}$/,
    'an instance id has 1 to 64 letters, digits, dots, dashes or underscores, and more than one or two dots',
  );
