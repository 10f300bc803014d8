// Brings Handlebars' global TemplateSpecification in, also where nothing imports Handlebars.
/// <reference types="handlebars" />

/** The version in package.json, put in by the build. */
declare const __VERSION__: string;

/** A template, compiled when the tool is built (scripts/hbs-plugin.mjs). */
declare module '*.hbs' {
  export const spec: TemplateSpecification;
}

/** A style or a bundled script as text, made when the tool is built (scripts/inline-plugin.mjs). */
declare module '*?inline' {
  export const text: string;
}
