import type { Code } from './catalogue';

/**
 * What a code means: the cause, and what happens if nothing is done. Kept sorted by a test.
 */
export const EXPLANATIONS: Readonly<Record<Code, string>> = {
  'address-range':
    'PowerMTA looks up which addresses of the range the host has when it starts; KumoMTA wants each source address written down. Nothing on this machine tells which addresses those are, so the virtual-mta has no source and its mail waits.',
  'address-range-expanded':
    'PowerMTA takes the addresses of the range that its host has. They cannot be asked for here, so all of them were written; mail from an address that is not on the host fails to leave and is tried again.',
  'auth-plain-tls':
    'PowerMTA offers several ways to log in, also without TLS. KumoMTA offers AUTH PLAIN only, and only once the session is encrypted, so clients that do it otherwise can no longer send.',
  'backoff-default-reaches':
    'A domain with a list of its own uses that list alone in PowerMTA. KumoMTA tries the rules of the default block for every domain as well, so this one may be slowed down by replies that it ignored before, never sped up.',
  'backoff-not-slower':
    'In backoff mode PowerMTA takes the backoff value in place of the normal one. Here it allows the same or more, so the mode changes nothing, and a provider that asks for less mail gets no less.',
  'backoff-untriggered':
    'In PowerMTA a queue goes into backoff mode because of a reply that a pattern of its list fits. No such pattern is in reach of this line, so in practice the setting never counts.',
  'backoff-without-end':
    "With backoff-to-normal-after never, only an operator or a restart ends PowerMTA's backoff mode. A rule of KumoMTA needs a time, and 365 days stand for no end.",
  'base-shaping':
    "KumoMTA's own shaping files hold values for large providers, which win over PowerMTA's general ones. So that mail is not sent faster or slower than today, PowerMTA's values were written over each of them; only their rules stay.",
  'block-beaten':
    'PowerMTA takes each setting from the block that fits a domain best. Every line of this one stands in a block that goes before it, so nothing of it can ever count.',
  'block-repeated':
    'Two blocks have the same argument. They were read as one, as if the lines of the second followed those of the first.',
  'block-repeats-general':
    'A domain without a line of its own gets the value of <domain *>. These lines say the same once more, so they only make the file longer.',
  'cidr-host-bits':
    'The address has bits beyond the length of its prefix, as in 192.0.2.1/24. It was read as the network around it, which may be wider than was meant.',
  'cold-differs':
    'KumoMTA signs and routes by the tenant and picks the cold source later, so a cold virtual-mta cannot sign or route in its own way. Rather than to send its mail with the keys or by the way of the warm one, it was left out of the pool.',
  'cold-list':
    'PowerMTA lets a new address send more from day to day. KumoMTA knows one daily rate, so the rate of one day is written for all days.',
  'continued-list':
    'A line that ends in a comma is taken for the first part of a list. If the comma was left over by mistake, the next line has lost its own meaning.',
  'continued-quote':
    'A quotation mark was opened and not closed on its line, so the value goes on until the next one. If the mark was forgotten, the lines between are part of the value and do nothing by themselves.',
  'continued-regex':
    'A pattern starts with a slash and does not end on its line, so it goes on until the next slash. The line break is part of the pattern, which then hardly ever fits a reply.',
  'control-character':
    'Bytes below a blank, other than tabs and line ends, came from a damaged file or a copy out of a terminal. They make a name differ from one that looks alike.',
  'definition-unused':
    'Nothing in the configuration leads to this definition. It was not converted, because nothing would use it in KumoMTA either.',
  'directive-misplaced':
    'The directive exists, but PowerMTA gives it no meaning in this kind of block. The line ends with the outcome invalid, and the tree holds nothing of it.',
  'directive-repeated':
    'PowerMTA does not document which of two lines wins when a directive that has one value stands twice in a block. The last one was taken; if PowerMTA takes the first, the tree differs from what runs today.',
  'directive-unknown':
    'The name is in none of the PowerMTA guides. It may be a misspelling, a name from an invented example on the web, or one that is newer than the guides; the line ends with the outcome unknown.',
  'dkim-by-domain':
    "KumoMTA's DKIM helper looks at the domain of the From header only and does not sign for its subdomains. PowerMTA does both, so mail from a subdomain may leave unsigned; --dkim lua writes PowerMTA's rule instead.",
  'dkim-options-unread':
    'PowerMTA lets a message choose its DKIM key with a header. Where each domain has one key there is nothing to choose, so the header is only removed, as PowerMTA does.',
  'domain-name-taken':
    "KumoMTA's files give some names a meaning: default is every domain, and others are sections. A domain of that name would become such a section and change the limits of all mail.",
  'domain-pattern-invalid':
    'PowerMTA takes a name, *, [*.]name, *.name or a literal address as the argument of a <domain> block. It would refuse this one at start, so the block was not converted.',
  'edit-breaks-tree':
    'A tree that was edited by hand is merged with the new conversion line by line, which can go well for the text and still give a policy that KumoMTA refuses. So the merged tree is loaded before it is written, and what it did not do before counts as a conflict.',
  'edit-collision':
    'Files that pmta2kumo did not write are never touched. Here the new conversion needs the name of one, so a person has to say whose file it is.',
  'edit-conflict':
    'What the last conversion generated is kept in .pmta2kumo/base, so that edits by hand and changes of the configuration can be told apart and merged. Here both changed the same or adjacent lines, and nothing is written until somebody chooses.',
  'edit-deleted':
    'A file that was deleted by hand stays deleted as long as the conversion would write the same again. Now it would write something else, which may be needed by the rest of the tree.',
  'edit-secret':
    'Of files with secrets neither a hash nor a copy is kept, since the hash of a short password can be guessed. So a new password in the PowerMTA configuration looks like one that was edited in the tree.',
  'edit-unmergeable':
    'A merge needs three texts: what was generated before, what the file is now, and what is generated now. One of them is missing or is no text.',
  'edit-unresolved':
    'The file was written with --conflicts mark and has both texts in it, between lines of signs. KumoMTA cannot load it like that, and a further merge would bury the choice.',
  'emitted-invalid':
    'Before anything is written, every file is read back. Here that failed, so no tree is written unless --keep-going is given; the fault is in pmta2kumo and not in your configuration.',
  encoding:
    'A byte that is not UTF-8 was found, so the file was read with the encoding of older Windows systems. Letters beyond ASCII may have come out wrong; names of hosts and domains are not affected.',
  'file-not-understood':
    'The parser gave up on the whole file, which it should never do: a broken line costs that line only. No setting of the file is in the counts or in the tree.',
  'hash-in-quotes':
    "A # starts a comment in PowerMTA's files, and whether quotes prevent that is not documented. If they do not, PowerMTA has read a shorter value up to now.",
  'host-name-invalid':
    "The name that a source says in EHLO has to be a host name. This one holds something else, so KumoMTA's own host name is said, and providers may find that it does not belong to the address.",
  'http-access-dead':
    'PowerMTA takes the first http-access line that fits a client. An earlier line already fits every client of this one, so it decides nothing.',
  'include-cycle':
    'A chain of includes has come back to a file that is still being read. Following it would never end.',
  'include-empty':
    "The directive include stands without an argument. If a file name was lost there, all of that file's settings are missing.",
  'include-empty-glob':
    'The include has a wildcard, and no file fits it here. On the server there may be such files: then their settings are missing in the tree.',
  'include-limit':
    'The number, depth and size of included files are bounded, so that a link or a pattern cannot bring in a whole disk. What was left out is not in the tree.',
  'include-missing':
    'The file is not there, neither under its own name nor below the folder of the configuration or --root. All of its settings are missing in the tree.',
  'include-not-a-file':
    'The name leads to a folder, a pipe, a socket or a device. Reading such a thing may never end, so it is not tried.',
  'include-outside':
    'A configuration may come from somebody else, and messages quote lines of what it includes. So files are read from its own folder and from --root only, and where a link leads is what counts. An include of /etc/shadow or /proc/self/environ would otherwise end up on the screen or in a report.',
  'include-remote':
    'The include names a URL. A conversion fetches nothing: what it writes depends on the files given to it alone, and is the same tomorrow.',
  'include-unreadable':
    'The file is there, and this user may not read it, or the disk failed. All of its settings are missing in the tree.',
  'key-hidden':
    'PowerMTA signs with the first key whose domain fits the sender. Another key before this one fits all senders that this one would, so it is never reached.',
  'key-unused':
    'A domain-key is there, and no domain asks for signatures with dkim-sign. PowerMTA does not sign by itself, so the key was copied for nothing.',
  'limit-above-cap':
    'A cap of the server or the virtual-mta holds over all domains together and is lower than this limit for one of them. In PowerMTA as in KumoMTA the cap decides.',
  'limit-zero':
    'What PowerMTA does with 0 is not documented, and KumoMTA has no limit of 0. It could mean no limit or no mail at all, so a person has to say which.',
  'list-of-one-site':
    'KumoMTA finds out by DNS that these domains share their mail exchangers, and counts them as one site. A rollup by name is then only a shorter list of the same.',
  'listener-twice':
    'An address and port can be opened once. KumoMTA would fail to start on the second listener, so only the first was written.',
  'macro-list-next-line':
    'The line of the domain-macro has no list, and the next line looks like one. Real configurations do this, and PowerMTA seems to take it, but no manual says so.',
  'macro-loop':
    'A domain-macro may use others. These use each other in a circle, so there is no list of domains that they stand for.',
  'macro-repeated':
    'Two domain-macro lines have the same name. Wherever it is used the last list was taken; if PowerMTA takes the first, other domains get the settings.',
  'macro-too-large':
    'Macros that multiply each other can stand for millions of domains. The number is bounded, so that a few lines cannot fill the memory; the block was not converted.',
  'macro-undefined':
    'The argument uses a domain-macro, and no line defines it. PowerMTA would refuse the block, so it was not converted.',
  'member-undefined':
    'The pool was written without this member, so the other members carry its share of the mail: with fewer addresses each sends more.',
  'message-key-unknown':
    'A key that is not known may be a misspelt one, and then the message would be compared as something else. So the message is left out.',
  'message-too-long':
    'Lines are bounded so that any file can be read. Only the envelope and the headers choose how mail is sent.',
  'message-unreadable':
    'Each line of the file is one message as a JSON object. This line is none, so that message was not compared; the others were.',
  'message-value':
    'The message has all keys, and one of them holds something that a client could not have sent, such as a peer that is no address. It was not compared.',
  'messages-given-up':
    'So many lines were wrong that the file is probably of another kind, for instance one JSON array or a log.',
  'messages-too-many': 'The number of messages in one run is bounded. Those that were compared are reported as usual.',
  'mx-none':
    'DNS was asked, and the domain has no MX records. PowerMTA then delivers to the host of that name; KumoMTA looks values up by the site of the MX hosts and finds no block.',
  'mx-provider':
    'KumoMTA counts limits by the hosts that mail goes to. A provider says that once for all its domains, also for domains that are not in the configuration.',
  'mx-site-differs':
    'KumoMTA counts connections and messages for each group of domains with the same MX hosts, and PowerMTA for each domain. Two domains that share a group cannot have two values, so the stricter one holds for both.',
  'name-clash':
    'X-Virtual-MTA and default-virtual-mta name virtual-mtas and pools alike. With one name for both, nothing says which one is meant, in PowerMTA as in KumoMTA.',
  'nesting-too-deep':
    'Blocks inside blocks are bounded, because each takes room on the stack. It mostly means that closing tags are missing further up.',
  'not-text':
    'The file holds NUL bytes or is otherwise no text, for instance an archive or a database. Nothing in it can be a setting.',
  'open-http':
    "Whoever may use KumoMTA's HTTP listener can inject mail and administer the server. PowerMTA's http-access lets everybody in here, so nothing is written without a decision.",
  'open-relay':
    'Anybody on the internet could send mail to any domain through this listener. Open relays are found within hours and their addresses are blocked, so nothing is written without a decision.',
  'open-relay-domain':
    'With this line anybody could send mail to any domain through the server. Open relays are found within hours and their addresses are blocked, so nothing is written without a decision.',
  'options-file-key':
    'An option that is misspelt would do nothing, and a check in CI would be weaker than it looks. So the run stops.',
  'options-file-reach':
    "A file that lies in the current folder may come with somebody else's repository. What could overwrite files, run programs or read elsewhere must be asked for by you.",
  'options-file-syntax':
    "The file is read as TOML, as KumoMTA's own data files are. A line of it does not follow that format, so that no option is taken from it.",
  'options-file-unreadable':
    'The file was named or found, and cannot be read. The run stops rather than to go on with other options than were meant.',
  'options-file-value':
    'The option exists and takes another kind of value. The same value on the command line would be refused as well.',
  'pattern-unreachable':
    'PowerMTA takes the first line of the list that fits. An earlier line fits everything that this one does, so it is never tried.',
  'pool-by-member':
    'In KumoMTA a pool has one set of retry, routing and signing. Where the members differ, one is chosen for each message when it arrives; with a member out of service its mail waits.',
  'pool-domains-conflict':
    'The <domain> blocks of a pool hold for its members. A member of two such pools would have two values for one setting.',
  'pool-weight':
    "PowerMTA's members have equal shares. A weight that PowerMTA does not know would become one that KumoMTA obeys, and one address would get more mail than today.",
  'rate-out-of-reach':
    'So many connections a minute with so many messages each are fewer messages than max-msg-rate allows. The limit that holds mail back is another one than it seems.',
  'redis-shared':
    'With Redis the nodes of a cluster count together. Values that PowerMTA had for each server then hold for all of them, so that mail leaves slower, not faster.',
  'reference-undefined':
    'The line names something that is not there. PowerMTA would refuse it or do without; what the line asked for is not in the tree.',
  'regex-untranslatable':
    "PowerMTA's patterns are Perl's, KumoMTA's are those of Rust, which lack some of it. A pattern that would match something else in KumoMTA is left out instead, so what it should react to is not noticed.",
  'relay-certificate':
    'The password of a relay is sent over a session whose other side is not verified. Releases of KumoMTA after 2026.06.23 do not do this unless they are told to.',
  'relay-shared-queue':
    "KumoMTA's limits belong to where mail goes, not to whom it is for. Behind one relay all domains are one destination, so they share connections and rates.",
  'retry-after-expiry': 'A message expires before its first retry is due. A temporary refusal so ends as a bounce.',
  'rollup-native':
    'PowerMTA needs a list of MX hosts to count domains together. KumoMTA does so for all domains by DNS, and a provider is needed only where different sites share one limit.',
  'rollup-without-limits':
    'Domains are moved into a rollup queue to be limited together. The queue has no block, so the values of <domain *> are all that holds for it.',
  'route-to-provider':
    'A route names the host that mail goes to. This name has mail exchangers of its own and is known as a mail domain, so its exchangers were taken; a host of that name would be another server.',
  'scope-choice':
    "A setting stands both in a virtual-mta or pool and in a more general place, and PowerMTA's manual says only indirectly which one counts. If the other one does, mail may be sent faster than it is today.",
  'secret-in-comment':
    'Commented lines stay in the file for ever, and are copied with it. The report shows no such line.',
  'secret-in-file':
    'The password or key stands readable in the file. Whoever gets a copy of the file, for instance from a repository or a backup, can use it.',
  'sender-unused':
    'No listener, source, user, list or pool leads to it, and no source lets messages choose by header. KumoMTA would load it for nothing.',
  'senders-by-message':
    'With process-x-virtual-mta a client may name any virtual-mta. Which ones are really used is in the accounting files only.',
  'source-unused':
    'A <source> by name applies where a listener or a user refers to it. None does, so its settings hold for nobody.',
  'tag-argument-missing':
    'The block needs a name or a pattern to say what it is for. PowerMTA would refuse it, so its lines were not converted.',
  'tag-malformed':
    'A line that begins with < has to be an opening or closing tag. This one is none, and what it was meant to open or close is not known.',
  'tag-stray':
    'A closing tag was found without an open block of its name. Mostly the opening tag is misspelt, and then the lines between stand in the wrong block.',
  'tag-unclosed':
    'The block goes on to the end of the file or to the next tag that cannot stand in it. Lines that belong elsewhere may have been read as part of it.',
  'tag-unterminated':
    'The tag has no > on its line, so it was read as ending there. PowerMTA may read the next line as part of it.',
  'target-too-old':
    'The tree would need something that the KumoMTA release named with --target does not have. It was left out, and the lines that ask for it are not converted.',
  'tls-pass-phrase':
    'PowerMTA can be given the pass phrase of a private key. KumoMTA reads keys without one only, so TLS would fail on that listener or source.',
  'tree-argument-count':
    'A function of KumoMTA is called with fewer or more arguments than it has. A missing one arrives as nil, which most functions refuse; one too many has no effect.',
  'tree-auth-answer':
    'A handler of smtp_server_auth_plain does not answer with true or false on every way through it. Then KumoMTA gives the client 421 instead of letting it in or refusing the password.',
  'tree-bad-type':
    'A value has another type than KumoMTA expects there, such as a text for a number. What reads it fails: the policy does not load, or looking up queues, sources or paths fails while the server runs.',
  'tree-bad-value':
    'KumoMTA does not take this value, for instance a rate that is not written like "100/min", or an action that does not exist. What reads it fails: the policy does not load, or look-ups fail while the server runs.',
  'tree-block-dropped':
    'A block of shaping.toml stands for all domains with the same MX hosts unless it says mx_rollup = false. This name has no MX records, so KumoMTA leaves the block out without a word, and none of its settings counts.',
  'tree-campaign-ignored':
    'Below a tenant, KumoMTA does not apply what a campaign says: it takes the rate of the tenant under the name of the campaign, and fails when the tenant has none. So the campaign does not get the rate that stands there.',
  'tree-default-sources':
    'KumoMTA accepts settings of a source below ["default"] and never reads them. The source has the settings of everybody else, which are often looser.',
  'tree-differs':
    'A file is not what the PowerMTA configuration converts to. The configuration, the options or pmta2kumo changed since the tree was written, or, where no manifest can tell, somebody edited the file; the server would run with something else than the configuration says.',
  'tree-dkim-key-missing':
    'The DKIM data name a key file that is not there. kumod --validate fails for it, and while the server runs, signing mail of this domain fails.',
  'tree-dkim-key-unreadable':
    'The key file cannot be read, holds no private key in PEM form, or is protected by a pass phrase, which KumoMTA does not ask for. kumod --validate fails for it, and signing mail of this domain fails.',
  'tree-dkim-key-unseen':
    'The keys lie outside the tree, and this is not the machine where the tree will live, so nobody looked at them. A key that is missing on the server makes signing fail there.',
  'tree-duration-quoted':
    'A time is written as a text without a unit, like "60". KumoMTA takes a number of seconds, or a text with a unit; it refuses this one, and with it what the value belongs to.',
  'tree-edited':
    'The manifest of the tree says that the file was changed by hand after pmta2kumo wrote it, and the configuration has changed as well. The next conversion merges both, and stops where they do not go together.',
  'tree-endless-rule':
    'A rule of the automation fits the text that KumoMTA itself writes when the rule takes effect. Its own effect sets it off again, so the suspension or the bouncing does not end after its duration.',
  'tree-event-unknown':
    "A handler is registered for a name that is almost, but not quite, one of KumoMTA's events. KumoMTA takes any name and never calls the handler, so what it should do does not happen.",
  'tree-file-added':
    'The tree holds a file that the PowerMTA configuration does not convert to. That is right for files that somebody added on purpose.',
  'tree-file-lacking':
    'The PowerMTA configuration converts to a file that the tree does not have. It was removed, or the configuration came to need it after the tree was written.',
  'tree-file-missing':
    'The policy reads a file that should be in the tree and is not. Most of what reads it fails; where it is a shaping file, KumoMTA only writes to its journal and goes on without the limits in it.',
  'tree-file-outside':
    'The policy reads a file or a module that lies outside the tree. It was not checked, and what depends on it only in part.',
  'tree-file-shipped':
    'The policy reads a file that comes with KumoMTA, below /opt/kumomta/share. It was not looked into, since it differs between releases; nothing is wrong with that.',
  'tree-file-syntax':
    'The file is no valid TOML or JSON, or not UTF-8. What reads it fails: the policy does not load, or look-ups fail while the server runs, until the file is repaired.',
  'tree-file-unread':
    'The file could not be read on this machine, for instance because of its permissions. It was not checked, and what depends on it only in part.',
  'tree-hand-edits':
    'The manifest of the tree says that the file was changed by hand, and that the configuration still converts to what was written then. So the edits are the only difference, and the tree is as current as it can be with them; --strict asks for a tree without edits.',
  'tree-handler-failed':
    'The check asks the handlers what a server asks them: a queue, a path, a plain message from 127.0.0.1 to example.com, a login. A handler raised a Lua error; while mail comes in, KumoMTA answers 421 to that, so the client tries again and again.',
  'tree-handler-missing':
    'A queue names a constructor, or a log a filter, and no handler is registered under that name. When KumoMTA needs it there is nothing to call: mail of that queue is not delivered, and that log stays empty, because no answer counts as no.',
  'tree-handler-twice':
    'KumoMTA takes one handler of this event and refuses a second one when the policy is loaded. It does not start with this policy; the later handler does not replace the earlier one.',
  'tree-helper-order':
    'Handlers of get_queue_config are asked in the order in which they were registered, and the queue helper answers for every queue. What is registered after it is never asked, and kumod --validate fails.',
  'tree-kumod': 'kumod --validate refused the tree with this message. A server would most likely not start with it.',
  'tree-kumod-output': 'kumod --validate accepted the tree and printed this on the way. Nothing fails because of it.',
  'tree-limit':
    'The check stopped because the policy ran for too long or took too much memory, as with a loop that never ends. What comes after it was not checked, and on a server the same code would hold up mail.',
  'tree-limit-zero':
    'KumoMTA has no limit and no rate of 0, and refuses one: the policy does not load, or look-ups fail while the server runs. There is no word for unlimited either; a limit that should not hold needs a high number.',
  'tree-listener-key':
    'listener_domains.toml finds what a listener has of its own by the local address of the session, which is a real address even where the listener takes all of them. An entry for 0.0.0.0 is never found, so the general entries count.',
  'tree-loopback-host':
    'The mail is routed to this machine itself, and prohibited_hosts keeps KumoMTA from connecting there unless a block says otherwise. Each such message bounces with 550 5.4.4.',
  'tree-lua-error':
    'Running the policy raised an error that nothing catches. KumoMTA would stop at the same place and not start with this policy.',
  'tree-lua-syntax': 'Lua 5.4 does not understand the code. KumoMTA cannot load the file, nor anything that needs it.',
  'tree-missing-field':
    'A table lacks a field that KumoMTA needs. What reads it fails: the policy does not load, or look-ups fail while the server runs.',
  'tree-module-missing':
    'The policy requires a Lua module that is neither in the tree nor one that KumoMTA brings along. KumoMTA does not start with this policy.',
  'tree-name-unknown':
    'The policy uses a function or a method that KumoMTA does not have, or the DKIM data name a signature that has no block. The first is an error in Lua as soon as that line is reached, the second when the data are loaded.',
  'tree-needs-restart':
    'KumoMTA reads most data files again when they change, but the files named here only while it starts. A change of them has no effect until the next restart.',
  'tree-not-followed':
    'The policy goes on with an answer that only a running server has, such as one from DNS, HTTP or the environment, and could not be followed from there on. What comes later was not checked, so it may be right or wrong.',
  'tree-not-modelled':
    'The policy uses something that works on a server only, or that the check does not imitate. It is no fault; what follows from it was not checked.',
  'tree-not-monitored':
    'KumoMTA notices changes of files that its monitor patterns cover, and this file of the queue helper is not among them. A change takes effect later than expected, and kumod --validate fails.',
  'tree-null-mx':
    'The domain publishes a null MX record (RFC 7505), which says that it takes no mail. KumoMTA leaves out a block for it that has mx_rollup, so none of its settings counts.',
  'tree-pool-empty':
    'KumoMTA does not use a source with weight 0, and every source of the pool has it. Mail for the pool waits until it expires; that is right only where mail is to be held back.',
  'tree-pool-undefined':
    'A queue or a tenant names a pool that no file defines. KumoMTA does not fall back to another pool: it refuses mail for it with 421 when it comes in.',
  'tree-provider-overlap':
    'A block of a domain and a provider that matches the same domain both have settings. KumoMTA applies both, and where they say something about the same field, the block of the domain wins.',
  'tree-provider-unmatched':
    'A provider applies to the domains that its match list fits, and this one has no list. KumoMTA accepts it and never applies its settings.',
  'tree-proxy-incomplete':
    'KumoMTA uses a proxy only when both its server and its source address are set. With one of them it says nothing and connects directly, so mail leaves from an address of this server.',
  'tree-rate-misplaced':
    'overall_max_message_rate counts all queues of a tenant together and works in the block of a tenant only. In the block of a queue KumoMTA accepts it without a word, and nothing is limited.',
  'tree-regex-invalid':
    'The text is no regular expression that KumoMTA can read here; bounce rules, for instance, know no look-around. What holds it is refused: the policy or the file does not load.',
  'tree-regex-slashes':
    'The expression is written between slashes, as in PowerMTA. To KumoMTA the slashes are characters that have to be in the text, so the rule never matches a reply.',
  'tree-returned-nil':
    'A handler of get_queue_config returns an explicit nil. KumoMTA wants a queue configuration then and fails, so the queue has none; only a bare return passes the question on to the next handler.',
  'tree-set-config':
    'A rule of the automation sets a field that an egress path does not have, or to a value of another type. KumoMTA looks at it when it reads the file, and refuses the whole file.',
  'tree-set-due-ignored':
    'msg:set_due is called inside requeue_message, which KumoMTA does not provide for. The message is retried at the time that KumoMTA works out by itself.',
  'tree-setup-twice':
    'A helper, or the bounce classifier, is set up a second time. KumoMTA refuses that and does not start with this policy.',
  'tree-signature-unused':
    'A block of the DKIM data defines a signature that base.additional_signatures does not name. No message is signed with it, and kumod --validate fails.',
  'tree-single-label':
    'The block is named by a word without a dot. Often the quotes are missing: [gmail.com] is to TOML a table gmail with a table com inside, which is not the block of gmail.com.',
  'tree-site-shared':
    'Two blocks are for domains with the same MX hosts, which are one destination to KumoMTA. It merges the blocks, and for each field the last one wins, so one of the domains has settings of the other.',
  'tree-source-undefined':
    'A pool or a block of shaping.toml names a source that no file defines. Mail for such a pool is refused with 421; the settings of such a block count for nobody, and kumod --validate fails.',
  'tree-spool-missing':
    'KumoMTA keeps messages in two spools that have to be named data and meta, and the policy does not define both. It cannot take mail like that.',
  'tree-swallowed-key':
    'KumoMTA does not know the key, and ignores it without a word. What it should set keeps its default.',
  'tree-too-new':
    'The policy uses something that the release it is written for does not have yet. That release refuses it or does not know the name; see --target for the release that is meant.',
  'tree-unknown-field':
    'A table has a field that KumoMTA does not know, most likely a misspelling. KumoMTA refuses the table for it: the policy does not load, or look-ups fail while the server runs.',
  'tree-upper-case':
    'KumoMTA compares domains and host names in lower case, and this one is written with capital letters. It is never found, so the settings do not count.',
  'tree-wrong-place':
    'A call stands where KumoMTA does not provide for it: what belongs to the start of the server outside of init or pre_init, or kumo.on inside a handler. The top of the file runs again for every Lua context, not only at the start.',
  'type-held':
    'PowerMTA hands this mail to a file, a pipe or something else that KumoMTA has no queue type for. So that nothing is lost or sent elsewhere, it waits in a queue of its own until a person decides.',
  'value-invalid':
    'PowerMTA would not take this value for this directive. Nothing was converted from it, and the setting ends with the outcome invalid.',
  'value-tolerated':
    'The value is not written as in the manual, and its meaning is plain. PowerMTA may be stricter; then the line never did anything.',
  'work-around-needless':
    'The directive was made for clients, servers or attacks of its time. What it works around does not exist in KumoMTA, so that nothing has to be written.',
};
