import { join } from 'node:path';
import { type Ecosystem, isReadable } from './host.js';

const CA_VARIABLES = [
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'PIP_CERT',
  'CURL_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
];
const CA_FILES = ['ssl/certs/ca-certificates.crt', 'pki/tls/certs/ca-bundle.crt', 'ssl/cert.pem'];

/** `ca`: the bundle of authorities that this machine trusts, a company's own among them. */
export const ca: Ecosystem = ({ env, etc }) => {
  const files = [...CA_VARIABLES.map((name) => env[name]), ...CA_FILES.map((file) => join(etc, file))];
  return files
    .filter(isReadable)
    .slice(0, 1)
    .map((file) => ({ id: 'ca', file }));
};
