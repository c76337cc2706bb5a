import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'fake-whatsapp/**/*.test.ts'],
    // Baileys' own WebAssembly and timers belong to one process each: a file never sees another file's sockets.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
