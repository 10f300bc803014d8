/**
 * Large providers' mail exchangers: a snapshot, not looked up when the tool runs. Domains of one site have the same set of MX hosts, so KumoMTA gives them one ready queue per source and one block of
 * shaping.toml. Only names whose provider hosts them without doubt are in here; whatever is missing is merely not
 * collapsed. Sorted by site; within a site the name that stands for it first, then the others sorted (kept by a test).
 */
export interface MxSite {
  readonly site: string;
  /** MX hosts of lowest preference and their fall-backs; `{domain}` stands for the domain with dashes for dots. */
  readonly hosts: readonly string[];
  /** True when every domain has MX hosts of its own under one suffix: the domains are related, but no one site. */
  readonly separate?: true;
  /** The suffix of the provider's MX hosts, for a provider block. */
  readonly suffix: string;
  /** First the name that stands for the site. */
  readonly domains: readonly string[];
}

export const MX_SITES: readonly MxSite[] = [
  {
    site: 'apple',
    hosts: ['mx01.mail.icloud.com', 'mx02.mail.icloud.com'],
    suffix: '.mail.icloud.com',
    domains: ['icloud.com', 'mac.com', 'me.com'],
  },
  {
    site: 'google',
    hosts: [
      'gmail-smtp-in.l.google.com',
      'alt1.gmail-smtp-in.l.google.com',
      'alt2.gmail-smtp-in.l.google.com',
      'alt3.gmail-smtp-in.l.google.com',
      'alt4.gmail-smtp-in.l.google.com',
    ],
    suffix: '.l.google.com',
    domains: ['gmail.com', 'googlemail.com'],
  },
  {
    site: 'mail.ru',
    hosts: ['mxs.mail.ru'],
    suffix: '.mail.ru',
    domains: ['mail.ru', 'bk.ru', 'inbox.ru', 'internet.ru', 'list.ru'],
  },
  {
    site: 'microsoft',
    hosts: ['{domain}.olc.protection.outlook.com'],
    separate: true,
    suffix: '.olc.protection.outlook.com',
    domains: [
      'hotmail.com',
      'hotmail.be',
      'hotmail.ca',
      'hotmail.ch',
      'hotmail.co.id',
      'hotmail.co.il',
      'hotmail.co.jp',
      'hotmail.co.kr',
      'hotmail.co.nz',
      'hotmail.co.th',
      'hotmail.co.uk',
      'hotmail.co.za',
      'hotmail.com.ar',
      'hotmail.com.au',
      'hotmail.com.br',
      'hotmail.com.hk',
      'hotmail.com.tr',
      'hotmail.com.tw',
      'hotmail.com.vn',
      'hotmail.cz',
      'hotmail.de',
      'hotmail.dk',
      'hotmail.es',
      'hotmail.fi',
      'hotmail.fr',
      'hotmail.gr',
      'hotmail.hu',
      'hotmail.it',
      'hotmail.my',
      'hotmail.nl',
      'hotmail.no',
      'hotmail.ph',
      'hotmail.rs',
      'hotmail.se',
      'hotmail.sg',
      'live.at',
      'live.be',
      'live.ca',
      'live.cl',
      'live.cn',
      'live.co.kr',
      'live.co.uk',
      'live.co.za',
      'live.com',
      'live.com.ar',
      'live.com.au',
      'live.com.mx',
      'live.com.my',
      'live.com.ph',
      'live.com.pt',
      'live.com.sg',
      'live.de',
      'live.dk',
      'live.fi',
      'live.fr',
      'live.hk',
      'live.ie',
      'live.in',
      'live.it',
      'live.jp',
      'live.nl',
      'live.no',
      'live.ru',
      'live.se',
      'msn.com',
      'outlook.at',
      'outlook.be',
      'outlook.cl',
      'outlook.co.id',
      'outlook.co.il',
      'outlook.co.th',
      'outlook.com',
      'outlook.com.ar',
      'outlook.com.au',
      'outlook.com.br',
      'outlook.com.gr',
      'outlook.com.tr',
      'outlook.com.vn',
      'outlook.cz',
      'outlook.de',
      'outlook.dk',
      'outlook.es',
      'outlook.fr',
      'outlook.hu',
      'outlook.ie',
      'outlook.in',
      'outlook.it',
      'outlook.jp',
      'outlook.kr',
      'outlook.lv',
      'outlook.my',
      'outlook.ph',
      'outlook.pt',
      'outlook.sa',
      'outlook.sg',
      'outlook.sk',
      'passport.com',
      'windowslive.com',
    ],
  },
  {
    site: 'orange.fr',
    hosts: ['smtp-in.orange.fr'],
    suffix: '.orange.fr',
    domains: ['orange.fr', 'wanadoo.fr'],
  },
  {
    site: 'qq.com',
    hosts: ['mx1.qq.com', 'mx2.qq.com', 'mx3.qq.com'],
    suffix: '.qq.com',
    domains: ['qq.com', 'foxmail.com'],
  },
  {
    site: 'yahoo',
    hosts: ['mta5.am0.yahoodns.net', 'mta6.am0.yahoodns.net', 'mta7.am0.yahoodns.net'],
    suffix: '.am0.yahoodns.net',
    domains: ['yahoo.com', 'rocketmail.com', 'ymail.com'],
  },
  {
    site: 'yahoo-aol',
    hosts: ['mx-aol.mail.gm0.yahoodns.net'],
    suffix: '.gm0.yahoodns.net',
    domains: ['aol.com', 'aim.com'],
  },
  {
    site: 'yahoo-eu',
    hosts: ['mx-eu.mail.am0.yahoodns.net'],
    suffix: '.mail.am0.yahoodns.net',
    domains: ['yahoo.co.uk', 'yahoo.de', 'yahoo.es', 'yahoo.fr', 'yahoo.it'],
  },
];

const BY_DOMAIN: ReadonlyMap<string, MxSite> = new Map(
  MX_SITES.flatMap((site) => site.domains.map((domain) => [domain, site] as const)),
);

/** The site of a domain, if the snapshot knows it. */
export function mxSiteOf(domain: string): MxSite | undefined {
  return BY_DOMAIN.get(domain);
}

/** The MX hosts of a domain, or none when the snapshot does not know it. */
export function mxHostsOf(domain: string): readonly string[] {
  return mxSiteOf(domain)?.hosts.map((host) => host.replace('{domain}', domain.replaceAll('.', '-'))) ?? [];
}
