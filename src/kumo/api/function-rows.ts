import { type FunctionRow, kumoFunctions } from './functions';
import { outsideFunctions } from './functions-outside';

/** Every function that KumoMTA has, by name. */
export const functionRows: ReadonlyMap<string, FunctionRow> = new Map(
  [...kumoFunctions, ...outsideFunctions].map((row) => [row.name, row]),
);
