import { join } from 'node:path';
import { type Ecosystem, exportLines, readIf, secretText } from './host.js';

const GO_VARIABLES = ['GOPROXY', 'GOSUMDB', 'GONOSUMDB', 'GONOPROXY', 'GOPRIVATE', 'GOINSECURE', 'GOFLAGS'];

/** `go-env`: where Go gets modules, from the environment, else from the file of `go env -w`. */
export const go: Ecosystem = ({ env, home }) => {
  const config = env.XDG_CONFIG_HOME || join(home, '.config');
  const written = readIf(env.GOENV || join(config, 'go/env')).matchAll(/^(\w+)=(.*)$/gm);
  const file = new Map([...written].map(([, name = '', value = '']) => [name, value] as const));
  const settings = GO_VARIABLES.flatMap((name) => {
    const value = env[name] || file.get(name);
    return value ? [[name, value] as const] : [];
  });
  return secretText('go-env', exportLines(settings));
};
