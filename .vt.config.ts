import { defineConfig } from 'vitest/config';
export default defineConfig({ test: { include: ['test/engine/**/*.test.ts'], testTimeout: 120000, hookTimeout: 300000, fileParallelism: false } });
