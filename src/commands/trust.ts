import { X509Certificate } from 'node:crypto';
import { unpacked } from '../catalog/certificate.js';
import { lookupOf } from '../catalog/lookup.js';
import { GatherError } from '../output/errors.js';
import { openProject } from '../stack/open.js';
import { type CommandModule, examples } from './command.js';

const WAYS = [
  'To trust what the servers of this stack show, until gather init --rotate makes another authority:',
  '  one program     curl --cacert gather.crt …, REQUESTS_CA_BUNDLE, NODE_EXTRA_CA_CERTS, SSL_CERT_FILE',
  '  Debian, Ubuntu  sudo cp gather.crt /usr/local/share/ca-certificates/ && sudo update-ca-certificates',
  '  Fedora, RHEL    sudo cp gather.crt /etc/pki/ca-trust/source/anchors/ && sudo update-ca-trust',
  '  macOS           security add-trusted-cert -k ~/Library/Keychains/login.keychain-db gather.crt',
  '  Java            keytool -importcert -noprompt -alias gather -file gather.crt -keystore truststore.p12',
  '  Firefox         Settings, Privacy & Security, View Certificates, Authorities, Import',
];

export const { configure, run }: CommandModule = {
  configure(command) {
    examples(command, {
      'gather trust > gather.crt': 'the certificate as PEM; how to trust it is told beside',
    });
  },

  async run(context) {
    const { blueprint, project } = openProject(context.folder, context.home);
    const own = blueprint.variables.find(({ certificate }) => certificate?.names.length === 0);
    if (!own)
      throw new GatherError('USAGE', 'nothing in this stack has a certificate', {
        hints: ['gather components'],
      });
    const value = lookupOf(blueprint, project.env)(own.name);
    if (!value) throw new GatherError('ENV_INVALID', `.env has no ${own.name}`, { hints: ['gather init'] });
    const certificate = unpacked(value).trim();
    const { fingerprint256, validTo } = new X509Certificate(certificate);
    context.output.event({
      type: 'note',
      text: [...WAYS, `SHA-256 ${fingerprint256}, until ${validTo}`].join('\n'),
    });
    return { data: { certificate, fingerprint: fingerprint256, until: validTo }, text: certificate };
  },
};
