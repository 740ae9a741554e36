import { Counter, type CounterConfiguration, type Registry } from 'prom-client';

/** The counter of this name. A process has one registry, and may compose a service in it more than once. */
export function counterOf<Label extends string>(
  { name, help, labelNames = [] }: Pick<CounterConfiguration<Label>, 'name' | 'help' | 'labelNames'>,
  metrics: Registry,
): Counter<Label> {
  const known = metrics.getSingleMetric(name) as Counter<Label> | undefined;
  return known ?? new Counter({ name, help, labelNames, registers: [metrics] });
}
