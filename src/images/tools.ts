import { availableParallelism } from 'node:os';
import type { Engine } from '../engine/engine.js';
import { buildImage } from './build.js';
import { Shelf } from './present.js';
import { pullImage } from './pull.js';

/** What images are got with; tests hand in others. */
export interface ImageTools {
  /** What the engine has. */
  shelf(engine: Engine, signal: AbortSignal | undefined): Promise<ImageShelf>;
  pull: typeof pullImage;
  build: typeof buildImage;
  /** As many builds run at once. */
  processors: number;
}

export type ImageShelf = Pick<Shelf, 'has' | 'inspects' | 'present' | 'add'>;

export const REAL_TOOLS: ImageTools = {
  shelf: (engine, signal) => Shelf.of(engine, signal),
  pull: pullImage,
  build: buildImage,
  processors: availableParallelism(),
};
