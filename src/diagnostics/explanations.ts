import type { Code } from './catalogue';

/** Codes of `check`, whose messages say what is wrong in one place and not what it means. */
type TreeCode = Extract<Code, `tree-${string}`>;

/**
 * What a code means: the cause, and what happens if nothing is done. Every code of `check` has a text; of the others
 * those whose message and help do not say it all. Kept sorted by a test.
 */
export const EXPLANATIONS: Readonly<Record<TreeCode, string> & Partial<Record<Code, string>>> = {
  'address-range':
    'PowerMTA looks up which addresses of the range the host has when it starts; KumoMTA wants each source address written down. Nothing on this machine tells which addresses those are, so the virtual-mta has no source and its mail waits.',
  'auth-plain-tls':
    'PowerMTA offers several ways to log in, also without TLS. KumoMTA offers AUTH PLAIN only, and only once the session is encrypted, so clients that do it otherwise can no longer send.',
  'backoff-untriggered':
    'In PowerMTA a queue goes into backoff mode because of a reply that a pattern of its list fits. No such pattern is in reach of this line, so in practice the setting never counts.',
  'cold-list':
    'PowerMTA lets a new address send more from day to day. KumoMTA knows one daily rate, so the rate of one day is written for all days.',
  'directive-misplaced':
    'The directive exists, but PowerMTA gives it no meaning in this kind of block. The line ends with the outcome invalid, and the tree holds nothing of it.',
  'directive-repeated':
    'PowerMTA does not document which of two lines wins when a directive that has one value stands twice in a block. The last one was taken; if PowerMTA takes the first, the tree differs from what runs today.',
  'directive-unknown':
    'The name is in none of the PowerMTA guides. It may be a misspelling, a name from an invented example on the web, or one that is newer than the guides; the line ends with the outcome unknown.',
  'dkim-by-domain':
    "KumoMTA's DKIM helper looks at the domain of the From header only and does not sign for its subdomains. PowerMTA does both, so mail from a subdomain may leave unsigned; --dkim lua writes PowerMTA's rule instead.",
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
  'include-outside':
    'A configuration may come from somebody else, and messages quote lines of what it includes. So files are read from its own folder and from --root only, and where a link leads is what counts. An include of /etc/shadow or /proc/self/environ would otherwise end up on the screen or in a report.',
  'limit-zero':
    'What PowerMTA does with 0 is not documented, and KumoMTA has no limit of 0. It could mean no limit or no mail at all, so a person has to say which.',
  'mx-site-differs':
    'KumoMTA counts connections and messages for each group of domains with the same MX hosts, and PowerMTA for each domain. Two domains that share a group cannot have two values, so the stricter one holds for both.',
  'open-http':
    "Whoever may use KumoMTA's HTTP listener can inject mail and administer the server. PowerMTA's http-access lets everybody in here, so nothing is written without a decision.",
  'open-relay':
    'Anybody on the internet could send mail to any domain through this listener. Open relays are found within hours and their addresses are blocked, so nothing is written without a decision.',
  'open-relay-domain':
    'With this line anybody could send mail to any domain through the server. Open relays are found within hours and their addresses are blocked, so nothing is written without a decision.',
  'regex-untranslatable':
    "PowerMTA's patterns are Perl's, KumoMTA's are those of Rust, which lack some of it. A pattern that would match something else in KumoMTA is left out instead, so what it should react to is not noticed.",
  'relay-shared-queue':
    "KumoMTA's limits belong to where mail goes, not to whom it is for. Behind one relay all domains are one destination, so they share connections and rates.",
  'retry-after-expiry': 'A message expires before its first retry is due. A temporary refusal so ends as a bounce.',
  'scope-choice':
    "A setting stands both in a virtual-mta or pool and in a more general place, and PowerMTA's manual says only indirectly which one counts. If the other one does, mail may be sent faster than it is today.",
  'secret-in-file':
    'The password or key stands readable in the file. Whoever gets a copy of the file, for instance from a repository or a backup, can use it.',
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
};
