import type { Wanted } from '../observe/wanted.js';

type DependsOn = Wanted['dependsOn'];

/** All services that `service` waits for, directly or through others. */
export function dependenciesOf(service: string, dependsOn: DependsOn): ReadonlySet<string> {
  const found = new Set<string>();
  const follow = (name: string): void => {
    for (const dependency of dependsOn[name] ?? [])
      if (!found.has(dependency)) {
        found.add(dependency);
        follow(dependency);
      }
  };
  follow(service);
  return found;
}

/** Of several that broke, the first that waits for none of the others: they broke because of it, not it because of them. */
export function rootOf<T extends { container: { service: string } }>(
  broken: T[],
  dependsOn: DependsOn,
): T | undefined {
  const services = new Set(broken.map((one) => one.container.service));
  return broken.find(({ container }) => {
    const dependencies = dependenciesOf(container.service, dependsOn);
    return ![...services].some((name) => name !== container.service && dependencies.has(name));
  });
}
