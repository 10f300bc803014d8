export type Severity = 'error' | 'warning' | 'info';

export interface MessageRow {
  readonly severity: Severity;
  /** One sentence that stands alone; `{hole}` is filled by the caller. */
  readonly message: string;
  /** The way out. */
  readonly help: string;
}

/** Every message of the tool, one row a code. Kept sorted by a test; codes never change their meaning. */
export const catalogue = {
  'address-range': {
    severity: 'warning',
    message: 'the address range {range} cannot become egress sources without a list of the addresses this host has',
    help: 'write one smtp-source-host line per address that is in use; until then mail of this virtual-mta waits',
  },
  'address-range-expanded': {
    severity: 'warning',
    message:
      'every one of the {count} addresses in {range} became an egress source, although PowerMTA uses only those this host has',
    help: 'remove the sources of addresses that are not on this host from sources.toml',
  },
  'auth-plain-tls': {
    severity: 'warning',
    message:
      'SMTP users ({count}) have to change how they log in: KumoMTA offers AUTH PLAIN only, and only after STARTTLS',
    help: 'let the clients use STARTTLS and AUTH PLAIN, or admit them by address; clients with LOGIN, CRAM-MD5 or no TLS fail',
  },
  'backoff-default-reaches': {
    severity: 'info',
    message: 'the replies of <domain *> also slow down {domain}, which has another list or none',
    help: 'KumoMTA tries rules of "default" for every domain; move them into domain blocks if that matters',
  },
  'backoff-not-slower': {
    severity: 'warning',
    message: '{directive} {value} allows no less than {normal}, so backoff does not slow the queue down',
    help: 'write a limit below the normal one; in KumoMTA the same rule sets this value for its time',
  },
  'backoff-untriggered': {
    severity: 'info',
    message: '{directive} never counts: no reply pattern of its domains asks for mode=backoff',
    help: 'name an smtp-pattern-list with such a line, or remove the setting unless operators switch the mode by hand',
  },
  'backoff-without-end': {
    severity: 'info',
    message: 'nothing ends this backoff but a restart, so its rules last for 365 days',
    help: 'set backoff-to-normal-after, for instance to a few hours',
  },
  'base-shaping': {
    severity: 'info',
    message:
      "KumoMTA's own shaping files ({files}) are loaded as well; PowerMTA's limits were written over theirs in {blocks}",
    help: "their rules hold beside PowerMTA's reply patterns; --base-shaping none leaves them out",
  },
  'block-beaten': {
    severity: 'warning',
    message: 'no line of this block counts: other blocks for the same domains say all of it again',
    help: 'remove the block, or take out of the others what it should decide',
  },
  'block-repeated': {
    severity: 'info',
    message: '{block} stands more than once; the blocks are merged, and the last line of a setting wins',
    help: 'PowerMTA does not document what it does here: join the blocks to be sure',
  },
  'block-repeats-general': {
    severity: 'info',
    message: '{count} lines of this block say what <domain *> says',
    help: 'remove them: mail is sent alike without them',
  },
  'cidr-host-bits': {
    severity: 'info',
    message: '{written} has bits set behind its prefix; read as {network}',
    help: 'write the network, or the single address if that is meant',
  },
  'cold-differs': {
    severity: 'warning',
    message: 'the cold virtual-mta {cold} signs or routes mail otherwise than {warm}, so nothing is sent by it',
    help: 'give both the same keys, dkim and routing lines, or choose the cold virtual-mta by name for part of the mail',
  },
  'cold-list': {
    severity: 'warning',
    message: 'the limits of {days} days cannot follow the calendar: {limit} messages a day are written for every day',
    help: 'raise source_selection_rate of the cold sources in shaping.toml day by day; PowerMTA alone knows which day it is',
  },
  'continued-list': {
    severity: 'info',
    message:
      'the value ends in a comma and was read on in the next line, which the manual of PowerMTA does not describe',
    help: 'write the list on one line; if the next line is a setting of its own, take the comma away',
  },
  'continued-quote': {
    severity: 'info',
    message:
      'the quoted value was read on to its closing quote on a later line, which the manual of PowerMTA does not describe',
    help: 'write the value on one line',
  },
  'continued-regex': {
    severity: 'info',
    message:
      'the pattern was read on to its closing slash on a later line, which the manual of PowerMTA does not describe',
    help: 'write the pattern on one line; such breaks are often damage from copying',
  },
  'control-character': {
    severity: 'warning',
    message: 'the file holds control characters, the first one ({character}) here',
    help: 'take them out; they were kept as parts of the words around them',
  },
  'definition-unused': {
    severity: 'info',
    message: 'the {what} {name} is defined, and nothing refers to it',
    help: 'remove it before the conversion, or refer to it',
  },
  'directive-misplaced': {
    severity: 'warning',
    message: '{name} has no meaning {here}; it belongs {places}',
    help: 'move the line there, or remove it; nothing was converted from it',
  },
  'directive-repeated': {
    severity: 'warning',
    message: '{name} is set again in the same block with another value; the last one was taken',
    help: 'PowerMTA does not document which one wins: keep only the one that is meant',
  },
  'directive-unknown': {
    severity: 'warning',
    message: '{name} is not a PowerMTA {kind}',
    help: '{hint}PowerMTA refuses to start on an unknown name: correct the name or remove the line; nothing was converted from it',
  },
  'dkim-by-domain': {
    severity: 'warning',
    message:
      'the DKIM helper signs mail whose From address is in a domain with a key (here {count}), and no other; PowerMTA also signs for their subdomains and looks at the Sender header first',
    help: 'nothing to do if all senders use these domains themselves; else give each sending subdomain a block and a DNS record of its own',
  },
  'dkim-options-unread': {
    severity: 'warning',
    message: 'X-DKIM-Options is taken off messages but not read, because each domain has one key',
    help: 'nothing to do unless clients name a selector or a domain in it',
  },
  'domain-name-taken': {
    severity: 'warning',
    message: 'a domain is called {domain}, which means something else in the files of KumoMTA',
    help: 'nothing was converted for it; if every domain is meant, PowerMTA wants <domain *>',
  },
  'domain-pattern-invalid': {
    severity: 'error',
    message: '<domain>: {pattern} {reason}',
    help: 'correct the argument or the macro it comes from',
  },
  'edit-breaks-tree': {
    severity: 'error',
    message: 'with the hand edits in it the new tree would not load: {detail}',
    help: 'mend the edited file and convert again; --keep-going writes the tree as it is, --force writes it without the edits',
  },
  'edit-collision': {
    severity: 'error',
    message: '{path} is not from pmta2kumo, and the new conversion writes a file there',
    help: 'move it away, or add --conflicts ours to keep it or --conflicts theirs to replace it',
  },
  'edit-conflict': {
    severity: 'error',
    message: 'these lines of {path} were edited by hand, and the new conversion changes them too',
    help: 'add --conflicts ours to keep your lines, --conflicts theirs to take the new ones, or --conflicts mark to have both in the file',
  },
  'edit-deleted': {
    severity: 'error',
    message: '{path} was deleted by hand, and the new conversion changes it',
    help: 'add --conflicts ours to leave it deleted, or --conflicts theirs to have it written again',
  },
  'edit-secret': {
    severity: 'error',
    message: '{path} holds other secrets than the new conversion writes, and nobody can tell who changed them',
    help: 'add --conflicts ours to keep the file, or --conflicts theirs to take what the configuration says',
  },
  'edit-unmergeable': {
    severity: 'error',
    message: '{path} was changed by hand and cannot be merged with the new conversion: {why}',
    help: 'add --conflicts ours to keep it, or --conflicts theirs to replace it',
  },
  'edit-unresolved': {
    severity: 'error',
    message: '{path} still holds a conflict of an earlier merge',
    help: 'choose between the texts, remove the lines that begin with <<<<<<<, |||||||, ======= and >>>>>>>, and convert again',
  },
  'emitted-invalid': {
    severity: 'error',
    message: 'the tool wrote something that it cannot read back: {file}, line {line}: {message}',
    help: 'this is a mistake of the tool; please report it with the input that causes it',
  },
  encoding: {
    severity: 'warning',
    message: 'the file is not UTF-8; it was read as Windows-1252 (Latin-1)',
    help: 'save it as UTF-8, as PowerMTA expects',
  },
  'file-not-understood': {
    severity: 'error',
    message: 'the file could not be taken apart into lines and tags; nothing in it was read',
    help: 'this is a fault of pmta2kumo: please report it with the file, passwords removed',
  },
  'hash-in-quotes': {
    severity: 'warning',
    message:
      'a # inside quotes was kept as part of the value; the manual of PowerMTA does not say that quotes protect it',
    help: 'check what PowerMTA makes of it: without protection the rest of the line is a comment',
  },
  'host-name-invalid': {
    severity: 'warning',
    message: '{host} is not a host name, so it is not sent in EHLO',
    help: 'write the name that the address resolves to',
  },
  'http-access-dead': {
    severity: 'warning',
    message: 'this http-access line never counts: an earlier line decides for {network}',
    help: 'move the line before the wider one, because PowerMTA takes the first that fits',
  },
  'include-cycle': {
    severity: 'error',
    message: '{path} includes itself, directly or through others; this include was left out',
    help: 'remove one of the include lines of the chain',
  },
  'include-empty': {
    severity: 'error',
    message: 'the include names no file',
    help: 'write the name of a file behind it, or remove the line',
  },
  'include-empty-glob': {
    severity: 'warning',
    message: 'no file matches the include {pattern}',
    help: 'copy the files beside the configuration, say with --root where /etc/pmta was copied to, or remove the line',
  },
  'include-limit': {
    severity: 'error',
    message: '{path} was left out: the configuration and its includes would be over the limit of {limit}',
    help: 'look for a link or a pattern that brings in more than was meant',
  },
  'include-missing': {
    severity: 'error',
    message: 'the included file {path} does not exist',
    help: 'copy it beside the configuration, or say with --root where /etc/pmta was copied to',
  },
  'include-not-a-file': {
    severity: 'error',
    message: '{path} is not a regular file and was left out',
    help: 'name a file; for all files of a folder write folder/*',
  },
  'include-outside': {
    severity: 'error',
    message: '{path} was not read: it lies outside the folder of the configuration',
    help: 'if it is yours, allow its folder with --allow-outside {folder}, or copy it beside the configuration',
  },
  'include-remote': {
    severity: 'error',
    message: 'the include of {url} was not followed: nothing is fetched over the network',
    help: 'fetch it by hand, save it beside the configuration and include that file',
  },
  'include-unreadable': {
    severity: 'error',
    message: '{path} cannot be read: {reason}',
    help: 'correct its permissions, or copy the configuration to where it can be read',
  },
  'key-hidden': {
    severity: 'warning',
    message: 'this DKIM key never signs: the key at {place} stands before it and fits the same senders',
    help: 'remove one of the two, or put the more special domain first',
  },
  'key-unused': {
    severity: 'info',
    message: 'this DKIM key never signs: no domain has dkim-sign',
    help: 'remove it, or ask for signatures with dkim-sign yes in <domain *>',
  },
  'limit-above-cap': {
    severity: 'warning',
    message: '{limit} cannot be reached: {cap} holds over all domains together',
    help: 'lower the limit of the domain, or raise the cap, before both are carried over',
  },
  'limit-zero': {
    severity: 'warning',
    message: '{directive} 0 has no documented meaning in PowerMTA, and KumoMTA refuses a limit of 0',
    help: 'remove the line, or write the limit that is meant',
  },
  'list-of-one-site': {
    severity: 'info',
    message: '{count} domains of {what} have {hosts}, so that KumoMTA needs no list of them',
    help: '{instead} does, also for domains that the list lacks',
  },
  'listener-twice': {
    severity: 'warning',
    message: 'a second listener asks for {listen}, which is taken already',
    help: 'remove one of the two lines',
  },
  'macro-list-next-line': {
    severity: 'info',
    message: 'the list of this domain-macro stands on the next line; it was read as belonging to the macro',
    help: 'PowerMTA does not document this: put the list on the line of the macro',
  },
  'macro-loop': {
    severity: 'error',
    message: 'the domain-macro leads back to itself: {chain}',
    help: 'take one of the references out',
  },
  'macro-repeated': {
    severity: 'warning',
    message: 'the domain-macro {name} is defined more than once; the last definition was taken',
    help: 'PowerMTA does not document which one wins: keep only the one that is meant',
  },
  'macro-too-large': {
    severity: 'error',
    message: '{what} stands for too many domains (more than {limit}, or too many together with the others)',
    help: 'use fewer macros in one argument, or a wildcard such as [*.]example.com',
  },
  'macro-undefined': {
    severity: 'error',
    message: 'the domain-macro {name} is not defined',
    help: '{hint}define it with domain-macro, or remove the reference',
  },
  'member-undefined': {
    severity: 'warning',
    message: 'the pool {pool} names the virtual-mta {name}, which is not defined',
    help: '{hint}define it, or take it out of the pool; a file that defines it may not have been included',
  },
  'message-key-unknown': {
    severity: 'error',
    message: 'a sample message has no {key}{hint}',
    help: 'the keys are peer, listener, user, from, to and headers; headers is an object from names to texts',
  },
  'message-too-long': {
    severity: 'error',
    message: 'the line of this sample message is longer than {limit} bytes',
    help: 'leave out the headers that choose nothing; a body is not needed',
  },
  'message-unreadable': {
    severity: 'error',
    message: 'this sample message is not JSON: {reason}',
    help: 'write one JSON object a line, such as {example}',
  },
  'message-value': {
    severity: 'error',
    message: '{key} of a sample message {reason}',
    help: 'correct the line; the other messages were compared',
  },
  'messages-given-up': {
    severity: 'error',
    message: 'of the sample messages {count} lines cannot be read, and no further line was looked at',
    help: 'write one JSON object a line, such as {example}',
  },
  'messages-too-many': {
    severity: 'error',
    message: 'the sample messages are more than {limit}; those beyond were not compared',
    help: 'split the file, or take a part of it',
  },
  'mx-none': {
    severity: 'info',
    message: '{domain} has no mail exchanger, so KumoMTA does not read its block of shaping.toml',
    help: 'take the domain out of the configuration if it is gone; otherwise see to its MX records, then convert again',
  },
  'mx-provider': {
    severity: 'info',
    message:
      '{count} domains with the same settings became one provider, {provider}, that matches every domain with MX hosts below {suffix}',
    help: 'nothing to do; KumoMTA finds the domains by their MX records',
  },
  'mx-site-differs': {
    severity: 'warning',
    message:
      '{first} and {second} have the same MX hosts and share one queue per source in KumoMTA, but their settings differ',
    help: 'the stricter of the two values is kept for both; make the two blocks alike to decide otherwise',
  },
  'name-clash': {
    severity: 'error',
    message: '{name} names both a virtual-mta and a virtual-mta-pool',
    help: 'virtual-mtas and pools share one name space: rename one of them',
  },
  'nesting-too-deep': {
    severity: 'error',
    message: 'blocks are nested more than {limit} deep here; the tag and those inside it were left out',
    help: 'close the blocks around it; PowerMTA itself needs no more than three levels',
  },
  'not-text': {
    severity: 'error',
    message: '{path} is not a text file; it was read as empty',
    help: 'name the configuration itself, saved as UTF-8 text',
  },
  'open-http': {
    severity: 'error',
    message:
      'the HTTP management interface is open to the whole internet, and KumoMTA would let everybody inject mail and administer the server',
    help: 'name the networks in http-access, or pass --allow-open-relay to write it all the same',
  },
  'open-relay': {
    severity: 'error',
    message: 'the listener {listen} would relay mail for the whole internet',
    help: 'name the networks that may relay in <source> blocks, or ask for require-auth; --allow-open-relay writes it all the same, --keep-going leaves the relaying out',
  },
  'open-relay-domain': {
    severity: 'error',
    message: 'relay-domain * would take mail for every domain from everybody',
    help: 'name the domains, or pass --allow-open-relay to write it all the same',
  },
  'options-file-key': {
    severity: 'error',
    message: "the options file says '{key}', which is no {what}{near}",
    help: 'write options without the dashes, as in strict = true; those of one command in a table, as [check]',
  },
  'options-file-reach': {
    severity: 'error',
    message: "a file that was found here may not set '{key}': {reason}",
    help: 'give the option on the command line, or name the file with --config-file if you trust it',
  },
  'options-file-syntax': {
    severity: 'error',
    message: 'the options file is not TOML: {reason}',
    help: 'mend it, or leave it out with --no-config-file',
  },
  'options-file-unreadable': {
    severity: 'error',
    message: 'the options file {path} cannot be read: {reason}',
    help: 'mend it, or leave it out with --no-config-file',
  },
  'options-file-value': {
    severity: 'error',
    message: "the options file sets '{key}' to something that does not fit: {reason}",
    help: 'write it as on the command line: texts in quotes, and true where the option has no value',
  },
  'pattern-unreachable': {
    severity: 'warning',
    message: 'this line of the list never decides: the line at {place} takes all that it fits',
    help: 'remove it, or move it before the other',
  },
  'pool-by-member': {
    severity: 'info',
    message:
      'the members of the pool {pool} differ in retry, routing or signing, so Lua picks one of them for each message',
    help: 'nothing to do; a message then waits for its member instead of leaving by another one',
  },
  'pool-domains-conflict': {
    severity: 'error',
    message: 'the virtual-mta {name} belongs to two pools that both have <domain> blocks: {first} and {second}',
    help: 'PowerMTA does not allow this: keep the <domain> blocks in one of the pools',
  },
  'pool-weight': {
    severity: 'error',
    message: '{what} {reason}',
    help: 'remove the weight: PowerMTA documents none, and members share the mail equally',
  },
  'rate-out-of-reach': {
    severity: 'warning',
    message:
      'max-msg-rate {rate} cannot be reached with max-connect-rate {connects} and max-msg-per-connection {messages}',
    help: 'decide which of the three is meant to hold the traffic back, and drop the others',
  },
  'redis-shared': {
    severity: 'info',
    message:
      'with Redis, limits and rates hold for all nodes together; PowerMTA counts on each server, so the numbers are those of one',
    help: 'multiply what is meant for each node by their number; addresses that one node alone has need nothing',
  },
  'reference-undefined': {
    severity: 'warning',
    message: 'the {what} {name} is not defined',
    help: '{hint}define it, or correct the name; a file that defines it may not have been included',
  },
  'regex-untranslatable': {
    severity: 'warning',
    message: 'the pattern {reason}',
    help: 'write the automation rule by hand, or simplify the pattern',
  },
  'relay-certificate': {
    severity: 'warning',
    message:
      'the login (auth-username) for {where} goes over TLS whose certificate is not verified, which KumoMTA releases after 2026.06.23 refuse: the mail would wait',
    help: 'before an upgrade, set enable_tls = "Required" in the block of the relay if its certificate is valid; else, on a network you trust, add allow_smtp_auth_plain_without_valid_certificate = true with the upgrade, as older releases refuse the field',
  },
  'relay-shared-queue': {
    severity: 'warning',
    message:
      'all mail that goes to {hosts} shares one queue per source in KumoMTA: limits hold for all domains together, and are those of whichever domain comes first',
    help: 'PowerMTA has them for each domain: raise the limits of <domain *> to what the relay takes, and leave out those of single domains',
  },
  'retry-after-expiry': {
    severity: 'warning',
    message: 'nothing is ever retried: the first wait, retry-after {retry}, is not shorter than bounce-after {bounce}',
    help: 'shorten retry-after, or let messages live longer',
  },
  'rollup-native': {
    severity: 'info',
    message: 'KumoMTA groups domains by their MX hosts without any list, and throttles each group as one',
    help: 'keep a provider block only where different groups have to share a limit',
  },
  'rollup-without-limits': {
    severity: 'warning',
    message: 'the MX rollup {queue} has no <domain {queue}> block, so nothing limits it',
    help: 'write the block, or remove the mx lines that name it',
  },
  'route-to-provider': {
    severity: 'warning',
    message: '{domain} is a mail domain and no host, so the route is read as its mail exchangers',
    help: 'write lookup-mx:{domain} if that is meant, or the name of the host',
  },
  'scope-choice': {
    severity: 'warning',
    message:
      '{directive} of this virtual-mta or pool was written for all domains, although the top level allows less for {domain}',
    help: 'look at "pmta show settings {domain}/VMTA" on the old server; if it shows the lower value, repeat that line in a <domain {domain}> inside this block',
  },
  'secret-in-comment': {
    severity: 'info',
    message: 'this comment may hold a password',
    help: 'delete the line, and change the password if others could read the file',
  },
  'secret-in-file': {
    severity: 'info',
    message: '{directive} holds a secret in the clear',
    help: 'keep the file at mode 0600 and out of version control, and change the secret at the cut-over if others could read it',
  },
  'sender-unused': {
    severity: 'info',
    message: 'the {what} {name} is never used: no line leads to it, and messages may not choose',
    help: 'remove it, or name it in a default-virtual-mta, a pattern list or a pool',
  },
  'senders-by-message': {
    severity: 'info',
    message:
      'no line names {count} of the virtual-mtas and pools ({first} is the first), so only messages can choose them',
    help: 'look up in the accounting files which of them clients still ask for, and leave the others behind',
  },
  'source-unused': {
    severity: 'info',
    message: 'the source {name} applies to nobody: no listener and no user refers to it',
    help: 'refer to it with source=, or remove it',
  },
  'tag-argument-missing': {
    severity: 'error',
    message: '{tag} lacks its argument',
    help: 'say what the block is for, as in <domain example.com> or <virtual-mta name>',
  },
  'tag-malformed': {
    severity: 'error',
    message: 'this begins with < and is no tag; the line was left out',
    help: 'write <name argument>, or remove the line',
  },
  'tag-stray': {
    severity: 'error',
    message: '</{name}> closes nothing: no <{name}> is open here',
    help: 'remove it, or correct its name or that of the opening tag',
  },
  'tag-unclosed': {
    severity: 'error',
    message: '<{name}> is not closed',
    help: 'write </{name}> where the block ends',
  },
  'tag-unterminated': {
    severity: 'error',
    message: 'the tag {name} has no > at its end; it was read as ending with its line',
    help: 'write the > behind it',
  },
  'target-too-old': {
    severity: 'warning',
    message: 'KumoMTA {what} from release {since} on, and the tree is written for {target}',
    help: 'run that release or a newer one and write for it with --target, or do without',
  },
  'tls-pass-phrase': {
    severity: 'warning',
    message: 'the private key in {file} has a pass phrase, which KumoMTA cannot use',
    help: 'decrypt the key before it is copied',
  },
  'tree-argument-count': {
    severity: 'error',
    message: '{detail}',
    help: 'give the arguments that the manual names',
  },
  'tree-auth-answer': {
    severity: 'error',
    message: '{detail}',
    help: 'return true or false on every way through the handler',
  },
  'tree-bad-type': {
    severity: 'error',
    message: '{detail}',
    help: 'write a value of the kind KumoMTA expects; numbers and true or false without quotes',
  },
  'tree-bad-value': {
    severity: 'error',
    message: '{detail}',
    help: 'KumoMTA refuses this value when it loads the file: correct it',
  },
  'tree-block-dropped': {
    severity: 'warning',
    message: '{detail}',
    help: "set mx_rollup = false in the block, or check the domain's MX records",
  },
  'tree-campaign-ignored': {
    severity: 'warning',
    message: '{detail}',
    help: 'limit the tenant, or give the campaign a block of its own below its domain, [queue."D"."T"."C"]',
  },
  'tree-default-sources': {
    severity: 'warning',
    message: '{detail}',
    help: 'write a provider that matches every domain (DomainSuffix = "") and put the sources there',
  },
  'tree-differs': {
    severity: 'error',
    message: '{detail}',
    help: 'convert again, or see with a dry run what would change',
  },
  'tree-dkim-key-missing': {
    severity: 'error',
    message: '{detail}',
    help: 'put the key where the DKIM data say, or correct filename or selector',
  },
  'tree-dkim-key-unreadable': {
    severity: 'error',
    message: '{detail}',
    help: 'put a private key in PEM form there, without a pass phrase',
  },
  'tree-dkim-key-unseen': {
    severity: 'info',
    message: '{detail}',
    help: 'check on the server that the keys exist and that the user kumod can read them',
  },
  'tree-duration-quoted': {
    severity: 'error',
    message: '{detail}',
    help: 'write seconds as a number without quotes, or a text with a unit, like "60s"',
  },
  'tree-edited': {
    severity: 'error',
    message: '{detail}',
    help: 'convert again: the edits are merged with what is new',
  },
  'tree-endless-rule': {
    severity: 'warning',
    message: '{detail}',
    help: 'change the expression so that it does not fit its own text, for instance (?i)bloc[k]ed',
  },
  'tree-event-unknown': {
    severity: 'error',
    message: '{detail}',
    help: 'correct the name of the event: a handler of another name is never called',
  },
  'tree-file-added': {
    severity: 'info',
    message: '{detail}',
    help: 'nothing to do if it is meant to be there',
  },
  'tree-file-lacking': {
    severity: 'error',
    message: '{detail}',
    help: 'convert again',
  },
  'tree-file-missing': {
    severity: 'error',
    message: '{detail}',
    help: 'add the file to the tree, or correct the path',
  },
  'tree-file-outside': {
    severity: 'warning',
    message: '{detail}',
    help: 'keep every file that the policy reads inside the tree; what is in this one was not checked',
  },
  'tree-file-shipped': {
    severity: 'info',
    message: '{detail}',
    help: 'check it on the server with kumod --validate',
  },
  'tree-file-syntax': {
    severity: 'error',
    message: '{detail}',
    help: 'correct the file; KumoMTA cannot read it',
  },
  'tree-file-unread': {
    severity: 'warning',
    message: '{detail}',
    help: 'see that the file can be read here; it was not checked',
  },
  'tree-hand-edits': {
    severity: 'warning',
    message: '{detail}',
    help: 'nothing to do if the edits are meant; convert keeps them',
  },
  'tree-handler-failed': {
    severity: 'warning',
    message: '{detail}',
    help: 'see that the handler copes with such a message: KumoMTA answers 421 when it fails',
  },
  'tree-handler-missing': {
    severity: 'error',
    message: '{detail}',
    help: 'register the handler with kumo.on, or correct the name',
  },
  'tree-handler-twice': {
    severity: 'error',
    message: '{detail}',
    help: 'keep one handler and do everything in it',
  },
  'tree-helper-order': {
    severity: 'error',
    message: '{detail}',
    help: 'call the set-up of the queue helper after everything else that registers for get_queue_config',
  },
  'tree-kumod': {
    severity: 'error',
    message: '{detail}',
    help: 'see what kumod says; it is the program that has to load the tree',
  },
  'tree-kumod-output': {
    severity: 'info',
    message: '{detail}',
    help: 'nothing to do if it says what is meant',
  },
  'tree-limit': {
    severity: 'error',
    message: '{detail}',
    help: 'look for a loop that does not end, or for very large texts',
  },
  'tree-limit-zero': {
    severity: 'error',
    message: '{detail}',
    help: 'write a limit of 1 or more; to stop mail, suspend it or use a pool whose sources have weight 0',
  },
  'tree-listener-key': {
    severity: 'warning',
    message: '{detail}',
    help: 'name the local address of the session with its port, like "192.0.2.1:25", or leave the level out',
  },
  'tree-loopback-host': {
    severity: 'warning',
    message: '{detail}',
    help: 'set prohibited_hosts = [] in the shaping block of that destination',
  },
  'tree-lua-error': {
    severity: 'error',
    message: '{detail}',
    help: 'correct the Lua code',
  },
  'tree-lua-syntax': {
    severity: 'error',
    message: '{detail}',
    help: 'correct the Lua code',
  },
  'tree-missing-field': {
    severity: 'error',
    message: '{detail}',
    help: 'add the field',
  },
  'tree-module-missing': {
    severity: 'error',
    message: '{detail}',
    help: 'add the module to the tree, or tell Lua where it is with package.path',
  },
  'tree-name-unknown': {
    severity: 'error',
    message: '{detail}',
    help: 'correct the name',
  },
  'tree-needs-restart': {
    severity: 'info',
    message: '{detail}',
    help: 'restart KumoMTA after a change there; a reload or a new epoch does not read it again',
  },
  'tree-not-followed': {
    severity: 'warning',
    message: '{detail}',
    help: 'check this part on the server with kumod --validate',
  },
  'tree-not-modelled': {
    severity: 'info',
    message: '{detail}',
    help: 'check this part on the server with kumod --validate',
  },
  'tree-not-monitored': {
    severity: 'warning',
    message: '{detail}',
    help: 'call kumo.set_config_monitor_globs with patterns that cover the file',
  },
  'tree-null-mx': {
    severity: 'warning',
    message: '{detail}',
    help: 'set mx_rollup = false in the block, or leave it out: the domain takes no mail',
  },
  'tree-pool-empty': {
    severity: 'info',
    message: '{detail}',
    help: 'give one source a weight of 1 or more',
  },
  'tree-pool-undefined': {
    severity: 'error',
    message: '{detail}',
    help: 'define the pool in sources.toml, or name another',
  },
  'tree-provider-overlap': {
    severity: 'info',
    message: '{detail}',
    help: 'keep the setting in one of the two: the domain block wins',
  },
  'tree-provider-unmatched': {
    severity: 'warning',
    message: '{detail}',
    help: 'add a match list with MXSuffix, DomainSuffix or HostName',
  },
  'tree-proxy-incomplete': {
    severity: 'warning',
    message: '{detail}',
    help: 'give both the server and the source address of the proxy; mail leaves without it until then',
  },
  'tree-rate-misplaced': {
    severity: 'warning',
    message: '{detail}',
    help: 'move it into the block of a tenant, or use max_message_rate',
  },
  'tree-regex-invalid': {
    severity: 'error',
    message: '{detail}',
    help: 'correct the expression; KumoMTA reads Rust regular expressions',
  },
  'tree-regex-slashes': {
    severity: 'warning',
    message: '{detail}',
    help: 'remove the slashes: KumoMTA takes them as characters',
  },
  'tree-returned-nil': {
    severity: 'error',
    message: '{detail}',
    help: 'write a bare return, or fall off the end of the function',
  },
  'tree-set-config': {
    severity: 'error',
    message: '{detail}',
    help: 'name a field of the egress path, with a value of the type that it has there',
  },
  'tree-set-due-ignored': {
    severity: 'warning',
    message: '{detail}',
    help: 'call msg:set_scheduling with first_attempt',
  },
  'tree-setup-twice': {
    severity: 'error',
    message: '{detail}',
    help: 'call the set-up of a helper once, with all its files',
  },
  'tree-signature-unused': {
    severity: 'warning',
    message: '{detail}',
    help: 'name it in base.additional_signatures, or remove it; kumod --validate fails for it',
  },
  'tree-single-label': {
    severity: 'warning',
    message: '{detail}',
    help: 'nothing to do if the domain has no dot',
  },
  'tree-site-shared': {
    severity: 'warning',
    message: '{detail}',
    help: 'keep one of the blocks: the others are merged into it',
  },
  'tree-source-undefined': {
    severity: 'error',
    message: '{detail}',
    help: 'define the source in sources.toml, or name another',
  },
  'tree-spool-missing': {
    severity: 'error',
    message: '{detail}',
    help: 'define the spools named data and meta with kumo.define_spool inside init',
  },
  'tree-swallowed-key': {
    severity: 'warning',
    message: '{detail}',
    help: 'correct or remove the key: KumoMTA does not look at it, and says nothing',
  },
  'tree-too-new': {
    severity: 'error',
    message: '{detail}',
    help: 'write for a newer release with --target, or leave it out',
  },
  'tree-unknown-field': {
    severity: 'error',
    message: '{detail}',
    help: 'correct the name; KumoMTA refuses fields it does not know',
  },
  'tree-upper-case': {
    severity: 'warning',
    message: '{detail}',
    help: 'write the name in lower case',
  },
  'tree-wrong-place': {
    severity: 'error',
    message: '{detail}',
    help: 'move the call',
  },
  'type-held': {
    severity: 'warning',
    message: 'mail for {domain} is of type {type}, which KumoMTA does not have; it waits in a queue of its own',
    help: 'decide what becomes of it: a consumer by HTTP, a maildir, or another route; until then nothing of it is sent',
  },
  'value-invalid': {
    severity: 'error',
    message: '{what} {reason}',
    help: 'correct the value',
  },
  'value-tolerated': {
    severity: 'info',
    message: '{name} {reason}; it was read all the same',
    help: 'write it as the PowerMTA manual does',
  },
  'work-around-needless': {
    severity: 'info',
    message: '{directive} is a work-around that is needed no more',
    help: '{why}',
  },
} as const satisfies Record<string, MessageRow>;

export type Code = keyof typeof catalogue;
