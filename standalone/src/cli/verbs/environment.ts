import { describeEnvironment } from '@library/shared-kernel/service/environment';
import { table } from '../display';
import type { Verb } from '../verb';

/** What can be set from outside. */
export const ENVIRONMENT: readonly Verb[] = [
  {
    name: 'env',
    says: 'List the environment variables, each with its default and what is set here.',
    run: async (call) => {
      const variables = describeEnvironment().map(({ name, fallback, sentence }) => {
        const set = call.terminal.variables[name];
        return { name, default: fallback, ...(set === undefined ? {} : { set }), sentence };
      });
      return call.told(variables, (shown, paint) => {
        const rows = shown.map(({ name, default: fallback, set, sentence }) => [
          paint.strong(name),
          fallback,
          set,
          sentence,
        ]);
        return table(['variable', 'default', 'set', 'what it does'], rows, paint);
      });
    },
  },
];
