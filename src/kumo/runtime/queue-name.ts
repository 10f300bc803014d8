/** Takes a scheduled queue's name apart: `campaign:tenant@domain!routing_domain` (crates/message, queue_name). */
export function splitQueueName(name: string): {
  readonly campaign?: string;
  readonly tenant?: string;
  readonly domain: string;
  readonly routing_domain?: string;
} {
  const at = name.indexOf('@');
  const prefix = at < 0 ? undefined : name.slice(0, at);
  const [domain = '', ...routing] = name.slice(at + 1).split('!');
  const colon = prefix?.indexOf(':') ?? -1;
  return {
    ...(prefix !== undefined && colon >= 0 ? { campaign: prefix.slice(0, colon) } : {}),
    ...(prefix === undefined ? {} : { tenant: prefix.slice(colon + 1) }),
    domain,
    ...(routing.length > 0 ? { routing_domain: routing.join('!') } : {}),
  };
}
