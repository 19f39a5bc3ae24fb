import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { dockerOk } from './docker.js';

/** A company's own package index and Debian mirror, as builds of this engine reach them; both want a login. */
export interface PackageIndex {
  /** Of the Python packages, login included. */
  pythonUrl: string;
  /** Of Debian's packages, login included. */
  debianUrl: string;
  /** Paths that were asked for with the right login. */
  served: string[];
  /** How often somebody came without it. */
  refused(): number;
  stop(): Promise<void>;
}

/** Offers one pure Python package, and passes on Debian's. Listens on the bridge that build containers are connected to. */
export async function startPackageIndex(
  name: string,
  version: string,
  login: { username: string; password: string },
): Promise<PackageIndex> {
  const gateway = (
    await dockerOk(['network', 'inspect', 'bridge', '--format', '{{(index .IPAM.Config 0).Gateway}}'])
  ).trim();
  const module = name.replaceAll('-', '_');
  const file = `${module}-${version}-py3-none-any.whl`;
  const wheel = wheelOf(module, name, version);
  const served: string[] = [];
  let refused = 0;
  const server = http.createServer((request, response) => {
    const wanted = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
    if (request.headers.authorization !== wanted) {
      refused++;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="packages"' }).end();
      return;
    }
    const path = request.url ?? '';
    served.push(path);
    if (path === `/simple/${name}/`) {
      const sha256 = createHash('sha256').update(wheel).digest('hex');
      const files = [
        {
          filename: file,
          url: `/files/${file}`,
          hashes: { sha256 },
          'upload-time': '2020-01-01T00:00:00Z',
          size: wheel.length,
        },
      ];
      response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' });
      response.end(JSON.stringify({ meta: { 'api-version': '1.1' }, name, versions: [version], files }));
    } else if (path === `/files/${file}`) response.end(wheel);
    else if (path.startsWith('/debian/')) passOn(path, request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, gateway, resolve));
  const { port } = server.address() as AddressInfo;
  const base = `http://${login.username}:${login.password}@${gateway}:${port}`;
  return {
    pythonUrl: `${base}/simple/`,
    debianUrl: `${base}/debian`,
    served,
    refused: () => refused,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function passOn(path: string, request: http.IncomingMessage, response: http.ServerResponse): void {
  const { range, 'if-modified-since': since } = request.headers;
  const headers = { ...(range ? { range } : {}), ...(since ? { 'if-modified-since': since } : {}) };
  http
    .get(`http://deb.debian.org${path}`, { headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    })
    .on('error', () => response.writeHead(502).end());
}

/** A wheel (https://packaging.python.org/specifications/binary-distribution-format) with one module that says its version. */
function wheelOf(module: string, name: string, version: string): Buffer {
  const info = `${module}-${version}.dist-info`;
  const files = {
    [`${module}.py`]: `version = "${version}"\n`,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]:
      'Wheel-Version: 1.0\nGenerator: gather-test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  };
  const record = [...Object.keys(files), `${info}/RECORD`].map((path) => `${path},,\n`).join('');
  return zip({ ...files, [`${info}/RECORD`]: record });
}

/** A zip file without compression (PKWARE's APPNOTE, 4.3). */
function zip(files: Record<string, string>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, text] of Object.entries(files)) {
    const [name, data] = [Buffer.from(path), Buffer.from(text)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x21, 8); // 1980-01-01
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(0o100644 * 0x10000, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03'), common, tail, name]));
    parts.push(local);
    offset += local.length;
  }
  const size = directory.reduce((sum, entry) => sum + entry.length, 0);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}
