import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
}

/** A certificate authority of a test's own, made by openssl in a folder of its own. */
export class TestAuthority {
  readonly folder = mkdtempSync(join(tmpdir(), 'authority-'));

  constructor() {
    this.#openssl('req', '-x509', ...newKey('ca'), '-days', '2', '-subj', '/CN=Test authority');
  }

  /** PEM of the authority */
  get certificate(): string {
    return this.#read('ca.pem');
  }
  /** for NODE_EXTRA_CA_CERTS */
  get path(): string {
    return join(this.folder, 'ca.pem');
  }

  /** @param days how long it is valid; negative: it has expired */
  issue(host: string, days = 2): TestCertificate {
    const name = `${host}${days}`;
    this.#openssl('req', ...newKey(name, 'csr'), '-subj', `/CN=${host}`, '-addext', alternative(host));
    const authority = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copy'];
    this.#openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, '-days', String(days)],
      ...authority,
    );
    return { key: this.#read(`${name}.key`), cert: this.#read(`${name}.pem`) };
  }

  selfSigned(host: string): TestCertificate {
    const subject = ['-days', '2', '-subj', `/CN=${host}`, '-addext', alternative(host)];
    this.#openssl('req', '-x509', ...newKey('own'), ...subject);
    return { key: this.#read('own.key'), cert: this.#read('own.pem') };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.folder, stdio: 'ignore' });
  }
  #read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }
}

const newKey = (name: string, kind: 'pem' | 'csr' = 'pem'): string[] => [
  ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
  ...['-keyout', `${name}.key`, '-out', `${name}.${kind}`],
];
const alternative = (host: string): string => `subjectAltName=${isIP(host) ? 'IP' : 'DNS'}:${host}`;
