import type { Code } from './catalogue';

/**
 * How a code comes about that no lines of a file show: it takes a state of the disk, a tree, an option or a server. Every
 * code has a row here or in EXAMPLES. Kept sorted and complete by a test.
 */
export const SITUATIONS: Readonly<Partial<Record<Code, string>>> = {
  'control-character': 'a line that was copied out of a terminal and holds an escape byte in the middle of a name',
  'dkim-options-unread': 'clients send X-DKIM-Options, and every domain of the configuration has one domain-key',
  'edit-breaks-tree': 'a function in init.lua was renamed by hand, and the new conversion calls it in one more place',
  'edit-collision':
    'you put a pmta.lua of your own into the tree, and a virtual-mta chosen by pattern now needs a file of that name',
  'edit-conflict':
    "you set max_age to 3d in queues.toml, and bounce-after of the same domain has changed in PowerMTA's configuration",
  'edit-deleted':
    'you removed bounce_rules/10.toml from the tree, and a bounce-category-pattern was added to the configuration',
  'edit-secret': 'the password of an smtp-user is another one than the tree has in smtp_users.toml',
  'edit-unmergeable': 'shaping.toml of the tree was replaced by a link to a file elsewhere',
  'edit-unresolved': 'convert --conflicts mark was run, and the marks are still in queues.toml',
  'emitted-invalid': 'a name of the input brings forth a line of Lua that does not parse; no such input is known',
  encoding: 'a file saved on Windows, with a comment that holds an accented letter',
  'file-not-understood': 'a file on which the parser stops; no such file is known',
  'include-limit': 'include /etc/pmta/*, where one of the files is a link to a folder of archives',
  'include-not-a-file': 'include /etc/pmta/domains, where domains is a folder',
  'include-outside': 'include /etc/ssl/private/keys in a configuration that lies in /etc/pmta',
  'include-unreadable': 'the file belongs to root and has mode 0600, and the conversion runs as another user',
  'message-key-unknown': '{"from": "a@a.example", "rcpt": "b@b.example"}: the key is to, not rcpt',
  'message-too-long': 'a message whose headers hold a list of ten thousand recipients',
  'message-unreadable': '{"from": "a@a.example", to: "b@b.example"}: keys need quotes in JSON',
  'message-value': '{"peer": "localhost", "from": "a@a.example", "to": "b@b.example"}: peer is an address',
  'messages-given-up': '--messages names the mail log in place of a file of sample messages',
  'messages-too-many': "a day's accounting file was turned into sample messages, line by line",
  'mx-none': '--resolve-mx is given, and a domain of the configuration has expired',
  'mx-provider':
    '--mx-snapshot names a file in which forty domains with the same <domain> lines have the same MX hosts',
  'nesting-too-deep':
    'the closing tags of many <virtual-mta> blocks were lost, and each block stands inside the one before it',
  'not-text': 'CONFIG names the archive that holds the configuration',
  'options-file-unreadable': '--config-file ci/pmta2kumo.toml, and no such file is in the checkout',
  'tree-differs':
    'the configuration was changed after the tree was written: check --source names the files that would differ',
  'tree-edited': 'a limit was changed in shaping.toml by hand, and the configuration was changed as well',
  'tree-file-added': 'a file of your own, dashboards.lua, lies in the tree',
  'tree-file-lacking': 'queues.toml was deleted from the tree, and the configuration still asks for it',
  'tree-file-unread': 'a folder of the tree is a link that leads out of it',
  'tree-hand-edits':
    'a limit was changed in shaping.toml by hand, and the configuration is the one that the tree came from',
  'tree-kumod': 'check --kumod, and kumod --validate ends with an error',
  'tree-kumod-output': 'check --kumod, and kumod prints a warning about a file',
  'tree-provider-unmatched': '[provider."big"] in shaping.toml has limits and no match',
  'tree-set-due-ignored':
    'a handler calls msg:set_due and then gives the message to the queue helper, which schedules it anew',
};
