import type { FieldRow } from './field';

/** `kumo.dkim.rsa_sha256_signer` and `ed25519_signer`; KumoMTA ignores unknown keys here. */
export const signerFields = [
  { name: 'agent_user_identifier', type: 'string', since: '2023.03.31', unsupported: true },
  { name: 'atps', type: 'string', since: '2023.03.31', unsupported: true },
  { name: 'atpsh', type: 'enum', since: '2023.03.31', values: ['Sha1', 'Sha256'], unsupported: true },
  {
    name: 'body_canonicalization',
    type: 'enum',
    since: '2023.03.31',
    values: ['Relaxed', 'Simple'],
    default: 'Relaxed',
  },
  { name: 'body_length', type: 'bool', since: '2023.03.31', default: false, unsupported: true },
  { name: 'domain', type: 'string', since: '2023.03.31', required: true },
  { name: 'expiration', type: 'int', since: '2023.03.31' },
  {
    name: 'header_canonicalization',
    type: 'enum',
    since: '2023.03.31',
    values: ['Relaxed', 'Simple'],
    default: 'Relaxed',
  },
  { name: 'headers', type: 'string-list', since: '2023.03.31', required: true },
  { name: 'key', type: 'key-source', since: '2023.03.31', required: true },
  { name: 'over_sign', type: 'bool', since: '2024.06.10', default: false },
  { name: 'reporting', type: 'bool', since: '2023.03.31', default: false, unsupported: true },
  { name: 'selector', type: 'string', since: '2023.03.31', required: true },
  { name: 'ttl', type: 'duration', since: '2023.03.31', default: '300s' },
] as const satisfies readonly FieldRow[];

/** `[base]` of the DKIM helper file. */
export const dkimBaseFields = [
  { name: 'additional_signatures', type: 'string-list', since: '2023.06.22' },
  { name: 'body_canonicalization', type: 'enum', since: '2023.06.22', values: ['Relaxed', 'Simple'] },
  { name: 'expiration', type: 'int', since: '2024.11.08' },
  { name: 'header_canonicalization', type: 'enum', since: '2023.06.22', values: ['Relaxed', 'Simple'] },
  { name: 'headers', type: 'string-list', since: '2023.06.22' },
  { name: 'over_sign', type: 'bool', since: '2024.06.10' },
  { name: 'policy', type: 'enum', since: '2023.06.22', values: ['Always'] },
  { name: 'selector', type: 'string', since: '2023.06.22' },
  { name: 'vault_mount', type: 'string', since: '2023.06.22' },
  { name: 'vault_path_prefix', type: 'string', since: '2023.06.22' },
] as const satisfies readonly FieldRow[];

/** `[domain."d"]` of the DKIM helper file. */
export const dkimDomainFields = [
  { name: 'algo', type: 'enum', since: '2023.06.22', values: ['sha256', 'ed25519'] },
  { name: 'body_canonicalization', type: 'enum', since: '2023.06.22', values: ['Relaxed', 'Simple'] },
  { name: 'expiration', type: 'int', since: '2024.11.08' },
  { name: 'filename', type: 'string', since: '2023.06.22' },
  { name: 'header_canonicalization', type: 'enum', since: '2023.06.22', values: ['Relaxed', 'Simple'] },
  { name: 'headers', type: 'string-list', since: '2023.06.22' },
  { name: 'over_sign', type: 'bool', since: '2024.06.10' },
  { name: 'policy', type: 'enum', since: '2023.06.22', values: ['Always'] },
  { name: 'selector', type: 'string', since: '2023.06.22' },
] as const satisfies readonly FieldRow[];

/** `[signature."n"]` of the DKIM helper file. */
export const dkimSignatureFields = [
  { name: 'algo', type: 'enum', since: '2023.06.22', values: ['sha256', 'ed25519'] },
  { name: 'body_canonicalization', type: 'enum', since: '2023.06.22', values: ['Relaxed', 'Simple'] },
  { name: 'domain', type: 'string', since: '2023.06.22', required: true },
  { name: 'expiration', type: 'int', since: '2024.11.08' },
  { name: 'filename', type: 'string', since: '2023.06.22' },
  { name: 'header_canonicalization', type: 'enum', since: '2023.06.22', values: ['Relaxed', 'Simple'] },
  { name: 'headers', type: 'string-list', since: '2023.06.22' },
  { name: 'over_sign', type: 'bool', since: '2024.06.10' },
  { name: 'policy', type: 'enum', since: '2023.06.22', values: ['Always', 'OnlyIfMissingDomainBlock'] },
  { name: 'selector', type: 'string', since: '2023.06.22' },
] as const satisfies readonly FieldRow[];
