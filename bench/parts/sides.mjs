// Both sides of a comparison on the same images: gather's project, and the peers made from what it built.
import { Stack } from '../stack.mjs';

/** A stack whose images are built and whose layers are warm: up once, then down with its volumes. */
export function preparedStack(version, options) {
  const stack = new Stack(version, options);
  stack.up();
  const images = imagesOf(stack);
  stack.down({ volumes: true });
  return { stack, images };
}

/** The images that gather's containers run, by the names that the peers' Compose files read. */
export function imagesOf(stack) {
  const services = JSON.parse(stack.compose('config', '--format', 'json')).services;
  const images = {
    AIRFLOW_IMAGE: services['airflow-scheduler'].image,
    POSTGRES_IMAGE: services.postgres.image,
  };
  return services.redis ? { ...images, REDIS_IMAGE: services.redis.image } : images;
}
