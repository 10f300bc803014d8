import type { Client } from '../kumo/runtime/journeys';
import type { PmtaConfig } from '../pmta/model';
import type { NamingClient } from './kumo-path';
import { SENDER, type Travels } from './travels';

/** Clients that may be able to choose the tenant; a configuration has few kinds of them. */
const CLIENTS = 40;

/** One client for each network of `<source>`, and one for each user. */
export function clientsOf(config: PmtaConfig): readonly Client[] {
  const peers = config.sources.flatMap(({ cidr }) => (cidr === undefined ? [] : [cidr.replace(/\/.*/, '')]));
  const users = [...(config.named.get('smtp-user') ?? [])].flatMap(([user, blocks]) => {
    const line = blocks.flatMap((block) => block.settings).find(({ name }) => name === 'password');
    return line?.value?.kind === 'secret' ? [{ user, password: line.value.value }] : [];
  });
  const places = [...new Set(['127.0.0.1', ...peers])].slice(0, CLIENTS);
  return [
    ...places.map((peer): Client => ({ peer, sender: SENDER })),
    ...users.slice(0, CLIENTS).map((auth): Client => ({ peer: '192.0.2.254', sender: SENDER, auth })),
  ];
}

/** A client whose mail gets the tenant: by X-Virtual-MTA, by its own default, or as a user. */
export function clientFor(
  travels: Travels,
  clients: readonly Client[],
  name: string,
  tenant: string,
): NamingClient | undefined {
  const auth = (logged: boolean) => clients.filter((client) => (client.auth !== undefined) === logged);
  const asked = [false, true].flatMap((logged) => [
    ...auth(logged).map((client): NamingClient => ({ client, named: name })),
    ...auth(logged).map((client): NamingClient => ({ client })),
  ]);
  return asked.find((one) => {
    const { message } = travels.of({ ...one, domain: 'named-nowhere.example', tenant, attempts: 0 });
    return message.rejected === undefined && message.tenant === tenant;
  });
}
