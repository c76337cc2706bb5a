import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'fake-whatsapp/**/*.test.ts'],
    globalSetup: ['test/support/require-database.ts'],
    // Baileys has one root key per process: a file must never see another file's fake WhatsApp.
    pool: 'forks',
    maxWorkers: 2,
    // Deadlines for a busy machine; tests that pass do not wait for them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
