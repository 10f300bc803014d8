import { createHash } from 'node:crypto';
import Handlebars from 'handlebars/runtime';
import { spec as pageSpec } from '../../../templates/report/migration.html.hbs';
import { text as style } from '../../../templates/report/page.css?inline';
import { spec as placesSpec } from '../../../templates/report/places.html.hbs';
import { text as script } from '../page/main?inline';
import { jsonForScript, quoteHtml } from '../quote-html';
import type { ReportData } from './data-format';
import type { PageView } from './page-view';

const handlebars = Handlebars.create();

/** The one way of text into the page. */
handlebars.registerHelper('html', (text: string | number) => quoteHtml(String(text)));
/** Script and style of our own, and data that are quoted for their element; nothing else. */
handlebars.registerHelper('asset', ({ asset }: Asset) => asset);

interface Asset {
  readonly asset: string;
}

/** The same for every page. */
const fixed = { policy: pagePolicy(script, style), style: inElement(style), script: inElement(script) };

const template = handlebars.template<object>(pageSpec);
const partials = { places: handlebars.template<object>(placesSpec) };

/** The whole page. It loads nothing, and its policy lets no script or style run but its own. */
export function renderPage(view: PageView, data: ReportData): string {
  const all = { ...view, ...fixed, data: { asset: jsonForScript(data) } };
  return template(all, { allowProtoPropertiesByDefault: false, partials });
}

/** Content-Security-Policy of a page with this one script and this one style. */
export function pagePolicy(scriptText: string, styleText: string): string {
  return [
    "default-src 'none'",
    `script-src ${hashSource(scriptText)}`,
    `style-src ${hashSource(styleText)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Our own texts: one that would end its element is a mistake of ours. */
function inElement(text: string): Asset {
  if (/<\/(?:script|style)|<!--/i.test(text)) throw new Error('a script or style of the report would end its element');
  return { asset: text };
}
